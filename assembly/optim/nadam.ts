import { expScalar } from '../called';
import { power } from '../math';
import { approach, combine, combineSquares, divideByRoot } from '../moments';
import { rowAt } from '../rows';

/** ln 0.96: the share of β1 that the momentum begins without wears off by 0.96 every 250 steps. */
const LN_WEAR: f64 = -0.04082199452025517;

/**
 * NAdam's direction, Adam with Nesterov's momentum, as PyTorch computes it.
 *   μ_t = β1·(1 − 0.96^(0.004·t) / 2)      Π = μ_1 · … · μ_t
 *   m = m + (1 − β1)(g − m)      v = β2·v + (1 − β2)·g²
 *   g = (g·(1 − μ_t)/(1 − Π) + m·μ_{t+1}/(1 − Π·μ_{t+1})) / (√(v / (1 − β2^t)) + ε)
 * Writes  g · m · v      rows of width; worn [1], which holds 1 − Π
 * Error   ≤ 6e-7 of the largest element after ten steps (measured)
 * Source  Dozat 2016
 */
export function nadamDirection(
  g: usize, m: usize, v: usize, worn: usize, list: usize, rows: i32, width: i32,
  beta1: f64, beta2: f64, epsilon: f64, t: i32,
): void {
  const mu = momentumAt(beta1, t);
  const next = momentumAt(beta1, t + 1);
  const product = (1 - <f64>load<f32>(worn)) * mu;
  store<f32>(worn, <f32>(1 - product));
  const ofG = <f32>((1 - mu) / (1 - product));
  const ofM = <f32>(next / (1 - product * next));
  const rootFactor = <f32>Math.sqrt(1 / (1 - power(beta2, t)));
  for (let r = 0; r < rows; r++) {
    const own = g + rowAt(0, r, width);
    const at = rowAt(list, r, width);
    approach(m + at, own, width, <f32>(1 - beta1));
    combineSquares(v + at, own, width, <f32>beta2, <f32>(1 - beta2));
    combine(own, m + at, width, ofG, ofM);
    divideByRoot(own, own, v + at, width, 1, rootFactor, <f32>epsilon);
  }
}

@inline function momentumAt(beta1: f64, t: i32): f64 {
  return beta1 * (1 - <f64>expScalar(<f32>(0.004 * LN_WEAR * <f64>t)) / 2);
}
