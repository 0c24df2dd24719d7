import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import type { Layer } from './layer.ts';
import { minimal, minimalOptions } from './minimal.ts';

/** What {@link minLstm} may be told. */
export const minLstmOptions = { ...minimalOptions } as const;

/** Options of {@link minLstm}. */
export interface MinLstmOptions extends OptionsOf<typeof minLstmOptions> {}

/**
 * An LSTM whose gates see the word alone (Feng et al. 2024): sequence → sequence of H features. Nothing is
 * multiplied from step to step, so there is less to compute, and it is weaker: stack two.
 *   h_t = (f∘h_{t−1} + i∘ĥ)/(f + i)      f, i = σ(W·x_t + b)      ĥ = W_h·x_t + b_h
 * Parameters for each direction: weightIH [3H,D], bias [3H], in the order f, i, then the candidate.
 * @throws UsageError when the size is not a whole number from 1 to 4096
 * @example
 * minLstm({ size: 128 })
 */
export function minLstm(options: MinLstmOptions = {}): Layer {
  const made = checkOptions('minLstm', minLstmOptions, options);
  return minimal(made, { forget: 'sigmoid', input: 'sigmoid', candidate: 'none' });
}
