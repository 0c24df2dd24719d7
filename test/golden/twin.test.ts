import { describe, expect, test } from 'vitest';
import { sigmoidCrossEntropy, softmaxCrossEntropy } from '../reference/loss.ts';
import type { Matrix, Vector } from '../reference/lstm.ts';
import { type Direction, type Layer, stackBackward, stackForward } from '../reference/network.ts';
import { adamDirection, addTimes } from '../reference/optim.ts';
import * as pool from '../reference/pool.ts';
import { relativeError } from '../support/arena.ts';
import { classifierFixture, type NamedParameters, type TrainingRun } from './fixture.ts';

// Of the largest element of each result. Measured: 9.3e-9, from the nine digits of the fixture.
const TOLERANCE = 2e-8;

const fixture = classifierFixture();
const { hidden: H } = fixture;
type Batch = (typeof fixture.batches)[0];
/** Parameters, or their gradients, by name; a vector is one row. */
type Rows = Record<string, Matrix>;

const isMatrix = (value: Vector | Matrix): value is Matrix => Array.isArray(value[0]);
const rowsOf = (named: NamedParameters): Rows =>
  Object.fromEntries(
    Object.entries(named).map(([name, value]) => [name, structuredClone(isMatrix(value) ? value : [value])]),
  );
const dot = (a: Vector, b: Vector) => a.reduce((sum, value, k) => sum + value * b[k], 0);
const transpose = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));
/** A·Bᵀ. */
const product = (a: Matrix, b: Matrix): Matrix => a.map((row) => b.map((column) => dot(row, column)));

const pools = {
  last: {
    forward: (x: Matrix[]) => pool.poolLastForward(x, H),
    backward: (x: Matrix[], dY: Matrix) => pool.poolLastBackward(x, dY, H),
  },
  mean: { forward: pool.poolMeanForward, backward: pool.poolMeanBackward },
  max: { forward: (x: Matrix[]) => pool.poolMaxForward(x).y, backward: pool.poolMaxBackward },
};

function lossOf(run: TrainingRun, logits: Matrix, { classes, binary }: Batch) {
  const ones = logits[0].map(() => 1);
  if (run.loss === 'sigmoid') {
    const targets = binary.map((label) => [label]);
    return sigmoidCrossEntropy(logits, targets, ones, ones, run.smoothing, 1 / targets.length);
  }
  const weights = run.classWeights ?? ones;
  const scale = 1 / classes.reduce((sum, label) => sum + weights[label], 0);
  return softmaxCrossEntropy(logits, classes, weights, run.smoothing, scale);
}

/** The loss of a batch and the gradient of every parameter. */
function gradientOf(run: TrainingRun, of: Rows, batch: Batch): { loss: number; gradient: Rows } {
  const { texts } = batch;
  const zeroState = () => ({ h: new Array<number>(H).fill(0), c: new Array<number>(H).fill(0) });
  const direction = (name: string): Direction => {
    const [weightIH, weightHH, [bias]] = ['weightIH', 'weightHH', 'bias'].map(
      (part) => of[`${name}.${part}`],
    );
    return { parameters: { weightIH, weightHH, bias }, initial: texts.map(zeroState) };
  };
  const layers = [0, 1].map((l): Layer => [direction(`lstm.${l}.forward`), direction(`lstm.${l}.reverse`)]);

  const x = texts.map((ids) => ids.map((id) => of['embedding.weight'][id]));
  const traces = stackForward(x, layers);
  const y = traces[1].y;
  const pooled = pools[run.pooling].forward(y);
  const logits = product(pooled, of['dense.weight']).map((row) =>
    row.map((z, k) => z + of['dense.bias'][0][k]),
  );
  const { loss, dLogits } = lossOf(run, logits, batch);

  const dPooled = product(dLogits, transpose(of['dense.weight']));
  const back = stackBackward(layers, traces, pools[run.pooling].backward(y, dPooled));
  const dEmbedding = of['embedding.weight'].map((row) => row.map(() => 0));
  texts.forEach((ids, b) => {
    ids.forEach((id, t) => {
      back.x[b][t].forEach((value, k) => {
        dEmbedding[id][k] += value;
      });
    });
  });
  const gradient: Rows = {
    'embedding.weight': dEmbedding,
    'dense.weight': product(transpose(dLogits), transpose(pooled)),
    'dense.bias': [transpose(dLogits).map((column) => column.reduce((sum, value) => sum + value, 0))],
  };
  back.layers.forEach((layer, l) => {
    layer.forEach(({ parameters }, d) => {
      const name = `lstm.${l}.${['forward', 'reverse'][d]}`;
      gradient[`${name}.weightIH`] = parameters.weightIH;
      gradient[`${name}.weightHH`] = parameters.weightHH;
      gradient[`${name}.bias`] = [parameters.bias];
    });
  });
  return { loss, gradient };
}

/** Moves the parameters at each call; Adam leaves embeddings that are not in the batch alone. */
function optimizerOf(run: TrainingRun, parameters: Rows): (gradient: Rows, batch: Batch) => void {
  const zeros = (): Rows =>
    Object.fromEntries(
      Object.entries(parameters).map(([name, rows]) => [name, rows.map((row) => row.map(() => 0))]),
    );
  const [expAvg, expAvgSq] = [zeros(), zeros()];
  const { learningRate } = run;
  let t = 0;
  return (gradient, { texts }) => {
    t++;
    for (const [name, rows] of Object.entries(parameters)) {
      rows.forEach((row, r) => {
        if (run.optimizer === 'sgd') {
          addTimes(row, gradient[name][r], -learningRate);
        } else if (name !== 'embedding.weight' || texts.flat().includes(r)) {
          const options = { beta1: 0.9, beta2: 0.999, epsilon: run.epsilon! };
          const direction = [...gradient[name][r]];
          adamDirection(direction, expAvg[name][r], expAvgSq[name][r], options, t);
          addTimes(row, direction, -learningRate);
        }
      });
    }
  };
}

describe('the float64 twins, put together, train as PyTorch does', () => {
  test.each(fixture.runs)('$name', (run) => {
    const { weight, bias } = fixture.binaryDense;
    const head = run.loss === 'sigmoid' ? { 'dense.weight': weight, 'dense.bias': bias } : {};
    const parameters = rowsOf({ ...fixture.initial, ...head });
    const step = optimizerOf(run, parameters);
    const near = (actual: Rows, expected: Rows) => {
      for (const [name, rows] of Object.entries(expected))
        expect(relativeError(actual[name].flat(), rows.flat())).toBeLessThan(TOLERANCE);
    };

    const losses = run.losses.map((_, s) => {
      const batch = fixture.batches[s % 2];
      const { loss, gradient } = gradientOf(run, parameters, batch);
      if (s === 0) near(gradient, rowsOf(run.gradient));
      step(gradient, batch);
      return loss;
    });
    expect(relativeError(losses, run.losses)).toBeLessThan(TOLERANCE);
    near(parameters, rowsOf(run.final));
  });
});
