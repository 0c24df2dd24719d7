import { describe, expect, test } from 'vitest';
import {
  createModel,
  dense,
  dropout,
  embedding,
  gradientFlow,
  gru,
  type LabelledText,
  type Layer,
  lstm,
  type Model,
  minGru,
  minLstm,
  pool,
  predict,
  quantize,
  rnn,
} from '../../src/index.ts';
import { listParameters } from '../../src/model/network-plan.ts';
import { encoderOf } from '../../src/text/encoder.ts';
import {
  gruStep,
  lstmStep,
  minGruStep,
  minLstmStep,
  rnnStep,
  type Step,
  walkCell,
} from '../reference/cells.ts';
import { lstmBackward, lstmForward, type Matrix } from '../reference/lstm.ts';
import { Tape } from '../reference/tape.ts';
import { LABELS, toyRows, trainedModel, trainOn } from '../support/models.ts';

// Of the largest norm. Measured: 6.3e-9.
const TOLERANCE = 1e-7;

const [E, H] = [6, 5];
const rows = toyRows(40);

async function lastStateModel(layer: Layer, maxLength = 12): Promise<Model> {
  const model = await createModel({
    labels: LABELS.slice(0, 2),
    maxLength,
    tokenizer: { buckets: 0, minCount: 1 },
    layers: [embedding({ size: E }), layer, pool(), dense({ units: 1 })],
  });
  await trainOn(model, rows, { epochs: 3 });
  return model;
}

/** A parameter of a model as a matrix. */
function matrixOf(model: Model, wanted: string): Matrix {
  let at = 0;
  for (const { name, shape, size } of listParameters(model.config.layers, model.vocabulary.tableRows)) {
    const values = [...model.weights.subarray(at, at + size)];
    at += size;
    const columns = shape[1] ?? size;
    if (name.endsWith(wanted))
      return Array.from({ length: size / columns }, (_, r) => values.slice(r * columns, (r + 1) * columns));
  }
  throw new Error(`there is no ${wanted}`);
}

/** The embeddings of a text's words. */
function wordsOf(model: Model, text: string): Matrix {
  const encoder = encoderOf(model.vocabulary, model.config.maxLength);
  const table = matrixOf(model, 'embedding.weight');
  const { types } = encoder.encode(text);
  return Array.from(types, (type) => table[encoder.bagIds[encoder.bagStart[type]]]);
}

/** ‖∂L/∂h_t‖ of a text, the loss behind the last state of the forward direction. */
function normsByTape(model: Model, { text, label }: LabelledText, step: Step): number[] {
  const tape = new Tape();
  const { layers } = model.config;
  const names = listParameters(layers, model.vocabulary.tableRows).flatMap(
    ({ name }) => name.match(/forward\.(\w+)$/)?.[1] ?? [],
  );
  const parameters = names.map((name) => [name, tape.variable(matrixOf(model, `forward.${name}`).flat())]);
  const x = wordsOf(model, text).map((word) => tape.variable(word));
  const P = (layers[1].options.projection as number | null | undefined) ?? H;
  const zeros = (count: number) => tape.variable(new Array(count).fill(0));
  const initial = { h: zeros(P), c: zeros(H) };
  const states = walkCell(tape, step, Object.fromEntries(parameters), x, initial, false);
  const dLogit = predict(model, text).probabilities.positive - Number(label === 'positive');
  const [output] = matrixOf(model, 'dense.weight');
  const last = states[states.length - 1].h;
  tape.differentiate([last], [output.slice(0, P).map((w) => w * dLogit)]);
  return states.map(({ h }) => Math.hypot(...h.gradient));
}

/** The same by the definition: one text after another in float64. */
function byTwin(model: Model, texts: readonly LabelledText[], direction: 'forward' | 'reverse') {
  const reverse = direction === 'reverse';
  const [output] = matrixOf(model, 'dense.weight');
  const parameters = {
    weightIH: matrixOf(model, `${direction}.weightIH`),
    weightHH: matrixOf(model, `${direction}.weightHH`),
    bias: matrixOf(model, `${direction}.bias`)[0],
  };
  const sums: number[] = [];
  const counts: number[] = [];
  const high = { input: 0, forget: 0, candidate: 0, output: 0 };
  let values = 0;
  for (const { text, label } of texts) {
    const x = wordsOf(model, text);
    const initial = [{ h: new Array(H).fill(0), c: new Array(H).fill(0) }];
    const steps = lstmForward([x], initial, parameters, reverse);
    const dLogit = predict(model, text).probabilities.positive - Number(label === 'positive');
    const own = output.slice(reverse ? H : 0, reverse ? 2 * H : H);
    const last = reverse ? 0 : x.length - 1;
    const dY = x.map((_, t) => own.map((w) => (t === last ? dLogit * w : 0)));
    const { states } = lstmBackward([x], initial, parameters, steps, [dY], reverse);
    states[0].forEach((state, t) => {
      const back = Math.abs(last - t);
      sums[back] = (sums[back] ?? 0) + Math.hypot(...state);
      counts[back] = (counts[back] ?? 0) + 1;
    });
    for (const { i, f, g, o } of steps[0]) {
      const over = (gate: number[]) => gate.filter((value) => value > 0.9).length;
      high.input += over(i);
      high.forget += over(f);
      high.candidate += over(g);
      high.output += over(o);
      values += H;
    }
  }
  const share = (count: number) => count / values;
  return {
    norms: sums.map((sum, back) => sum / counts[back]),
    high: Object.values(high).map(share),
  };
}

