import { UsageError } from '../../runtime/errors.ts';
import { flag, share } from '../../runtime/options.ts';
import { type CommonOptions, commonOptions, type Move, type Optimizer, planDecay } from '../optimizer.ts';

/** Options of {@link sgd}. */
export interface SgdOptions extends CommonOptions {
  /** Default 0.1. */
  readonly learningRate?: number;
  /** Share of the last direction that is gone on with. Default 0. */
  readonly momentum?: number;
  /** Looks ahead where the momentum leads. Default false. */
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent (Robbins & Monro 1951), with momentum m = μ·m + g and p −= learningRate · m, or with
 * Nesterov's p −= learningRate · (g + μ·m).
 * @throws UsageError when an option is out of range, a NaN included, or nesterov has no momentum to act on
 * @example
 * train(model, rows, { optimizer: sgd({ learningRate: 0.5, momentum: 0.9, nesterov: true }) })
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const defaults = { learningRate: 0.1, weightDecay: 0 };
  const common = commonOptions('sgd', options, defaults, ['momentum', 'nesterov']);
  const momentum = share('sgd momentum', options.momentum ?? 0);
  const nesterov = flag('sgd nesterov', options.nesterov ?? false);
  if (nesterov && momentum === 0) {
    throw new UsageError('sgd nesterov can do nothing without momentum', { cause: 'Give momentum: 0.9.' });
  }
  return {
    kind: 'sgd',
    options: { ...common, momentum, nesterov },
    plan(move) {
      planDecay(move, common.l2);
      if (momentum > 0) planMomentum(move, momentum, nesterov);
      planDecay(move, common.weightDecay);
    },
  };
}

/** Goes on with the direction so far. */
export function planMomentum(move: Move, momentum: number, nesterov: boolean): void {
  const { gradient, rows, memory, call } = move;
  call('momentumDirection', gradient, memory('momentum'), ...rows, momentum, nesterov ? 1 : 0);
}
