import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Corpus } from '../../src/data/dataset.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { type ModelConfig, modelConfig } from '../../src/model/config.ts';
import { listParameters } from '../../src/model/network-plan.ts';
import { type Targets, targetsOf } from '../../src/model/targets.ts';
import { encoderOf } from '../../src/text/encoder.ts';
import { tokenizerOptions } from '../../src/text/options.ts';
import { vocabularyFrom } from '../../src/text/vocabulary.ts';
import { wordListOf } from '../../src/text/word-list.ts';
import type { Optimizer } from '../../src/train/optimizer.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { sgd } from '../../src/train/optimizers/sgd.ts';
import { type Trainer, trainerOf } from '../../src/train/trainer.ts';
import { relativeError } from '../support/arena.ts';
import { looking, trainerOptions, wholeBatch } from '../support/trainers.ts';
import { classifierFixture, type NamedParameters, type TrainingRun } from './fixture.ts';

// Of the largest element of each result. Measured: 8.2e-8, 4.7e-7, 2.3e-7.
const TOLERANCE = { loss: 2e-7, gradient: 1e-6, final: 5e-7 };

const fixture = classifierFixture();
type Batch = (typeof fixture.batches)[0];

const module = new WebAssembly.Module(readFileSync(new URL('../../build/gatelet.wasm', import.meta.url)));
/** As many words as make the table's rows those of the fixture; the ids stand for themselves. */
const tokenizer = tokenizerOptions({ buckets: 0 });
const words = Array.from({ length: fixture.vocabulary - 2 }, (_, i) => `word${i}`);
const vocabulary = vocabularyFrom(wordListOf(words.join('\n')), tokenizer);
const bags = encoderOf(vocabulary, 10);

const NAMES: Record<string, string> = {
  'layers.0.embedding': 'embedding',
  'layers.1.lstm': 'lstm.0',
  'layers.2.lstm': 'lstm.1',
  'layers.4.dense': 'dense',
};
/** What PyTorch's numbers are called in the fixture. */
const fixtureName = (name: string) => name.replace(/^layers\.\d\.[a-z]+/, (layer) => NAMES[layer]);

function configOf({ loss, pooling }: TrainingRun): ModelConfig {
  const labels = loss === 'sigmoid' ? ['no', 'yes'] : ['a', 'b', 'c'];
  const recurrent = () => lstm({ size: fixture.hidden, bidirectional: true });
  const layers = [
    embedding({ size: fixture.embedding }),
    recurrent(),
    recurrent(),
    pool({ over: pooling }),
    dense({ units: loss === 'sigmoid' ? 1 : 3 }),
  ];
  return modelConfig({ labels, layers, maxLength: 10, tokenizer: { buckets: 0 } });
}

function corpusOf({ texts }: Batch): Corpus {
  const starts = [0];
  for (const ids of texts) starts.push(starts[starts.length - 1] + ids.length);
  return {
    numRows: texts.length,
    tokens: Int32Array.from(texts.flat()),
    starts: Int32Array.from(starts),
    bags,
    subwords: new Int32Array(0),
    truncated: new Uint8Array(texts.length),
  };
}

function targetsIn(config: ModelConfig, { texts, classes, binary }: Batch): Targets {
  const numbers = config.labels.length === 2 ? binary : classes;
  return targetsOf(
    config,
    texts.map((_, row) => ({ text: '', label: config.labels[numbers[row]] })),
  );
}

describe('a network on the kernels trains as PyTorch does', () => {
  test.each(fixture.runs)('$name', (run) => {
    const { learningRate, epsilon } = run;
    const config = configOf(run);
    const parameters = listParameters(config.layers, vocabulary.tableRows);
    const byName = (flat: Float32Array) => {
      let rest = flat;
      return Object.fromEntries(
        parameters.map(({ name, size }) => {
          const own = rest.slice(0, size);
          rest = rest.subarray(size);
          return [fixtureName(name), own];
        }),
      );
    };
    const objective = {
      labelSmoothing: run.smoothing,
      mixup: 0,
      classWeights: run.classWeights ?? config.labels.map(() => 1),
    };
    const trainerWith = (optimizer: Optimizer) =>
      trainerOf(
        module,
        config,
        vocabulary,
        { maxSequences: 5, maxRows: 20 },
        trainerOptions(config, { optimizer, objective }),
      );
    const { weight, bias } = fixture.binaryDense;
    const head = run.loss === 'sigmoid' ? { 'dense.weight': weight, 'dense.bias': bias } : {};
    const initial: NamedParameters = { ...fixture.initial, ...head };
    const start = parameters.flatMap(({ name }) => initial[fixtureName(name)].flat());
    const step = (trainer: Trainer, s: number) => {
      const batch = fixture.batches[s % 2];
      return trainer.step(wholeBatch(corpusOf(batch), targetsIn(config, batch)), s + 1, learningRate).loss;
    };

    const first = trainerWith(looking);
    first.network.weights.set(start);
    step(first, 0);
    const trainer = trainerWith(
      run.optimizer === 'sgd' ? sgd({ learningRate }) : adam({ learningRate, epsilon: epsilon! }),
    );
    trainer.network.weights.set(start);

    const losses = run.losses.map((_, s) => step(trainer, s));

    const error = (actual: Record<string, Float32Array>, expected: NamedParameters) => {
      expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
      return Math.max(
        ...Object.entries(expected).map(([name, value]) => relativeError(actual[name], value.flat())),
      );
    };
    expect(relativeError(losses, run.losses)).toBeLessThan(TOLERANCE.loss);
    expect(error(byName(first.moments), run.gradient)).toBeLessThan(TOLERANCE.gradient);
    expect(error(byName(trainer.network.weights), run.final)).toBeLessThan(TOLERANCE.final);
  });
});
