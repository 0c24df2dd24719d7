import { type Checked, checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import { type Move, type Optimizer, optimizerOf } from '../optimizer.ts';

/** What {@link adam} may be told. */
export const adamOptions = {
  /** How far a step goes. Default 1e-3. */
  learningRate: { is: 'positive', default: 1e-3 },
  /** Decay of the mean of gradients. Default 0.9. */
  beta1: { is: 'share', default: 0.9 },
  /** Decay of the mean of squared gradients. Default 0.999. */
  beta2: { is: 'share', default: 0.999 },
  /** Added to the root, so that nothing is divided by zero. Default 1e-8. */
  epsilon: { is: 'positive', default: 1e-8 },
  /** This much of each weight is added to its gradient; biases and other vectors are spared. Default 0. */
  l2: { is: 'number', from: 0, to: 1000, default: 0 },
} as const;

/** Options of {@link adam}. */
export interface AdamOptions extends OptionsOf<typeof adamOptions> {}

/**
 * Adam (Kingma & Ba 2015): steps of about learningRate, whatever the size of the gradients.
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: adam({ learningRate: 1e-3 }) })
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return optimizerOf(checkOptions('adam', adamOptions, options), planAdam);
}

/** What {@link adamW} may be told. */
export const adamWOptions = {
  /** How far a step goes. Default 1e-3. */
  learningRate: { is: 'positive', default: 1e-3 },
  /** Decay of the mean of gradients. Default 0.9. */
  beta1: { is: 'share', default: 0.9 },
  /** Decay of the mean of squared gradients. Default 0.999. */
  beta2: { is: 'share', default: 0.999 },
  /** Added to the root, so that nothing is divided by zero. Default 1e-8. */
  epsilon: { is: 'positive', default: 1e-8 },
  /** Each step takes learningRate · weightDecay of a weight away; vectors are spared. Default 0.01. */
  weightDecay: { is: 'number', from: 0, to: 1000, default: 0.01 },
} as const;

/** Options of {@link adamW}. */
export interface AdamWOptions extends OptionsOf<typeof adamWOptions> {}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019).
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: adamW({ weightDecay: 0.1 }) })
 */
export function adamW(options: AdamWOptions = {}): Optimizer {
  return optimizerOf(checkOptions('adamW', adamWOptions, options), planAdam);
}

/** Adam's direction. */
export function planAdam(
  { gradient, rows, memory, call }: Move,
  { beta1, beta2, epsilon }: Pick<Checked<typeof adamWOptions>, 'beta1' | 'beta2' | 'epsilon'>,
): void {
  const moments = [memory('moment 1'), memory('moment 2')] as const;
  call('adamDirection', gradient, ...moments, ...rows, beta1, beta2, epsilon, 'moves');
}
