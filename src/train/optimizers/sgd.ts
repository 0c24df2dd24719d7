import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import { UsageError } from '../../runtime/errors.ts';
import { type Move, type Optimizer, optimizerOf } from '../optimizer.ts';

/** What {@link sgd} may be told. */
export const sgdOptions = {
  /** How far a step goes. Default 0.1. */
  learningRate: { is: 'positive', default: 0.1 },
  /** Share of the last direction that is gone on with. Default 0. */
  momentum: { is: 'share', default: 0 },
  /** Looks ahead to where the momentum leads. Default false. */
  nesterov: { is: 'flag', default: false },
  /** This much of each weight is added to its gradient; biases and other vectors are spared. Default 0. */
  l2: { is: 'number', from: 0, to: 1000, default: 0 },
} as const;

/** Options of {@link sgd}. */
export interface SgdOptions extends OptionsOf<typeof sgdOptions> {}

/**
 * Stochastic gradient descent (Robbins & Monro 1951). With momentum m = μ·m + g and p −= learningRate · m, or with
 * Nesterov's p −= learningRate · (g + μ·m), as PyTorch has it.
 * @throws UsageError when an option is out of range, a NaN included, or nesterov has no momentum to act on
 * @example
 * train(model, rows, { optimizer: sgd({ learningRate: 0.5, momentum: 0.9, nesterov: true }) })
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const made = checkOptions('sgd', sgdOptions, options);
  const { momentum, nesterov } = made.options;
  if (nesterov && momentum === 0) {
    throw new UsageError('sgd nesterov can do nothing without momentum', { cause: 'Give momentum: 0.9.' });
  }
  return optimizerOf(made, (move) => {
    if (momentum > 0) planMomentum(move, momentum, nesterov);
  });
}

/** Goes on with the direction so far. */
export function planMomentum(
  { gradient, rows, memory, call }: Move,
  momentum: number,
  nesterov: boolean,
): void {
  call('momentumDirection', gradient, memory('momentum'), ...rows, momentum, nesterov ? 1 : 0);
}
