import { positive, share } from '../../runtime/options.ts';
import { type CommonOptions, commonOptions, type Optimizer, planDecay } from '../optimizer.ts';

/** Options of {@link adam} and {@link adamW}. */
export interface AdamOptions extends CommonOptions {
  /** Default 1e-3. */
  readonly learningRate?: number;
  /** Decay of the mean of gradients. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root, so that nothing is divided by zero. Default 1e-8. */
  readonly epsilon?: number;
}

/**
 * Adam (Kingma & Ba 2015): steps of about learningRate, whatever the size of the gradients.
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: adam({ learningRate: 1e-3 }) })
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return adamOf('adam', options, 0);
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019), 0.01 by default.
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: adamW({ weightDecay: 0.1 }) })
 */
export function adamW(options: AdamOptions = {}): Optimizer {
  return adamOf('adamW', options, 0.01);
}

function adamOf(kind: string, options: AdamOptions, weightDecay: number): Optimizer {
  const defaults = { learningRate: 1e-3, weightDecay };
  const common = commonOptions(kind, options, defaults, ['beta1', 'beta2', 'epsilon']);
  const beta1 = share(`${kind} beta1`, options.beta1 ?? 0.9);
  const beta2 = share(`${kind} beta2`, options.beta2 ?? 0.999);
  const epsilon = positive(`${kind} epsilon`, options.epsilon ?? 1e-8);
  return {
    kind,
    options: { ...common, beta1, beta2, epsilon },
    plan(move) {
      const { gradient, rows, memory, call } = move;
      planDecay(move, common.l2);
      const moments = [memory('moment 1'), memory('moment 2')] as const;
      call('adamDirection', gradient, ...moments, ...rows, beta1, beta2, epsilon, 'moves');
      planDecay(move, common.weightDecay);
    },
  };
}
