import { type LstmOptions, lstm } from '../../src/layers/lstm.ts';
import { lstmStep } from '../reference/cells.ts';
import { cellSuite, type Variant } from '../support/cell-suite.ts';

const variant = (options: LstmOptions, zoneout = {}): Variant => ({
  layer: (size, bidirectional) => lstm({ size, bidirectional, ...options }),
  step: () => lstmStep,
  sizeC: (size) => size,
  zoneout,
});
const dropouts = {
  ...{ recurrentDropout: 0.4, candidateDropout: 0.25, weightDrop: 0.5 },
  ...{ zoneout: 0.3, zoneoutCell: 0.2 },
};

cellSuite({
  seed: 29,
  hiddenSizes: [3, 4, 5, 7, 8, 15, 16, 17, 33],
  variants: {
    'layer norm': variant({ norm: 'layer' }),
    'layer norm, everything': variant(
      { norm: 'layer', peepholes: true, projection: 2, ...dropouts },
      { keep: 0.3, keepC: 0.2 },
    ),
  },
  // Measured: 2.5e-6, 3.8e-5 and 6.6e-5: where the numbers of a row are nearly equal, as dropout makes those of c,
  // dividing by their deviation makes differences of rounding larger, up to 1/√ε = 316 times.
  tolerance: { forward: 5e-6, backward: 8e-5, int8: 1.5e-4 },
  kernels: [
    ...['gatesRow', 'gatesPack', 'gatesProject', 'gatesNormForward'],
    ...['lstmGeneralForward', 'gatesPackBackward', 'lstmGeneralBackward'],
    ...['gatesWeightGradient', 'gatesBiasGradient', 'gatherBackward', 'gatesNormBackward'],
    'gatesInputGradient',
  ],
});
