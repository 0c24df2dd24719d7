import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import type { Layer } from './layer.ts';
import { minimal, minimalOptions } from './minimal.ts';

/** What {@link minGru} may be told. */
export const minGruOptions = { ...minimalOptions } as const;

/** Options of {@link minGru}. */
export interface MinGruOptions extends OptionsOf<typeof minGruOptions> {}

/**
 * An GRU whose gates see the word alone (Feng et al. 2024): sequence → sequence of H features. Nothing is
 * multiplied from step to step, so there is less to compute, and it is weaker: stack two.
 *   h_t = (1 − z)∘h_{t−1} + z∘ĥ      z = σ(W_z·x_t + b_z)      ĥ = W_h·x_t + b_h
 * Parameters for each direction: weightIH [2H,D], bias [2H], in the order z, then the candidate.
 * @throws UsageError when the size is not a whole number from 1 to 4096
 * @example
 * minGru({ size: 128 })
 */
export function minGru(options: MinGruOptions = {}): Layer {
  const made = checkOptions('minGru', minGruOptions, options);
  return minimal(made, { update: 'sigmoid', candidate: 'none' });
}
