import { expect, test } from 'vitest';
import { graphConvolution } from '../../src/layers/graph-convolution.ts';
import { denseForward } from '../reference/dense.ts';
import { edgeWeights, graphForward } from '../reference/graph.ts';
import { Arena, relativeError } from '../support/arena.ts';
import { packEdges } from '../support/edges.ts';
import { LayerRun } from '../support/layer-run.ts';
import { packSequences } from '../support/packed.ts';
import { graphFixture } from './fixture.ts';

// Of the largest element of each result. Measured: 4.8e-10, the nine digits of the fixture, and 1.7e-7.
const TWIN_TOLERANCE = 5e-9;
const TOLERANCE = 1e-6;

const { edges, parameters, x, dY, y, gradient } = graphFixture();
const lengths = x.map(({ length }) => length);

test('the float64 twin is PyTorch’s convolution over the whole matrix', () => {
  const own = x.flatMap((text, b) => {
    const mixed = graphForward(edgeWeights(lengths[b], edges[b]), text);
    return denseForward(mixed, parameters.weight, parameters.bias).map((row) => row.map(Math.tanh));
  });
  expect(relativeError(own.flat(), y.flat(2))).toBeLessThan(TWIN_TOLERANCE);
});

test('the layer over given edges is PyTorch’s, with the gradient of each parameter', () => {
  const arena = new Arena();
  const packed = packSequences(x);
  const C = x[0][0].length;
  const run = new LayerRun(arena, {
    layer: graphConvolution({ units: parameters.bias.length, edges: 'given', activation: 'tanh' }),
    mode: 'train',
    lengths,
    x: Array.from({ length: packed.length / C }, (_, n) => packed.slice(n * C, (n + 1) * C)),
    edges: packEdges(lengths, edges),
    parameters: { weight: parameters.weight.flat(), bias: parameters.bias },
  });
  run.forward().backward(packSequences(dY));
  expect(relativeError(run.y, packSequences(y))).toBeLessThan(TOLERANCE);
  expect(relativeError(run.dX, packSequences(gradient.x))).toBeLessThan(TOLERANCE);
  expect(relativeError(run.gradientOf('weight'), gradient.weight.flat())).toBeLessThan(TOLERANCE);
  expect(relativeError(run.gradientOf('bias'), gradient.bias)).toBeLessThan(TOLERANCE);
  arena.check();
});
