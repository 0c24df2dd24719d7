/** Optimisers in float64; each turns a gradient, in its place, into the direction to go. State begins as zeros. */

export function adamDirection(
  g: number[],
  m: number[],
  v: number[],
  { beta1, beta2, epsilon }: { beta1: number; beta2: number; epsilon: number },
  t: number,
): void {
  g.forEach((gradient, k) => {
    m[k] = beta1 * m[k] + (1 - beta1) * gradient;
    v[k] = beta2 * v[k] + (1 - beta2) * gradient * gradient;
    g[k] = m[k] / (1 - beta1 ** t) / (Math.sqrt(v[k] / (1 - beta2 ** t)) + epsilon);
  });
}

export function momentumDirection(g: number[], m: number[], momentum: number, nesterov: boolean): void {
  g.forEach((gradient, k) => {
    m[k] = momentum * m[k] + gradient;
    g[k] = nesterov ? gradient + momentum * m[k] : m[k];
  });
}

/** y += a·x */
export function addTimes(y: number[], x: number[], a: number): void {
  x.forEach((value, k) => {
    y[k] += a * value;
  });
}

export function follow(mean: number[], x: number[], share: number): void {
  x.forEach((value, k) => {
    mean[k] = (1 - share) * mean[k] + share * value;
  });
}

export function clipValues(g: number[], limit: number): void {
  g.forEach((value, k) => {
    if (value > limit) g[k] = limit;
    if (value < -limit) g[k] = -limit;
  });
}

export const sumSquares = (x: number[]): number => x.reduce((sum, value) => sum + value * value, 0);

export function drain(to: number[], from: number[]): void {
  from.forEach((value, k) => {
    to[k] += value;
    from[k] = 0;
  });
}
