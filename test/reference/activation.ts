/** Activations of one number in float64, and their derivatives given the result y. */

export const relu = (x: number): number => Math.max(x, 0);
export const reluDerivative = (y: number): number => (y <= 0 ? 0 : 1);

export const tanh = (x: number): number => Math.tanh(x);
export const tanhDerivative = (y: number): number => 1 - y * y;
