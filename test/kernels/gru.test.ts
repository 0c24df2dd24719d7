import { gru } from '../../src/layers/gru.ts';
import { gruStep } from '../reference/cells.ts';
import { cellSuite } from '../support/cell-suite.ts';

const dropouts = { recurrentDropout: 0.4, candidateDropout: 0.25, zoneout: 0.3, weightDrop: 0.5 };

cellSuite({
  seed: 22,
  variants: {
    'reset after': {
      layer: (size, bidirectional) => gru({ size, bidirectional }),
      step: () => gruStep('after'),
    },
    'reset before': {
      layer: (size, bidirectional) => gru({ size, bidirectional, reset: 'before' }),
      step: () => gruStep('before'),
    },
    'reset after, every dropout': {
      layer: (size, bidirectional) => gru({ size, bidirectional, ...dropouts }),
      step: () => gruStep('after'),
      zoneout: { keep: 0.3 },
    },
    'reset before, every dropout': {
      layer: (size, bidirectional) => gru({ size, bidirectional, reset: 'before', ...dropouts }),
      step: () => gruStep('before'),
      zoneout: { keep: 0.3 },
    },
  },
  // Measured: 5.0e-7, 5.7e-7, 2.6e-5.
  tolerance: { forward: 1e-6, backward: 2e-6, int8: 1e-4 },
  kernels: [
    ...['gatesRow', 'gatesPack', 'gatesProject', 'gruForward', 'gatesPackBackward', 'gruBackward'],
    ...['gatesWeightGradient', 'gatesBiasGradient', 'gatherBackward', 'gatesInputGradient'],
  ],
});
