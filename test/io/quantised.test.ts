import { describe, expect, test } from 'vitest';
import { loadCheckpoint } from '../../src/io/checkpoint.ts';
import { load } from '../../src/io/load.ts';
import { decodeSafetensors, type TensorBytes } from '../../src/io/safetensors.ts';
import { save } from '../../src/io/save.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { quantize } from '../../src/model/quantize.ts';
import { DataError } from '../../src/runtime/errors.ts';
import { testNumbers } from '../support/arena.ts';
import { changed, changedJson } from '../support/files.ts';
import { toyRows, trainedModel } from '../support/models.ts';

const model = await trainedModel({ embedding: 64, lstm: 32, labels: ['negative', 'positive', 'neutral'] });
const small = quantize(model);
const bytes = save(small);
const texts = [...toyRows(10, { seed: 5 }).map(({ text }) => text), '', 'unheard'];
const WEIGHT = 'layers.1.lstm.forward.weightHH';
const SCALES = `${WEIGHT}.scales`;

const withTensor = (name: string, change: (tensor: TensorBytes) => void) =>
  changed(bytes, ({ tensors }) => change(tensors.get(name)!));
const withScale = (value: number) =>
  withTensor(SCALES, (tensor) => {
    tensor.data = tensor.data.slice();
    new DataView(tensor.data.buffer).setFloat32(8, value, true);
  });
const withModel = (patch: object) => changedJson(bytes, 'model', (value) => Object.assign(value, patch));

describe('the file of a quantised model', () => {
  test('comes back with every bit', async () => {
    const same = await load(bytes);
    expect(same.config.weights).toBe('i8');
    expect(predictAll(same, texts)).toEqual(predictAll(small, texts));
    expect(save(same)).toEqual(bytes);
  });

  test('holds int8 matrices with a scale a row, f32 biases, and is some quarter of the size', () => {
    const { tensors } = decodeSafetensors(bytes);
    const { tensors: full } = decodeSafetensors(save(model));
    const sizeOf = (all: typeof tensors) =>
      [...all].reduce((sum, [name, { data }]) => sum + (name === 'vocabulary' ? 0 : data.length), 0);
    expect(sizeOf(tensors) / sizeOf(full)).toBeLessThan(0.28);
    for (const [name, { shape }] of full) {
      if (name === 'vocabulary') continue;
      expect(tensors.get(name)).toMatchObject({ dtype: shape.length === 2 ? 'I8' : 'F32', shape });
      if (shape.length === 2)
        expect(tensors.get(`${name}.scales`)).toMatchObject({ dtype: 'F32', shape: [shape[0]] });
    }
    expect([...tensors.values()].map(({ dtype }) => dtype).join(' ')).toMatch(/^(F32 )+(I8 )+U8$/);
  });

  test('tells a file of f32 weights nothing new', () => {
    expect(decodeSafetensors(save(model)).metadata.model).not.toContain('weights');
  });
});

describe('refuses', () => {
  test.each<[string, () => Uint8Array, RegExp]>([
    ['f32 where int8 belongs', () => changed(save(model), retell), /no tensor|is F32, not I8/],
    ['int8 where f32 belongs', () => withModel({ weights: 'f32' }), /is I8, not F32/],
    ['weights of another kind', () => withModel({ weights: 'i4' }), /its weights are "i4"/],
    ['weights U8', () => withTensor(WEIGHT, (t) => Object.assign(t, { dtype: 'U8' })), /is U8, not I8/],
    ['weights turned over', () => withTensor(WEIGHT, ({ shape }) => shape.reverse()), /its layers need/],
    ['scales I32', () => withTensor(SCALES, (t) => Object.assign(t, { dtype: 'I32' })), /is I32, not F32/],
    ['scales of a column', () => withTensor(SCALES, ({ shape }) => shape.push(1)), /its layers need \[128\]/],
    ['no scales', () => changed(bytes, ({ tensors }) => tensors.delete(SCALES)), /no tensor .*scales/],
    ['a scale of zero', () => withScale(0), /holds 0 in place 2: a scale is above zero/],
    ['a scale of minus zero', () => withScale(-0), /a scale is above zero/],
    ['a scale below zero', () => withScale(-0.5), /holds -0.5 in place 2/],
    ['a scale without end', () => withScale(Number.POSITIVE_INFINITY), /holds Infinity in place 2/],
    ['a scale that is no number', () => withScale(Number.NaN), /holds NaN in place 2/],
  ])('%s', async (_, make, message) => {
    const given = make();
    await expect(load(given)).rejects.toThrow(DataError);
    await expect(load(given)).rejects.toThrow(message);
  });

  test('a checkpoint with int8 weights', async () => {
    const given = changed(bytes, ({ metadata }) => {
      metadata.checkpoint = '{}';
    });
    await expect(loadCheckpoint(given)).rejects.toThrow('a checkpoint cannot have int8 weights');
  });

  test('or loads whatever the numbers are', async () => {
    const { int } = testNumbers(11);
    for (let round = 0; round < 100; round++) {
      const mutant = bytes.slice();
      for (let edits = 0; edits < 50; edits++) mutant[mutant.length - 1 - int(mutant.length >> 1)] = int(256);
      const loaded = await load(mutant).catch((error: unknown) => error);
      if (loaded instanceof Error) expect(loaded).toBeInstanceOf(DataError);
      else expect(predict(loaded as typeof small, 'a lovely film').probability).toBeLessThanOrEqual(1);
    }
  });
});

/** Says of f32 weights that they are int8. */
function retell({ metadata }: { metadata: Record<string, string> }): void {
  metadata.model = JSON.stringify({ ...JSON.parse(metadata.model), weights: 'i8' });
}
