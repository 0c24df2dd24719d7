import { type Checked, checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { recurrentInitializerOptions } from './initializers.ts';
import { call, type Layer } from './layer.ts';
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
import { dropMask, keepMask, recurrentDropoutOptions, recurrentWeights } from './recurrent-dropout.ts';

/** What {@link rnn} may be told. */
export const rnnOptions = {
  ...cellOptions,
  /** `relu` does not bound the state: clip the gradients. Default tanh. */
  activation: { is: ['tanh', 'relu'], default: 'tanh' },
  ...recurrentDropoutOptions,
  ...recurrentInitializerOptions,
} as const;

/** Options of {@link rnn}. */
export interface RnnOptions extends OptionsOf<typeof rnnOptions> {}

/**
 * The plain recurrent network: h_t = tanh(W_ih·x_t + W_hh·h_{t−1} + b), sequence → sequence of H features.
 * Its gradient fades or explodes over long texts; gru() and lstm() are made against that. Parameters for each
 * direction: weightIH [H,D], weightHH [H,H], bias [H].
 * Source: Elman 1990.
 * @throws UsageError when the size is not a whole number from 1 to 4096, the activation is unknown, or a share
 *   is not in [0, 1)
 * @example
 * rnn({ size: 64, activation: 'tanh' })
 */
export function rnn(options: RnnOptions = {}): Layer {
  const made = checkOptions('rnn', rnnOptions, options);
  return recurrent({
    ...made,
    parameters: (D) => gateParameters(1, made.options.size, D, made.options),
    plan: (direction) => planDirection(direction, made.options),
  });
}

function planDirection(direction: Direction, options: Checked<typeof rnnOptions>): void {
  const { size: H, recurrentDropout, weightDrop, zoneout } = options;
  const { context, x, h, dH, reverse } = direction;
  const { steps } = context.batch;
  const relu = options.activation === 'relu' ? 1 : 0;
  const { weights, gradientFrom, finish } = recurrentWeights(direction, weightDrop);
  const projected = project(direction, 1, H);
  const panels = gatePanels(direction, 'panelsHH', weights, H, H, 1);
  const bias = gateRow(direction, 'bias', 1, H);
  const gates = context.matrix('gates', 'N', H);
  const previous = context.matrix('previous', 'N', H);
  const mask = dropMask(direction, 'mask', 'B', H, recurrentDropout);
  const keep = keepMask(direction, 'keep', H, zoneout);
  const { initial, leave } = streamed(direction, 'h', h, H);
  const inputs = [projected, x.index ?? 0, steps, initial, mask, keep] as const;
  const packed = [panels, scratchFor(direction, weights, H), bias] as const;
  context.forward('rnnForward', h, gates, previous, ...inputs, ...packed, 'T', H, reverse, relu, zoneout);
  leave();
  if (!dH) return;

  showFlow(direction, H, gates, { state: options.activation });
  const back = gatePanelsBackward(direction, 'panelsHH', weights, H, H, 1);
  const [carry, past] = ['carry', 'past'].map((name) => context.matrix(name, 'B', H));
  const read = [dH, steps, mask, keep, back.panels] as const;
  context.backward(
    back.pack,
    call('rnnBackward', gates, carry, past, ...read, 'T', 'B', H, reverse, relu),
    gateGradient(direction, gradientFrom(0), gates, previous, 'N', H, H, 1),
    ...finish,
    ...projectBackward(direction, gates, projected, 1, H),
  );
}
