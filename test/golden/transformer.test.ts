import { expect, test } from 'vitest';
import { transformer } from '../../src/layers/transformer.ts';
import { Arena, relativeError } from '../support/arena.ts';
import { LayerRun } from '../support/layer-run.ts';
import { packSequences } from '../support/packed.ts';
import { transformerFixture } from './fixture.ts';

// Of the largest element of each result. Measured: 6.1e-7.
const TOLERANCE = 2e-6;

const { heads, hidden, parameters, x, dY, y, gradient } = transformerFixture();
const flat = (values: unknown[]) => values.flat(3) as number[];
const rows = (sequences: number[][][]) => {
  const values = packSequences(sequences);
  const C = sequences[0][0].length;
  return Array.from({ length: values.length / C }, (_, n) => values.slice(n * C, (n + 1) * C));
};

const arena = new Arena();
const run = new LayerRun(arena, {
  layer: transformer({ heads, hidden }),
  mode: 'train',
  lengths: x.map((sequence) => sequence.length),
  x: rows(x),
  parameters: Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, flat(values)])),
});
run.forward().backward(packSequences(dY));

test('a block’s output, and the gradient of its input, are PyTorch’s', () => {
  expect(relativeError(run.y, packSequences(y))).toBeLessThan(TOLERANCE);
  expect(relativeError(run.dX, packSequences(gradient.x))).toBeLessThan(TOLERANCE);
  arena.check();
});

test.each(Object.keys(parameters))('its gradient of %s is PyTorch’s', (name) => {
  expect(relativeError(run.gradientOf(name), flat(gradient[name]))).toBeLessThan(TOLERANCE);
});
