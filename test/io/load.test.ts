import { describe, expect, test } from 'vitest';
import { load } from '../../src/io/load.ts';
import type { TensorBytes } from '../../src/io/safetensors.ts';
import { save } from '../../src/io/save.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { loadModules } from '../../src/runtime/builds.ts';
import { DataError } from '../../src/runtime/errors.ts';
import { train } from '../../src/train/train.ts';
import { cpuMs } from '../support/cpu.ts';
import { changed, changedJson } from '../support/files.ts';
import { toyRows, trainedModel } from '../support/models.ts';

const model = await trainedModel({ labels: ['negative', 'positive', 'neutral'], dropout: 0.1 });
const bytes = save(model);
const texts = [...toyRows(10, { seed: 5 }).map(({ text }) => text), '', 'unheard'];
const TABLE = 'layers.0.embedding.weight';
const WEIGHT = 'layers.2.lstm.reverse.weightHH';
const LSTM = 2;

const withMetadata = (patch: object) => changed(bytes, ({ metadata }) => Object.assign(metadata, patch));
const withoutMetadata = (name: string) => changed(bytes, ({ metadata }) => delete metadata[name]);
const withModel = (patch: object) => changedJson(bytes, 'model', (value) => Object.assign(value, patch));
const withTraining = (patch: object) =>
  changedJson(bytes, 'training', (value) => Object.assign(value, patch));
const withTokenizer = (patch: object) =>
  changedJson(bytes, 'model', ({ tokenizer }) => Object.assign(tokenizer, patch));
const withLayer = (patch: object) =>
  changedJson(bytes, 'model', ({ layers }) => Object.assign(layers[LSTM], patch));
const withOption = (patch: object) =>
  changedJson(bytes, 'model', ({ layers }) => Object.assign(layers[LSTM].options, patch));
/** The stored configuration as text, with one piece of it replaced. */
const withText = (from: string, to: string) =>
  changed(bytes, ({ metadata }) => {
    expect(metadata.model).toContain(from);
    metadata.model = metadata.model.replace(from, to);
  });
const withTensor = (name: string, change: (tensor: TensorBytes) => void) =>
  changed(bytes, ({ tensors }) => change(tensors.get(name)!));
const withData = (name: string, change: (data: Uint8Array) => void) =>
  withTensor(name, (tensor) => {
    tensor.data = tensor.data.slice();
    change(tensor.data);
  });
const without = (name: string) => changed(bytes, ({ tensors }) => tensors.delete(name));

describe('reads', () => {
  test('a Buffer, a view at an odd place, and bytes with unaligned data', async () => {
    const padded = new Uint8Array(bytes.length + 3);
    padded.set(bytes, 3);
    const unaligned = changed(bytes, ({ tensors }) => {
      const all = [...tensors];
      tensors.clear();
      tensors.set('odd', { dtype: 'U8', shape: [3], data: new Uint8Array(3) });
      for (const [name, tensor] of all) tensors.set(name, tensor);
    });
    for (const given of [Buffer.from(bytes), padded.subarray(3), unaligned]) {
      expect(predictAll(await load(given), texts)).toEqual(predictAll(model, texts));
    }
  });

  test('tensors in any order', async () => {
    const turned = changed(bytes, ({ tensors }) => {
      const all = [...tensors].reverse();
      tensors.clear();
      for (const [name, tensor] of all) tensors.set(name, tensor);
    });
    expect(predictAll(await load(turned), texts)).toEqual(predictAll(model, texts));
  });
});

/** What is wrong, the bytes, what the error says. */
type Case = [string, () => unknown, RegExp];

