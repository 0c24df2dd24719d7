/** Activations of one number in float64, and their derivatives given the result y. */

export const relu = (x: number): number => Math.max(x, 0);
export const reluDerivative = (y: number): number => (y <= 0 ? 0 : 1);

/** Φ, by the series of erf: exact for |x| ≤ 6. */
const normalCdf = (x: number): number => {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
};

export const gelu = (x: number): number => x * normalCdf(x);
export const geluDerivativeAt = (x: number): number =>
  normalCdf(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);

export const tanh = (x: number): number => Math.tanh(x);
export const tanhDerivative = (y: number): number => 1 - y * y;
