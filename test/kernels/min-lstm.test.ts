import { minLstm } from '../../src/layers/min-lstm.ts';
import { minLstmStep } from '../reference/cells.ts';
import { cellSuite, MINIMAL_KERNELS } from '../support/cell-suite.ts';

cellSuite({
  seed: 25,
  variants: {
    plain: { layer: (size, bidirectional) => minLstm({ size, bidirectional }), step: () => minLstmStep },
  },
  // Measured: 3.3e-7, 3.1e-7, 1.1e-5.
  tolerance: { forward: 7e-7, backward: 7e-7, int8: 3e-5 },
  kernels: MINIMAL_KERNELS,
});