describe('refuses', () => {
  test.each<Case>([
    ['nothing', () => new Uint8Array(0), /is empty/],
    ['text', () => new TextEncoder().encode('a joy to watch'), /not a safetensors file: got a text file/],
    ['a path', () => 'mood.safetensors', /expected the bytes of a model file/],
    ['an ArrayBuffer', () => bytes.buffer, /expected the bytes of a model file/],
    ['half of it', () => bytes.subarray(0, bytes.length / 2), /cut short/],
    ['all but the last byte', () => bytes.subarray(0, -1), /cut short/],
    ['a byte more', () => new Uint8Array([...bytes, 0]), /bytes of data/],
    ['a file of others', () => withMetadata({ format: 'pt' }), /not a gatelet model: .* got format "pt"/],
    ['a file without a format', () => withoutMetadata('format'), /not a gatelet model/],
    ['a newer version', () => withMetadata({ version: '2' }), /version "2".*nother version of gatelet/],
    ['no version', () => withoutMetadata('version'), /version/],
    ['no configuration', () => withoutMetadata('model'), /its model facts are not JSON/],
    ['a configuration that is a list', () => withMetadata({ model: '[]' }), /not an object/],
    ['no training facts', () => withoutMetadata('training'), /its training facts are not JSON/],
    ['epochs in words', () => withTraining({ epochs: 'ten' }), /its training facts are not in order/],
    ['a loss of text', () => withTraining({ loss: '0.5' }), /not in order/],
    ['a validation that is none', () => withTraining({ validation: 3 }), /not in order/],
  ])('%s', refuses);

  test.each<Case>([
    ['other gates', () => withModel({ gateOrder: 'ifog' }), /gates are in the order "ifog"/],
    ['an unknown option', () => withModel({ secret: 1 }), /has no option 'secret'/],
    ['labels that repeat', () => withModel({ labels: ['a', 'b', 'a'] }), /there twice/],
    ['a label too few', () => withModel({ labels: ['a', 'b'] }), /the last layer: expected dense/],
    ['labels that are no list', () => withModel({ labels: { length: 3 } }), /labels: expected a list/],
    ['a maxLength beyond measure', () => withModel({ maxLength: 1e9 }), /maxLength: expected a whole number/],
    ['a fraction of buckets', () => withTokenizer({ buckets: 0.5 }), /"buckets"/],
    ['too many buckets for the table', () => withTokenizer({ buckets: 9_999_999 }), /its layers need \[1000/],
    ['a count of words that is wrong', () => withModel({ words: 1 }), /its layers need|expected 1 words/],
    ['no count of words', () => withModel({ words: null }), /how many words/],
    ['nesting without end', () => withText('"ifgo"', '['.repeat(1e5) + ']'.repeat(1e5)), /nested too deep/],
  ])('a configuration with %s', refuses);

  test.each<Case>([
    ['layers that are no list', () => withModel({ layers: 'lstm' }), /its layers are not a list/],
    ['no layers', () => withModel({ layers: [] }), /the last layer: .* got no layers/],
    ['too many layers', () => withModel({ layers: Array(1001).fill({ kind: 'dropout' }) }), /not a list/],
    ['a layer that is null', () => withModel({ layers: [null] }), /layer of kind nothing/],
    ['a layer that is text', () => withModel({ layers: ['lstm'] }), /layer of kind nothing/],
    ['another order', () => withModel({ layers: [{ kind: 'lstm' }] }), /Put an embedding\(\) layer first/],
    [
      'an unknown kind',
      () => withLayer({ kind: 'perceptron' }),
      /layer of kind "perceptron": expected embedding, lstm/,
    ],
    ['the kind __proto__', () => withLayer({ kind: '__proto__' }), /layer of kind "__proto__"/],
    ['the kind constructor', () => withLayer({ kind: 'constructor' }), /layer of kind "constructor"/],
    ['the kind hasOwnProperty', () => withLayer({ kind: 'hasOwnProperty' }), /layer of kind/],
    ['a kind that is a list', () => withLayer({ kind: ['lstm'] }), /layer of kind \["lstm"\]/],
    ['a kind that will not be text', () => withLayer({ kind: { toString: 1 } }), /layer of kind/],
    ['options that are null', () => withLayer({ options: null }), /lstm\(\): expected an object of options/],
    [
      'options that are text',
      () => withLayer({ options: 'size' }),
      /lstm\(\): expected an object of options/,
    ],
    ['an unknown option', () => withOption({ peephole: true }), /lstm\(\) has no option 'peephole'/],
    ['the option constructor', () => withOption({ constructor: 1 }), /no option 'constructor'/],
    ['the option __proto__', () => withText('"size":5', '"__proto__":{"size":5}'), /no option '__proto__'/],
    ['another size', () => withOption({ size: 6 }), /its layers need/],
    ['a size beyond measure', () => withOption({ size: 1e9 }), /lstm size: expected a whole number/],
    ['another direction', () => withOption({ bidirectional: false }), /its layers need/],
  ])('layers with %s', refuses);

  test.each<Case>([
    ['a parameter missing', () => without('layers.2.lstm.reverse.bias'), /no tensor "layers\.2\.lstm\.rev/],
    ['no vocabulary', () => without('vocabulary'), /no tensor "vocabulary"/],
    ['one turned over', () => withTensor(TABLE, ({ shape }) => shape.reverse()), /its layers need/],
    ['a dimension more', () => withTensor(TABLE, ({ shape }) => shape.push(1)), /its layers need/],
    [
      'integers',
      () => withTensor(TABLE, (table) => Object.assign(table, { dtype: 'I32' })),
      /is I32, not F32/,
    ],
    ['a NaN', () => withData(WEIGHT, (data) => data.fill(0xff, 40, 44)), /holds NaN in place 10/],
    ['words that are not UTF-8', () => withData('vocabulary', (data) => data.fill(0xff, 0, 1)), /not UTF-8/],
    [
      'a word of no letters',
      () => withData('vocabulary', (data) => data.fill(10, 0, 1)),
      /is empty|expected \d+ words/,
    ],
  ])('tensors with %s', refuses);

  test('a file that asks for more memory than it may have, before it has it', async () => {
    const greedy = withModel({ maxLength: 65_536 });
    await expect(load(greedy, { maxBytes: 2 ** 20 })).rejects.toThrow(
      /too much memory: expected at most 1 MiB, got \d+ MiB\. .*maxBytes/,
    );
    const before = process.memoryUsage();
    await expect(load(greedy, { maxBytes: 16 * 2 ** 20 })).rejects.toThrow(DataError);
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(2 ** 20);
    expect((await load(greedy)).config.maxLength).toBe(65_536);
  });

  test('labels by the million in good time', async () => {
    const start = cpuMs();
    const many = withModel({ labels: Array.from({ length: 300_000 }, (_, i) => String(i)) });
    await expect(load(many)).rejects.toThrow(/the last layer/);
    expect(cpuMs() - start).toBeLessThan(3000);
  });

  test('every kind of file in few words', async () => {
    const x = 'x'.repeat(100_000);
    for (const long of [withLayer({ kind: x }), withOption({ [x]: 1 }), withModel({ labels: [x, x, x] })]) {
      const error = await load(long).catch((error: Error) => error);
      expect((error as Error).message.length).toBeLessThan(500);
    }
    const model = await load(withModel({ labels: [x, `${x}y`, `${x}z`] }));
    expect(() => train(model, toyRows(2))).toThrow(/^(?=.{1,400}$)/);
  });
});

test('a number that is none in a row of the embedding is found when a text shows it', async () => {
  const [other, word] = model.vocabulary.words;
  const place = 6 * model.vocabulary.rowOf(word)!;
  const broken = await load(
    withData(TABLE, (data) => new DataView(data.buffer).setFloat32(4 * place, Number.NaN, true)),
  );
  const message = `${TABLE} holds NaN in place ${place}`;
  expect(predict(broken, other)).toEqual(predict(model, other));
  for (let i = 0; i < 2; i++) expect(() => predict(broken, word)).toThrow(message);
  expect(() => predictAll(broken, [other, word])).toThrow(DataError);
  expect(predict(broken, other)).toEqual(predict(model, other));
});

async function refuses(_: string, make: () => unknown, message: RegExp): Promise<void> {
  const given = make() as Uint8Array;
  await expect(load(given)).rejects.toThrow(DataError);
  await expect(load(given)).rejects.toThrow(message);
}

test('an answer that is no number is an error, not an answer', async () => {
  const filled = (data: Uint8Array, of: (i: number) => number) => {
    const floats = Float32Array.from({ length: data.length / 4 }, (_, i) => of(i));
    return new Uint8Array(floats.buffer);
  };
  const tooLarge = changed(bytes, ({ tensors }) => {
    for (const name of [TABLE, 'layers.2.lstm.forward.weightIH']) {
      const tensor = tensors.get(name)!;
      tensor.data = filled(tensor.data, (i) => (name === TABLE && i % 2 ? -1e30 : 1e30));
    }
  });
  // The products pass what f32 holds, in both directions: in plain SIMD, which rounds them before it adds them up.
  const large = await load(tooLarge, { module: (await loadModules()).exact });
  const says = /the model's answer: expected finite numbers, got NaN\. .*probably damaged/;
  expect(() => predict(large, 'a lovely film')).toThrow(DataError);
  expect(() => predictAll(large, ['a lovely film'])).toThrow(says);
});
