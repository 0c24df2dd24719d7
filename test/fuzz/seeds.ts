import { saveCheckpoint } from '../../src/io/checkpoint.ts';
import { save } from '../../src/io/save.ts';
import { attention } from '../../src/layers/attention.ts';
import { attentionPool } from '../../src/layers/attention-pool.ts';
import { batchNorm } from '../../src/layers/batch-norm.ts';
import { batchNormInverse } from '../../src/layers/batch-norm-inverse.ts';
import { dense } from '../../src/layers/dense.ts';
import { dropout } from '../../src/layers/dropout.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { graphConvolution } from '../../src/layers/graph-convolution.ts';
import { gru } from '../../src/layers/gru.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { layerNorm } from '../../src/layers/layer-norm.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { minGru } from '../../src/layers/min-gru.ts';
import { minLstm } from '../../src/layers/min-lstm.ts';
import { penalty } from '../../src/layers/penalty.ts';
import { pool } from '../../src/layers/pool.ts';
import { positions } from '../../src/layers/positions.ts';
import { rnn } from '../../src/layers/rnn.ts';
import { transformer } from '../../src/layers/transformer.ts';
import { createModel } from '../../src/model/create.ts';
import type { Model } from '../../src/model/model.ts';
import { quantize } from '../../src/model/quantize.ts';
import type { Row } from '../../src/model/rows.ts';
import type { TrainOptions } from '../../src/train/options.ts';
import { train } from '../../src/train/train.ts';
import { graphModel, toyGraphs } from '../support/graphs.ts';
import { LABELS, smallModel, toyRows, trainedModel, trainOn } from '../support/models.ts';
import { adder, reader, tagger, toySentences, toySums, toyTexts } from '../support/tasks.ts';

/** A small file that mutants come from. */
export interface Seed {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Of a checkpoint: the training that it goes on with. */
  readonly training?: { readonly rows: readonly Row[]; readonly options: TrainOptions };
}

const size = 5;

/** Layers between embedding and label, so that every kind that can be in a classifier is in one. */
const ROWS: Readonly<Record<string, readonly Layer[]>> = {
  'a transformer': [
    positions({ kind: 'learned', longest: 12 }),
    transformer({ heads: 2, hidden: 7, dropout: 0.1 }),
    pool({ over: 'max' }),
  ],
  'a gated cell': [
    positions(),
    gru({ size }),
    layerNorm(),
    graphConvolution({ units: 4 }),
    batchNorm(),
    attentionPool({ query: 'last' }),
    batchNormInverse(),
  ],
  'a general lstm': [
    dropout({ rate: 0.1 }),
    lstm({ size, peepholes: true, projection: 4, bidirectional: true }),
    lstm({ size: 6, norm: 'layer' }),
    lstm({ size: 6, norm: 'batch' }),
    attention({ heads: 2, query: 'mean' }),
    dense({ units: 6, activation: 'gelu' }),
  ],
  'minimal cells': [
    minGru({ size }),
    minLstm({ size, bidirectional: true }),
    penalty(),
    rnn({ size }),
    pool({ over: 'mean' }),
  ],
};

/** A model that can stream, alone and among others. */
const streams = () => smallModel({ bidirectional: false, lstmLayers: 2, multiLabel: true });

/** f32, int8 and checkpoints, of every layer and every task. */
export async function makeSeeds(): Promise<Seed[]> {
  const seeds: Seed[] = [];
  const add = (name: string, model: Model) => {
    seeds.push({ name, bytes: save(model) }, { name: `${name}, int8`, bytes: save(quantize(model)) });
  };
  const once = { epochs: 1, batchSize: 8 };
  add('a classifier', await trainedModel({ labels: LABELS, dropout: 0.1 }));
  const streaming = await streams();
  await trainOn(streaming, toyRows(24), once);
  add('a stream', streaming);
  for (const [name, layers] of Object.entries(ROWS)) {
    const tokenizer = { buckets: 20 };
    const whole = [embedding({ size: 6 }), ...layers, dense({ units: 3 })];
    const model = await createModel({ labels: LABELS, tokenizer, maxLength: 12, layers: whole });
    await trainOn(model, toyRows(24, { labels: 3 }), once);
    add(name, model);
  }
  const tasks: [string, Promise<Model>, readonly Row[]][] = [
    ['a tagger', tagger(), toySentences(24)],
    ['an adder', adder(), toySums(24)],
    ['a reader', reader(), toyTexts(24)],
    ['a reader of edges', graphModel(), toyGraphs(24)],
  ];
  for (const [name, made, rows] of tasks) {
    const model = await made;
    await trainOn(model, rows, once);
    add(name, model);
  }
  seeds.push(await checkpoint());
  return seeds;
}

/** A training that was interrupted in its third epoch, with its best one so far. */
async function checkpoint(): Promise<Seed> {
  const rows = toyRows(24);
  const options = { epochs: 3, batchSize: 8, validation: 0.25, earlyStopping: { patience: 2 } };
  const stop = new AbortController();
  const training = train(await smallModel(), rows, {
    ...options,
    signal: stop.signal,
    onStep: ({ epoch, step }) => {
      if (epoch === 2 && step === 1) stop.abort();
    },
  });
  for await (const _ of training);
  return { name: 'a checkpoint', bytes: saveCheckpoint(training), training: { rows, options } };
}
