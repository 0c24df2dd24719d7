import { expect, test } from 'vitest';
import { gru } from '../../src/layers/gru.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { rnn } from '../../src/layers/rnn.ts';
import { Arena, relativeError } from '../support/arena.ts';
import { LayerRun } from '../support/layer-run.ts';
import { packSequences, unpackSequences } from '../support/packed.ts';
import { cellFixtures } from './fixture.ts';

// Of the largest element of each result. Measured: 2.1e-7; normalised 5.5e-6, as dividing by a small deviation makes
// rounding larger.
const TOLERANCE = 1e-6;
const TOLERANCE_NORMALISED = 1.2e-5;

const options = { size: 5, bidirectional: true };
const layers: Record<string, Layer> = {
  'rnn, tanh': rnn(options),
  'rnn, relu': rnn({ ...options, activation: 'relu' }),
  'gru, reset after': gru(options),
  'lstm, projection 4': lstm({ ...options, projection: 4 }),
  'lstm, layer norm': lstm({ ...options, norm: 'layer' }),
  'lstm, batch norm of the input': lstm({ size: 5, norm: 'input' }),
  'lstm, recurrent batch norm': lstm({ size: 5, norm: 'batch' }),
};

test.each(cellFixtures().map((fixture) => [fixture.name, fixture] as const))(
  '%s is PyTorch’s',
  (name, fixture) => {
    const { x, dY, y, parameters, gradient } = fixture;
    const arena = new Arena();
    const lengths = x.map(({ length }) => length);
    const N = x.flat().length;
    const D = x[0][0].length;
    const rows = unpackSequences(Float32Array.from(packSequences(x)), [N], D)[0];
    const flat = Object.entries(parameters).map(([key, value]) => [key, value.flat()]);
    const layer = layers[name];
    // What runs behind the batches takes no part in training.
    const specs = layer.parameters({ kind: 'sequence', features: D, reverseFrom: D }, 0);
    const statistics = specs.flatMap(({ name: key, shape, statistic }): [string, number[]][] =>
      statistic ? [[key, new Array(shape.reduce((a, b) => a * b, 1)).fill(0)]] : [],
    );
    const run = new LayerRun(arena, {
      layer,
      mode: 'train',
      lengths,
      x: rows,
      parameters: Object.fromEntries([...flat, ...statistics]),
    });
    run.forward().backward(packSequences(dY));
    const near = (actual: ArrayLike<number>, expected: number[], what: string) => {
      expect(relativeError(actual, expected), what).toBeLessThan(
        name.includes('norm') ? TOLERANCE_NORMALISED : TOLERANCE,
      );
    };
    near(run.y, packSequences(y), 'y');
    const { x: dX, ...dParameters } = gradient;
    near(run.dX, packSequences(dX), 'dX');
    for (const [key, expected] of Object.entries(dParameters))
      near(run.gradientOf(key), expected.flat(), `d ${key}`);
    arena.check();
  },
);
