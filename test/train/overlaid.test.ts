import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { encodeRows } from '../../src/data/dataset.ts';
import { adversarial } from '../../src/layers/adversarial.ts';
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
import { modelConfig } from '../../src/model/config.ts';
import { targetsOf } from '../../src/model/targets.ts';
import { encoderOf } from '../../src/text/encoder.ts';
import { vocabularyFrom } from '../../src/text/vocabulary.ts';
import { wordListOf } from '../../src/text/word-list.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { trainerOf } from '../../src/train/trainer.ts';
import { toyRows } from '../support/models.ts';
import { trainerOptions, wholeBatch } from '../support/trainers.ts';

const module = new WebAssembly.Module(readFileSync(new URL('../../build/gatelet.wasm', import.meta.url)));
const rows = toyRows(20);
const words = [...new Set(rows.flatMap(({ text }) => text.split(' ')))].slice(0, 15);

/** Between an embedding and a pool, every row as wide as its stride, so that its gradient lies over others. */
const NETWORKS: Record<string, readonly Layer[]> = {
  'lstm, as large as Strassen’s products pay': [lstm({ size: 128 })],
  'lstm of both directions, twice': [lstm({ size: 8, bidirectional: true }), lstm({ size: 16 })],
  'lstm, general': [lstm({ size: 16, projection: 8, peepholes: true, norm: 'layer' })],
  'lstm, norm batch': [lstm({ size: 8, norm: 'batch', normSteps: 4 })],
  'gru and rnn': [gru({ size: 8, bidirectional: true }), rnn({ size: 8 })],
  'minimal cells': [minGru({ size: 8 }), minLstm({ size: 8, bidirectional: true })],
  'attention, adversarial': [adversarial(), positions(), lstm({ size: 8 }), attention({ heads: 4 })],
  'transformer, sinusoids': [positions({ kind: 'sinusoidal' }), transformer({ heads: 2 })],
  'norms and dropout': [
    batchNorm(),
    lstm({ size: 8 }),
    batchNormInverse(),
    dropout(),
    layerNorm(),
    penalty(),
  ],
  graph: [graphConvolution({ units: 8 }), dense({ units: 16, activation: 'gelu' }), attentionPool()],
};

test.each(Object.entries(NETWORKS))(
  'nothing of a step before is read where blocks lie over others: %s',
  (_, inner) => {
    const layers = [embedding({ size: 8 }), ...inner];
    if (inner.at(-1)!.kind !== 'attentionPool') layers.push(pool({ over: 'mean' }));
    const config = modelConfig({
      labels: ['negative', 'positive'],
      layers: [...layers, dense({ units: 1 })],
    });
    const vocabulary = vocabularyFrom(wordListOf(words.join('\n')), config.tokenizer);
    const corpus = encodeRows(
      encoderOf(vocabulary, config.maxLength),
      rows.map(({ text }) => text),
    );
    const batch = wholeBatch(corpus, targetsOf(config, rows));
    const limits = { maxSequences: rows.length, maxRows: corpus.tokens.length };
    const trained = (poison: boolean) => {
      const options = trainerOptions(config, { optimizer: adam() });
      const { network, step } = trainerOf(module, config, vocabulary, limits, options);
      network.initialise(7);
      const overlaid = network.machine.region('overlaid');
      expect(overlaid.length).toBeGreaterThan(0);
      for (let i = 1; i <= 3; i++) {
        if (poison) overlaid.fill(Number.NaN);
        expect(step(batch, i, 0.01).finite).toBe(true);
      }
      return network.weights.slice();
    };
    expect(trained(true)).toEqual(trained(false));
  },
);
