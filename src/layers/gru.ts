import { type Checked, checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { stride } from '../runtime/stride.ts';
import { recurrentInitializerOptions } from './initializers.ts';
import { call, filled, type Layer } from './layer.ts';
import {
  cellOptions,
  type Direction,
  gateGradient,
  gatePanels,
  gatePanelsBackward,
  gateParameters,
  gateRow,
  project,
  projectBackward,
  recurrent,
  scratchFor,
  showFlow,
  streamed,
} from './recurrent.ts';
import { candidateDropoutOptions, dropMask, keepMask, recurrentWeights } from './recurrent-dropout.ts';

/** What {@link gru} may be told. */
export const gruOptions = {
  ...cellOptions,
  /** Whether the reset gate acts before the recurrent product, as in the paper, or after it, as in PyTorch. Default after. */
  reset: { is: ['after', 'before'], default: 'after' },
  ...candidateDropoutOptions,
  ...recurrentInitializerOptions,
} as const;

/** Options of {@link gru}. */
export interface GruOptions extends OptionsOf<typeof gruOptions> {}

/**
 * Gated recurrent unit (Cho et al. 2014): sequence → sequence of H features, with three quarters of an LSTM's
 * weights.
 *   h_t = z∘h_{t−1} + (1 − z)∘n      n = tanh(W_in·x_t + b_n + r∘(W_hn·h_{t−1} + b_hn))
 * Parameters for each direction: weightIH [3H,D], weightHH [3H,H], bias [3H], gates in the order r z n, and
 * biasHN [H] where the reset gate acts after the product.
 * @throws UsageError when the size is not a whole number from 1 to 4096, reset is neither, or a share is not in
 *   [0, 1)
 * @example
 * gru({ size: 128, bidirectional: true })
 */
export function gru(options: GruOptions = {}): Layer {
  const made = checkOptions('gru', gruOptions, options);
  const { size, reset } = made.options;
  return recurrent({
    ...made,
    parameters: (D) => [
      ...gateParameters(3, size, D, made.options),
      ...(reset === 'after' ? [filled('biasHN', [size])] : []),
    ],
    plan: (direction) => planDirection(direction, made.options),
  });
}

function planDirection(direction: Direction, options: Checked<typeof gruOptions>): void {
  const { size: H, reset, recurrentDropout, candidateDropout, weightDrop, zoneout } = options;
  const { context, x, h, dH, reverse } = direction;
  const { steps } = context.batch;
  const after = reset === 'after';
  const { weights, gradientFrom, finish } = recurrentWeights(direction, weightDrop);
  const projected = project(direction, 3, H);
  const panelsRZ = gatePanels(direction, 'panelsRZ', weights, H, H, 2);
  const panelsN = gatePanels(direction, 'panelsN', weights, H, H, 1, 2);
  const bias = gateRow(direction, 'bias', 3, H);
  const biasHN = after ? gateRow(direction, 'biasHN', 1, H) : 0;
  const gates = context.matrix('gates', 'N', 3 * stride(H));
  const previous = context.matrix('previous', 'N', H);
  const hidden = context.matrix('hidden', 'N', H);
  const mask = dropMask(direction, 'mask', 'B', H, recurrentDropout);
  const drop = dropMask(direction, 'drop', 'N', H, candidateDropout);
  const keep = keepMask(direction, 'keep', H, zoneout);
  const { initial, leave } = streamed(direction, 'h', h, H);
  const inputs = [projected, x.index ?? 0, steps, initial, mask, drop, keep] as const;
  const packed = [panelsRZ, panelsN, scratchFor(direction, weights, H), bias, biasHN] as const;
  const sizes = ['T', H, reverse] as const;
  context.forward('gruForward', h, gates, previous, hidden, ...inputs, ...packed, ...sizes, zoneout);
  leave();
  if (!dH) return;

  showFlow(direction, H, gates, { reset: 'sigmoid', update: 'sigmoid', candidate: 'tanh' });
  const backRZ = gatePanelsBackward(direction, 'panelsRZ', weights, H, H, 2);
  const backN = gatePanelsBackward(direction, 'panelsN', weights, H, H, 1, 2);
  const [carry, past, before] = ['carry', 'past', 'before'].map((name) => context.matrix(name, 'B', H));
  const width = 3 * stride(H);
  const dN = { block: gates, offset: 2 * stride(H) * 4 };
  const read = [dH, h, previous, steps, 0, mask, drop, keep, backRZ.panels, backN.panels] as const;
  context.backward(
    backRZ.pack,
    backN.pack,
    call('gruBackward', gates, hidden, carry, past, before, ...read, 'T', 'B', H, reverse, after ? 1 : 0),
    gateGradient(direction, gradientFrom(0), gates, previous, 'N', H, H, 2, width),
    ...(after
      ? [
          gateGradient(direction, gradientFrom(2 * H), hidden, previous, 'N', H, H, 1),
          call('gatesBiasGradient', context.parameter('biasHN').gradient!, hidden, 'N', H, 1),
        ]
      : [gateGradient(direction, gradientFrom(2 * H), dN, hidden, 'N', H, H, 1, width)]),
    ...finish,
    ...projectBackward(direction, gates, projected, 3, H),
  );
}
