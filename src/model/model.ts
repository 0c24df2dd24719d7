import type { Modules } from '../runtime/builds.ts';
import { UsageError } from '../runtime/errors.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { type Answer, answerHead } from './answer.ts';
import type { ModelConfig } from './config.ts';
import type { BatchLimits } from './network-plan.ts';
import { manyTexts, oneText, Runner, type Weights } from './runner.ts';

/** How a model came to be; kept in its file. No times: equal trainings give equal files. */
export interface TrainingFacts {
  readonly epochs: number;
  readonly steps: number;
  /** Rows trained on, without those held back for validation. */
  readonly rows: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly validation?: { readonly rows: number; readonly loss: number; readonly accuracy: number };
  readonly optimizer: string;
}

/** What a model has learnt. */
export interface Learnt extends Weights {
  readonly vocabulary: Vocabulary;
  readonly facts: TrainingFacts;
}

/**
 * A text model: what it is made of, and after training or loading what it has learnt. Made by
 * createModel(), textClassifier() or load(); worked with by train(), evaluate(), predict(), save().
 */
export class Model {
  readonly config: ModelConfig;
  /** The compiled kernels. @internal */
  readonly modules: Modules;
  #learnt:
    | { readonly vocabulary: Vocabulary; facts: TrainingFacts; readonly runner: Runner<Answer> }
    | undefined;
  #batchRunner: Runner<Answer> | undefined;

  /** @internal */
  constructor(config: ModelConfig, modules: Modules) {
    this.config = config;
    this.modules = modules;
  }

  /** Whether it has been trained or loaded. */
  get isTrained(): boolean {
    return this.#learnt !== undefined;
  }

  /** @throws UsageError before train() or load() */
  get vocabulary(): Vocabulary {
    return this.#trained().vocabulary;
  }

  /** @throws UsageError before train() or load() */
  get facts(): TrainingFacts {
    return this.#trained().facts;
  }

  /** Runs one text at a time. @internal */
  get runner(): Runner<Answer> {
    return this.#trained().runner;
  }

  /** All parameters that are f32, in stored order: the very memory that predictions read. @internal */
  get weights(): Float32Array {
    return this.#trained().runner.network.weights;
  }

  /** All parameters that are int8, likewise; none before quantize(). @internal */
  get quantised(): Int8Array {
    return this.#trained().runner.network.quantised;
  }

  /** Runs many texts at a time; planned when it is first asked for. @internal */
  get batchRunner(): Runner<Answer> {
    if (!this.#batchRunner) {
      this.#batchRunner = this.#plan(this.vocabulary, manyTexts(this.config));
      this.#batchRunner.update(this);
    }
    return this.#batchRunner;
  }

  /** Takes over what was learnt. @internal */
  adopt(learnt: Learnt): void {
    const { vocabulary, facts } = learnt;
    if (this.#learnt?.vocabulary !== vocabulary) {
      this.#learnt = { vocabulary, facts, runner: this.#plan(vocabulary, oneText(this.config)) };
      this.#batchRunner = undefined;
    }
    this.#learnt.facts = facts;
    this.#learnt.runner.update(learnt);
    this.#batchRunner?.update(learnt);
  }

  #plan(vocabulary: Vocabulary, limits: BatchLimits): Runner<Answer> {
    return new Runner(this.modules.fast, this.config, vocabulary, limits, answerHead(this.config));
  }

  #trained() {
    if (this.#learnt) return this.#learnt;
    throw new UsageError('this model has learnt nothing yet', {
      cause: 'Call train() first, or load() a trained model.',
    });
  }
}
