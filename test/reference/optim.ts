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

export function rmspropDirection(g: number[], v: number[], alpha: number, epsilon: number): void {
  g.forEach((gradient, k) => {
    v[k] = alpha * v[k] + (1 - alpha) * gradient ** 2;
    g[k] = gradient / (Math.sqrt(v[k]) + epsilon);
  });
}

export function adagradDirection(g: number[], v: number[], epsilon: number): void {
  g.forEach((gradient, k) => {
    v[k] += gradient ** 2;
    g[k] = gradient / (Math.sqrt(v[k]) + epsilon);
  });
}

export function adadeltaDirection(g: number[], v: number[], u: number[], rho: number, epsilon: number): void {
  g.forEach((gradient, k) => {
    v[k] = rho * v[k] + (1 - rho) * gradient ** 2;
    g[k] = (Math.sqrt(u[k] + epsilon) / Math.sqrt(v[k] + epsilon)) * gradient;
    u[k] = rho * u[k] + (1 - rho) * g[k] ** 2;
  });
}

/** @param product [1] of the momenta before, 1 at the start */
export function nadamDirection(
  g: number[],
  m: number[],
  v: number[],
  product: number[],
  { beta1, beta2, epsilon }: { beta1: number; beta2: number; epsilon: number },
  t: number,
): void {
  const momentum = (t: number) => beta1 * (1 - 0.5 * 0.96 ** (0.004 * t));
  product[0] *= momentum(t);
  g.forEach((gradient, k) => {
    m[k] = beta1 * m[k] + (1 - beta1) * gradient;
    v[k] = beta2 * v[k] + (1 - beta2) * gradient ** 2;
    const ahead =
      ((1 - momentum(t)) / (1 - product[0])) * gradient +
      (momentum(t + 1) / (1 - product[0] * momentum(t + 1))) * m[k];
    g[k] = ahead / (Math.sqrt(v[k] / (1 - beta2 ** t)) + epsilon);
  });
}

export function lionDirection(g: number[], m: number[], beta1: number, beta2: number): void {
  g.forEach((gradient, k) => {
    g[k] = Math.sign(beta1 * m[k] + (1 - beta1) * gradient);
    m[k] = beta2 * m[k] + (1 - beta2) * gradient;
  });
}

/** Of a matrix; R and C begin as zeros. */
export function adafactorDirection(
  g: number[][],
  R: number[],
  C: number[],
  p: readonly (readonly number[])[],
  { decay, epsilon, rate }: { decay: number; epsilon: number; rate: number },
  t: number,
): void {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rms = (rows: readonly (readonly number[])[]) => Math.sqrt(mean(rows.flat().map((x) => x ** 2)));
  const squares = g.map((row) => row.map((value) => value ** 2 + 1e-30));
  const share = t ** -decay;
  squares.forEach((row, i) => {
    R[i] += share * (mean(row) - R[i]);
  });
  C.forEach((old, j) => {
    C[j] += share * (mean(squares.map((row) => row[j])) - old);
  });
  const whole = mean(R);
  const u = g.map((row, i) => row.map((value, j) => value / Math.sqrt((R[i] * C[j]) / whole)));
  const size = (Math.max(epsilon, rms(p)) * Math.min(1, 1 / (rate * Math.sqrt(t)))) / Math.max(1, rms(u));
  g.forEach((row, i) => {
    row.forEach((_, j) => {
      row[j] = size * u[i][j];
    });
  });
}

/** By z and x themselves. @param sum [1] of the squared rates of the steps before */
export function scheduleFreeMove(
  y: number[],
  [z, x, v, sum]: readonly number[][],
  g: readonly number[],
  options: { beta1: number; beta2: number; epsilon: number; decay: number; rate: number },
  t: number,
): void {
  const { beta1, beta2, epsilon, decay, rate } = options;
  sum[0] += rate ** 2;
  const c = rate ** 2 / sum[0];
  g.forEach((gradient, k) => {
    v[k] = beta2 * v[k] + (1 - beta2) * gradient ** 2;
    const direction = gradient / (Math.sqrt(v[k] / (1 - beta2 ** t)) + epsilon) + decay * y[k];
    z[k] -= rate * direction;
    x[k] = (1 - c) * x[k] + c * z[k];
    y[k] = (1 - beta1) * z[k] + beta1 * x[k];
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
