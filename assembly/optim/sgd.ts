import { addScaled } from '../simd';

/**
 * Stochastic gradient descent over a flat block.
 *   p −= learningRate·gradientScale·g
 * Writes  parameters [n]      any n, any alignment
 * Reads   gradients [n]
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function sgdStep(
  parameters: usize, gradients: usize, n: i32, learningRate: f64, gradientScale: f64,
): void {
  addScaled(parameters, gradients, n, <f32>(-learningRate * gradientScale));
}
