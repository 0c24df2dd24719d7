import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { load } from '../../src/infer/load.ts';
import { saveCheckpoint } from '../../src/io/checkpoint.ts';
import { save } from '../../src/io/save.ts';
import { attention } from '../../src/layers/attention.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { gru } from '../../src/layers/gru.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { type LstmOptions, lstm } from '../../src/layers/lstm.ts';
import { pool } from '../../src/layers/pool.ts';
import { createModel } from '../../src/model/create.ts';
import { LAYERS } from '../../src/model/registry.ts';
import { DataError } from '../../src/runtime/errors.ts';
import { train } from '../../src/train/train.ts';
import { changed, changedJson } from '../support/files.ts';
import { smallModel, toyRows, trainedModel, trainOn } from '../support/models.ts';

const LABELS = ['negative', 'positive'];
const one = dense({ units: 1 });

/** The file of a model of layers, trained a little. */
async function fileOf(layers: readonly Layer[]): Promise<Uint8Array> {
  const model = await createModel({ labels: LABELS, layers, maxLength: 12, tokenizer: { buckets: 40 } });
  await trainOn(model, toyRows(24));
  return save(model);
}

let bytes: Uint8Array;
beforeAll(async () => {
  const model = await trainedModel({ labels: [...LABELS, 'neutral'], dropout: 0.1, batchNorm: true });
  bytes = save(model);
});

describe('reads', () => {
  test('a checkpoint, and bytes at an odd place', async () => {
    const training = train(await smallModel(), toyRows(24), { epochs: 2 });
    for await (const _ of training) break;
    const file = saveCheckpoint(training);
    const padded = new Uint8Array(file.length + 3);
    padded.set(file, 3);
    const [aligned, odd] = [await load(file), await load(padded.subarray(3))];
    expect(odd.predict('a lovely film')).toEqual(aligned.predict('a lovely film'));
  });

  test('with a module of the caller', async () => {
    const module = new WebAssembly.Module(readFileSync('build/gatelet-infer.wasm'));
    const said = (await load(bytes)).predict('a lovely film');
    expect((await load(bytes, { module })).predict('a lovely film')).toEqual(said);
  });
});

test('wants the module that has its kernels', async () => {
  const module = new WebAssembly.Module(readFileSync('build/gatelet.wasm'));
  await expect(load(bytes, { module })).rejects.toThrow(
    'load({ module }): expected gatelet-infer.wasm, compiled, got another module.',
  );
});

describe('sends to the whole package', () => {
  const general: LstmOptions[] = [
    { peepholes: true },
    { projection: 3 },
    { zoneout: 0.1 },
    { weightDrop: 0.1 },
  ];
  const others: [string, Layer[]][] = [
    ['a layer "gru"', [embedding(), gru(), pool(), one]],
    ['a layer "attention"', [embedding(), lstm(), attention({ query: 'mean' }), one]],
    ['dense({ activation: "gelu" })', [embedding(), pool(), dense({ units: 3, activation: 'gelu' }), one]],
    ...general.map((options): [string, Layer[]] => [
      `lstm({ ${Object.keys(options)[0]} })`,
      [embedding(), lstm({ size: 5, ...options }), pool(), one],
    ]),
  ];

  test.each(others)('a model with %s', async (what, layers) => {
    await expect(load(await fileOf(layers))).rejects.toThrow(
      `gatelet/infer does not read models with ${what}. load() of 'gatelet' does.`,
    );
  });

  test('a model with another task', async () => {
    const layers = [embedding(), lstm({ size: 4 }), dense({ units: 2 })];
    const model = await createModel({ task: 'tag', labels: LABELS, layers });
    await trainOn(model, [{ words: ['a', 'b'], tags: LABELS }]);
    await expect(load(save(model))).rejects.toThrow('the task "tag"');
  });

  test('every layer that it does not know', async () => {
    const known = ['embedding', 'lstm', 'pool', 'dense', 'batchNorm', 'dropout', 'penalty', 'adversarial'];
    for (const kind of Object.keys(LAYERS)) {
      if (known.includes(kind)) continue;
      const file = changedJson(bytes, 'model', ({ layers }) => Object.assign(layers[2], { kind }));
      await expect(load(file)).rejects.toThrow(`a layer "${kind}"`);
    }
  });
});

describe('refuses', () => {
  const withModel = (patch: object) => changedJson(bytes, 'model', (model) => Object.assign(model, patch));
  const withOption = (kind: string, patch: object) =>
    changedJson(bytes, 'model', ({ layers }) => {
      const layer = layers.find((layer: { kind: string }) => layer.kind === kind);
      Object.assign(layer.options, patch);
    });

  test.each<[string, () => Uint8Array, string]>([
    ['nothing', () => new Uint8Array(), 'cut short, or no safetensors file'],
    ['a text', () => new TextEncoder().encode('no model at all'), 'cut short, or no safetensors file'],
    ['half a file', () => bytes.slice(0, bytes.length / 2), 'it has no tensor'],
    [
      'another safetensors file',
      () => changed(bytes, ({ metadata }) => delete metadata.format),
      'not a gatelet',
    ],
    [
      'a newer file',
      () => changed(bytes, ({ metadata }) => Object.assign(metadata, { version: '2' })),
      'version "2"',
    ],
    ['labels that repeat', () => withModel({ labels: ['a', 'a', 'b'] }), 'labels'],
    ['too few labels', () => withModel({ labels: ['a', 'b'] }), 'do not fit together'],
    ['no length', () => withModel({ maxLength: 1e9 }), 'maxLength'],
    ['endless n-grams', () => withModel({ tokenizer: { buckets: 40, ngrams: [1, 1e9] } }), 'tokenizer'],
    ['another size', () => withOption('lstm', { size: 6 }), 'F32 [24,6]'],
    ['a size that is none', () => withOption('lstm', { size: 'x' }), 'the size "x"'],
    ['a pool of another kind', () => withOption('pool', { over: 'toString' }), 'pool() over nothing known'],
    ['an epsilon of 0', () => withOption('batchNorm', { epsilon: 0 }), 'epsilon'],
    [
      'layers in another order',
      () => changedJson(bytes, 'model', ({ layers }) => layers.reverse()),
      'fit together',
    ],
    [
      'a weight that is no number',
      () =>
        changed(bytes, ({ tensors }) => {
          const tensor = tensors.get('layers.2.lstm.forward.weightHH')!;
          tensor.data = tensor.data.slice().fill(0xff, 40, 44);
        }),
      'holds what is no number',
    ],
  ])('%s', async (_, make, message) => {
    const loading = load(make());
    await expect(loading).rejects.toThrow(DataError);
    await expect(loading).rejects.toThrow(message);
  });

  test('more memory than 1 GiB, before it is reserved', async () => {
    const file = await fileOf([embedding({ size: 8 }), dense({ units: 4096 }), pool(), one]);
    const large = changedJson(file, 'model', (model) => Object.assign(model, { maxLength: 65_536 }));
    await expect(load(large)).rejects.toThrow('the model asks for too much memory: expected at most 1 GiB');
  });

  test('what is no bytes', async () => {
    await expect(load('mood' as never)).rejects.toThrow('the bytes of a model file (Uint8Array)');
  });
});
