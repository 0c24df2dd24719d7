import { rnn } from '../../src/layers/rnn.ts';
import { rnnStep } from '../reference/cells.ts';
import { cellSuite } from '../support/cell-suite.ts';

const dropouts = { recurrentDropout: 0.4, zoneout: 0.3, weightDrop: 0.5 };

cellSuite({
  seed: 21,
  variants: {
    tanh: {
      layer: (size, bidirectional) => rnn({ size, bidirectional }),
      step: () => rnnStep('tanh'),
    },
    relu: {
      layer: (size, bidirectional) => rnn({ size, bidirectional, activation: 'relu' }),
      step: () => rnnStep('relu'),
    },
    'every dropout': {
      layer: (size, bidirectional) => rnn({ size, bidirectional, ...dropouts }),
      step: () => rnnStep('tanh'),
      zoneout: { keep: 0.3 },
    },
  },
  // Measured: 1.2e-6, 9.7e-7, 2.6e-5.
  tolerance: { forward: 2e-6, backward: 2e-6, int8: 1e-4 },
  kernels: [
    ...['gatesRow', 'gatesPack', 'gatesProject', 'rnnForward', 'gatesPackBackward', 'rnnBackward'],
    ...['gatesWeightGradient', 'gatherBackward', 'gatesBiasGradient', 'gatesInputGradient'],
  ],
});
