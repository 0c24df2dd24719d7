import { describe, expect, test } from 'vitest';
import { decodeSafetensors } from '../../src/io/safetensors.ts';
import { save } from '../../src/io/save.ts';
import { smallModel, trainedModel } from '../support/models.ts';

const model = await trainedModel({ labels: ['negative', 'positive', 'neutral'] });
const { tensors, metadata } = decodeSafetensors(save(model));

describe('the file holds', () => {
  test('every parameter by its layer and name, gates stacked as PyTorch has them', () => {
    const [E, H] = [6, 5];
    const rows = 2 + model.vocabulary.words.length + 40;
    const lstm = (direction: string) => [
      [`layers.1.lstm.${direction}.weightIH`, [4 * H, E]],
      [`layers.1.lstm.${direction}.weightHH`, [4 * H, H]],
      [`layers.1.lstm.${direction}.bias`, [4 * H]],
    ];
    expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual([
      ['layers.0.embedding.weight', [rows, E]],
      ...lstm('forward'),
      ...lstm('reverse'),
      ['layers.3.dense.weight', [3, 2 * H]],
      ['layers.3.dense.bias', [3]],
      ['vocabulary', [tensors.get('vocabulary')!.data.length]],
    ]);
  });

  test('the very parameters', () => {
    const all = [...tensors].filter(([, { dtype }]) => dtype === 'F32').map(([, { data }]) => [...data]);
    const { buffer, byteOffset, byteLength } = model.weights;
    expect(new Uint8Array(all.flat())).toEqual(new Uint8Array(buffer, byteOffset, byteLength).slice());
  });

  test('the words, one a line', () => {
    const words = new TextDecoder().decode(tensors.get('vocabulary')!.data).split('\n');
    expect(words).toEqual(model.vocabulary.words);
  });

  test('what the model is and how it came to be, and no time', () => {
    expect(Object.keys(metadata)).toEqual(['format', 'version', 'model', 'training']);
    expect(metadata).toMatchObject({ format: 'gatelet', version: '1' });
    expect(JSON.parse(metadata.model)).toEqual({
      labels: ['negative', 'positive', 'neutral'],
      multiLabel: false,
      maxLength: 12,
      tokenizer: {
        lowercase: true,
        accents: 'keep',
        maxWords: 10_000,
        minCount: 2,
        buckets: 40,
        ngrams: [3, 5],
      },
      seed: 1,
      words: model.vocabulary.words.length,
      gateOrder: 'ifgo',
      layers: model.config.layers.map(({ kind, options }) => ({ kind, options })),
    });
    expect(JSON.parse(metadata.training)).toEqual(model.facts);
  });
});

test('a model that has learnt nothing cannot be saved', async () => {
  const untrained = await smallModel();
  expect(() => save(untrained)).toThrow(/learnt nothing yet. Call train\(\) first/);
});

test('bytes once saved do not change when training goes on', async () => {
  const one = await trainedModel();
  const bytes = save(one);
  const before = bytes.slice();
  one.weights.fill(0);
  expect(bytes).toEqual(before);
});
