import { checkOptions, type OptionsOf } from '../../runtime/declared.ts';
import { stride } from '../../runtime/stride.ts';
import { type Optimizer, optimizerOf } from '../optimizer.ts';
import { planAdam } from './adam.ts';
import { planMomentum } from './sgd.ts';

/** What {@link muon} may be told. */
export const muonOptions = {
  /** How far a step goes, as of adamW(). Default 1e-3. */
  learningRate: { is: 'positive', default: 1e-3 },
  /** Share of the last direction that a matrix goes on with, looking ahead. Default 0.95. */
  momentum: { is: 'share', default: 0.95 },
  /** Of AdamW, decay of the mean of gradients. Default 0.9. */
  beta1: { is: 'share', default: 0.9 },
  /** Of AdamW, decay of the mean of squared gradients. Default 0.999. */
  beta2: { is: 'share', default: 0.999 },
  /** Of AdamW, added to the root, so that nothing is divided by zero. Default 1e-8. */
  epsilon: { is: 'positive', default: 1e-8 },
  /** Each step takes learningRate · weightDecay of a weight away; vectors are spared. Default 0.01. */
  weightDecay: { is: 'number', from: 0, to: 1000, default: 0.01 },
} as const;

/** Options of {@link muon}. */
export interface MuonOptions extends OptionsOf<typeof muonOptions> {}

/**
 * Muon (Jordan et al. 2024): a matrix goes where its momentum points, all its singular values made about 1. Each gate's
 * matrix, and each of query, key and value, is one by itself. What is no linear map, vectors and rows that are
 * looked up, goes by AdamW; the scale of Liu et al. 2025 lets both share a learning rate.
 * @throws UsageError when an option is out of range, a NaN included
 * @example
 * train(model, rows, { optimizer: muon({ learningRate: 2e-3 }) })
 */
export function muon(options: MuonOptions = {}): Optimizer {
  const made = checkOptions('muon', muonOptions, options);
  return optimizerOf(made, (move, { momentum, ...ofAdam }) => {
    const { shape, maps, gradient, scratch, call } = move;
    if (maps === 0) {
      planAdam(move, ofAdam);
      return;
    }
    const [m, n] = [shape[0] / maps, shape[1]];
    planMomentum(move, momentum, true);
    call('orthogonalise', gradient, scratch(scratchOf(m, n)), maps, m, n);
  });
}

/** Floats of scratch that orthogonalise asks for. */
function scratchOf(m: number, n: number): number {
  const [r, s] = [Math.min(m, n), Math.max(m, n)];
  return 2 * r * stride(s) + 2 * r * stride(r) + stride(r) * stride(s);
}
