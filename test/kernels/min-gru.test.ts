import { minGru } from '../../src/layers/min-gru.ts';
import { minGruStep } from '../reference/cells.ts';
import { cellSuite, MINIMAL_KERNELS } from '../support/cell-suite.ts';

cellSuite({
  seed: 24,
  variants: {
    plain: { layer: (size, bidirectional) => minGru({ size, bidirectional }), step: () => minGruStep },
  },
  // Measured: 3.2e-7, 2.0e-7, 1.1e-5.
  tolerance: { forward: 7e-7, backward: 7e-7, int8: 3e-5 },
  kernels: MINIMAL_KERNELS,
});
