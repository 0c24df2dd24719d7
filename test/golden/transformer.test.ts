import { expect, test } from 'vitest';
import { transformer } from '../../src/layers/transformer.ts';
import { relativeError } from '../support/arena.ts';
import { runLayer } from '../support/layer.ts';
import { packSequences } from '../support/packed.ts';
import { transformerFixture } from './fixture.ts';

// Of the largest element of each result.
const TOLERANCE = 2e-6;

const { heads, hidden, parameters, x, dY, y, gradient } = transformerFixture();
const flat = (values: unknown[]) => values.flat(3) as number[];
const given = Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, flat(values)]));
const run = runLayer(transformer({ heads, hidden }), x, given, () => packSequences(dY));

test('a block’s output is PyTorch’s', () => {
  expect(relativeError(run.y, packSequences(y))).toBeLessThan(TOLERANCE);
});

test.each(['x', ...Object.keys(parameters)])('its gradient of %s is PyTorch’s', (name) => {
  const expected = name === 'x' ? packSequences(gradient.x) : flat(gradient[name]);
  expect(relativeError(run.gradients[name], expected)).toBeLessThan(TOLERANCE);
});