describe.each(['forward', 'reverse'] as const)('%s', (direction) => {
  test('norms and saturation are those of the float64 twin', async () => {
    const model = await lastStateModel(lstm({ size: H, bidirectional: direction === 'reverse' }));
    const { layers } = gradientFlow(model, rows, { batchSize: 16 });
    const layer = layers.find(({ name }) => name.endsWith(direction))!;
    const twin = byTwin(model, rows, direction);
    expect(layer.norms).toHaveLength(twin.norms.length);
    const error = Math.max(...layer.norms.map((norm, k) => Math.abs(norm - twin.norms[k])));
    expect(error / Math.max(...twin.norms)).toBeLessThan(TOLERANCE);
    const shares = Object.values(layer.gates).map(({ high }) => high);
    expect(shares).toEqual(twin.high);
    expect(Object.keys(layer.gates)).toEqual(['input', 'forget', 'candidate', 'output']);
  });
});

describe.each([
  ['rnn', rnn({ size: H }), rnnStep('tanh')],
  ['gru', gru({ size: H, bidirectional: true }), gruStep('after')],
  ['minGru', minGru({ size: H }), minGruStep],
  ['minLstm', minLstm({ size: H }), minLstmStep],
  ['lstm with peepholes', lstm({ size: H, peepholes: true }), lstmStep],
  ['lstm with projection', lstm({ size: H, projection: 3 }), lstmStep],
] as const)('%s', (_, layer, step) => {
  test('norms are those of the float64 twin', async () => {
    const model = await lastStateModel(layer);
    const { layers } = gradientFlow(model, rows);
    const sums = layers[0].norms.map(() => 0);
    const counts = [...sums];
    for (const row of rows) {
      const norms = normsByTape(model, row, step);
      for (const [back, norm] of norms.reverse().entries()) {
        sums[back] += norm;
        counts[back]++;
      }
    }
    const largest = Math.max(...layers[0].norms);
    for (const [back, norm] of layers[0].norms.entries()) {
      expect(Math.abs(norm - sums[back] / counts[back]) / largest).toBeLessThan(TOLERANCE);
    }
  });
});

test('each direction of each layer has its line, and batches of any size say nearly the same', async () => {
  const model = await trainedModel({ lstmLayers: 2 });
  const flow = gradientFlow(model, rows);
  expect(flow.layers.map(({ name }) => name)).toEqual([
    'layers.1.lstm.forward',
    'layers.1.lstm.reverse',
    'layers.2.lstm.forward',
    'layers.2.lstm.reverse',
  ]);
  const single = gradientFlow(model, rows, { batchSize: 1 });
  for (const [l, { norms }] of flow.layers.entries()) {
    norms.forEach((norm, k) => void expect(single.layers[l].norms[k]).toBeCloseTo(norm, 6));
  }
  expect(flow.rows).toBe(40);
});

test('what has all but vanished is right, too, beside texts that have just begun', async () => {
  // As large as training multiplies in another way, by which a number is rounded by the largest of its batch.
  const model = await lastStateModel(lstm({ size: 128, forgetBias: -1 }), 40);
  const text = (word: string, words: number) => new Array(words).fill(word).join(' ');
  const few = ['so', 'very', 'film', 'music', 'plot', 'good', 'bad', 'dull', 'great'].map((word) =>
    text(word, 6),
  );
  const mixed = [text('film', 40), ...few].map((text) => ({ text, label: 'positive' }));
  const norms = (batchSize: number) => gradientFlow(model, mixed, { batchSize }).layers[0].norms;
  const [together, alone] = [norms(10), norms(1)];
  expect(together).toHaveLength(40);
  expect(together[39]).toBeLessThan(1e-9 * together[0]);
  together.forEach((norm, k) => void expect(norm / alone[k]).toBeCloseTo(1, 5));
});

test('clipping is counted where the norm is over the limit', async () => {
  const model = await trainedModel();
  const { gradientNorm } = gradientFlow(model, rows, { batchSize: 8 });
  expect(gradientNorm.largest).toBeGreaterThan(gradientNorm.mean);
  const clipped = (clipNorm: number) => gradientFlow(model, rows, { batchSize: 8, clipNorm }).clipped;
  expect(clipped(gradientNorm.largest * 1.01)).toBe(0);
  expect(clipped(gradientNorm.largest * 0.99)).toBe(0.2); // one of five batches
  expect(clipped(1e-9)).toBe(1);
});

test('the model is as it was, and the same rows give the same numbers', async () => {
  const model = await trainedModel({ dropout: 0.5 });
  const before = model.weights.slice();
  expect(gradientFlow(model, rows)).toEqual(gradientFlow(model, rows));
  expect(model.weights).toEqual(before);
});

test('what cannot be looked into is refused', async () => {
  const layers = [embedding(), pool({ over: 'mean' }), dropout(), dense({ units: 1 })];
  const bag = await createModel({ labels: LABELS.slice(0, 2), layers });
  expect(() => gradientFlow(bag, rows)).toThrow('this model has learnt nothing yet');
  await trainOn(bag, rows, { epochs: 1 });
  expect(() => gradientFlow(bag, rows)).toThrow(
    'gradientFlow(): expected a model with a recurrent layer, such as lstm(), got embedding(), pool(), dropout(), dense()',
  );
  const model = await trainedModel();
  expect(() => gradientFlow(quantize(model), rows)).toThrow('has no gradients of a quantised model');
  expect(() => gradientFlow(model, [])).toThrow('there are no rows');
  expect(() => gradientFlow(model, rows, { clipNorm: 0 })).toThrow('gradientFlow clipNorm');
});
