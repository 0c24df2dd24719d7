import { expect, test } from 'vitest';
import { type LstmOptions, lstm } from '../../src/layers/lstm.ts';
import { generalParameters, planGeneral } from '../../src/layers/lstm-general.ts';
import { recurrent } from '../../src/layers/recurrent.ts';
import { lstmStep } from '../reference/cells.ts';
import { relativeError, testNumbers } from '../support/arena.ts';
import { cellSuite, type Variant } from '../support/cell-suite.ts';
import { drawCellProblem, runCell, shapeOf } from '../support/cells.ts';
import { packSequences } from '../support/packed.ts';

const dropouts = {
  ...{ recurrentDropout: 0.4, candidateDropout: 0.25, weightDrop: 0.5 },
  ...{ zoneout: 0.3, zoneoutCell: 0.2 },
};
// Never H itself, which a projection must be below.
const projectionOf = (size: number) => Math.max(1, size - 3);

const variant = (options: (size: number) => LstmOptions, zoneout = {}): Variant => ({
  layer: (size, bidirectional) => lstm({ size, bidirectional, ...options(size) }),
  step: () => lstmStep,
  sizeC: (size) => size,
  zoneout,
});

cellSuite({
  seed: 23,
  hiddenSizes: [3, 4, 5, 7, 8, 15, 16, 17, 33], // a projection is smaller
  variants: {
    peepholes: variant(() => ({ peepholes: true })),
    projection: variant((size) => ({ projection: projectionOf(size) })),
    'every dropout': variant(() => dropouts, { keep: 0.3, keepC: 0.2 }),
    everything: variant((size) => ({ peepholes: true, projection: projectionOf(size), ...dropouts }), {
      keep: 0.3,
      keepC: 0.2,
    }),
  },
  // Measured: 4.1e-7, 8.6e-7, 4.2e-5.
  tolerance: { forward: 1e-6, backward: 2e-6, int8: 1e-4 },
  kernels: [
    ...['gatesRow', 'gatesPack', 'gatesProject'],
    ...['lstmGeneralForward', 'gatesPackBackward', 'lstmGeneralBackward'],
    ...['gatesWeightGradient', 'gatesBiasGradient', 'gatherBackward', 'gatesInputGradient'],
  ],
});

test('without additions it is the fast LSTM', () => {
  const [D, H] = [5, 9];
  const fast = lstm({ size: H, bidirectional: true });
  const additions = {
    ...{ peepholes: false, projection: null, weightDrop: 0, recurrentDropout: 0 },
    ...{ candidateDropout: 0, zoneout: 0, zoneoutCell: 0, norm: 'none' as const },
  };
  const beginning = {
    initializer: 'glorotUniform',
    recurrentInitializer: 'glorotUniform',
    forgetBias: 1,
  } as const;
  const general = recurrent({
    ...{ kind: 'lstm', options: { size: H, bidirectional: true } },
    parameters: (features) => generalParameters(features, H, additions, beginning),
    plan: (direction) => planGeneral(direction, H, additions),
  });
  const problem = drawCellProblem(testNumbers(31), fast, lstmStep, D, [4, 3, 1]);
  expect(general.parameters(shapeOf(D), 0)).toEqual(fast.parameters(shapeOf(D), 0));
  const [a, b] = [fast, general].map((layer) => runCell({ ...problem, layer }).run);
  const near = (actual: Float32Array, expected: Float32Array) =>
    expect(relativeError(actual, expected)).toBeLessThan(1e-6); // measured 1.7e-7
  near(b.y, a.y);
  for (const run of [a, b]) run.backward(packSequences(problem.dY));
  near(b.dX, a.dX);
  for (const name of Object.keys(problem.parameters)) near(b.gradientOf(name), a.gradientOf(name));
  expect(a.kernels).not.toContain('lstmGeneralForward');
});

test('a projection must be smaller than the size', () => {
  expect(() => lstm({ size: 8, projection: 8 })).toThrow(
    'lstm projection: expected fewer than the 8 units that are projected, got 8',
  );
});
