import type { Modules } from '../runtime/builds.ts';
import { UsageError } from '../runtime/errors.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { type Answer, answerHead } from './answer.ts';
import type { ModelConfig } from './config.ts';
import type { Weights } from './network.ts';
import { type BatchLimits, edgesOf, featuresOf } from './network-plan.ts';
import { predict } from './predict.ts';
import { manyTexts, oneText, type Runner, runnerOf } from './runner.ts';

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

/** What warm() reads: the most frequent words, so often that engines compile for speed what they interpret at first. */
const WARM_WORDS = 100;
const WARM_RUNS = 3;

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
  #learnt: Learnt | undefined;
  /** Planned when they are first asked for. */
  #runner: Runner<Answer> | undefined;
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

  /** All parameters that are f32, in stored order. @internal */
  get weights(): Float32Array {
    return this.#trained().weights;
  }

  /** All parameters that are int8, likewise; none before quantize(). @internal */
  get quantised(): Int8Array {
    return this.#trained().quantised ?? new Int8Array();
  }

  /** Runs one text at a time. @internal */
  get runner(): Runner<Answer> {
    this.prepare();
    return this.#runner!;
  }

  /** Runs many texts at a time. @internal */
  get batchRunner(): Runner<Answer> {
    this.#batchRunner ??= this.#plan(manyTexts(this.config));
    return this.#batchRunner;
  }

  /**
   * Plans the network that predicts one text, which the first prediction would do else.
   * @throws DataError when a parameter holds a NaN or an infinity @internal
   */
  prepare(): void {
    this.#runner ??= this.#plan(oneText(this.config));
  }

  /**
   * Does now what the first predictions would else have to do: plans the network, copies parameters, makes the
   * vocabulary's index, and runs it all so often that the engine compiles it. For a worker that starts before its
   * first request comes: the first text of 100 words then takes 3.5 ms of the processor rather than 11 (embedding 128,
   * LSTM 256; measured), and warm() itself 21. It changes no result.
   * @throws UsageError before train() or load()
   * @example
   * const model = await load(bytes);
   * model.warm();
   */
  warm(): void {
    const { task, layers, maxLength } = this.config;
    const length = Math.min(WARM_WORDS, maxLength);
    const words = this.vocabulary.words.slice(0, length);
    const text = words.join(' ');
    const zeros = new Array<number>(featuresOf(layers)).fill(0);
    const values = Array.from({ length }, () => zeros);
    const edges = values.map((_, place) => [place, place + 1]);
    const graph = edgesOf(layers) > 0 && { ...(zeros.length > 0 ? { values } : { words }), edges };
    const input = graph || (zeros.length > 0 ? values : text);
    this.vocabulary.index();
    for (let run = 0; run < WARM_RUNS; run++) {
      if (task === 'classify' && !graph) predict(this, text);
      else for (const _ of this.runner.batches(this.runner.encode([input]))) this.runner.network.forward();
    }
  }

  /** Takes over what was learnt, which must stay as it is until something else is. @internal */
  adopt(learnt: Learnt): void {
    if (this.#learnt?.vocabulary !== learnt.vocabulary) {
      this.#runner = undefined;
      this.#batchRunner = undefined;
    }
    this.#learnt = learnt;
    this.#runner?.network.take(learnt);
    this.#batchRunner?.network.take(learnt);
  }

  #plan(limits: BatchLimits): Runner<Answer> {
    const learnt = this.#trained();
    const head = answerHead(this.config);
    const runner = runnerOf(this.modules.fast, this.config, learnt.vocabulary, limits, head);
    runner.network.take(learnt);
    return runner;
  }

  #trained() {
    if (this.#learnt) return this.#learnt;
    throw new UsageError('this model has learnt nothing yet', {
      cause: 'Call train() first, or load() a trained model.',
    });
  }
}
