/**
 * Reverse-mode differentiation of vectors in float64: a twin that is written as its formula alone has its gradient
 * from here. Held to central differences in test/gradients/tape.test.ts.
 */
export interface Variable {
  readonly value: number[];
  /** Of what was differentiated, after Tape.differentiate. */
  readonly gradient: number[];
}

export class Tape {
  readonly #backward: (() => void)[] = [];

  /** Something to differentiate with respect to. */
  variable(value: readonly number[]): Variable {
    return { value: [...value], gradient: value.map(() => 0) };
  }

  /** y_k = f(a_k, b_k, …), with the derivative by each argument. */
  map(
    args: readonly Variable[],
    f: (...of: number[]) => number,
    ...derivatives: ((...of: number[]) => number)[]
  ): Variable {
    const at = (k: number) => args.map(({ value }) => value[k]);
    const y = this.variable(args[0].value.map((_, k) => f(...at(k))));
    this.#backward.push(() => {
      for (let k = 0; k < y.value.length; k++)
        args.forEach((arg, n) => {
          arg.gradient[k] += y.gradient[k] * derivatives[n](...at(k));
        });
    });
    return y;
  }

  /** W·x of a dense weight matrix, one row an output. */
  product(W: Variable, x: Variable): Variable {
    const n = x.value.length;
    const rows = W.value.length / n;
    const y = this.variable(new Array<number>(rows).fill(0));
    for (let r = 0; r < rows; r++) for (let k = 0; k < n; k++) y.value[r] += W.value[r * n + k] * x.value[k];
    this.#backward.push(() => {
      for (let r = 0; r < rows; r++)
        for (let k = 0; k < n; k++) {
          W.gradient[r * n + k] += y.gradient[r] * x.value[k];
          x.gradient[k] += y.gradient[r] * W.value[r * n + k];
        }
    });
    return y;
  }

  /** Elements from … to. */
  slice(x: Variable, from: number, to: number): Variable {
    const y = this.variable(x.value.slice(from, to));
    this.#backward.push(() => {
      for (let k = from; k < to; k++) x.gradient[k] += y.gradient[k - from];
    });
    return y;
  }

  add(a: Variable, ...more: Variable[]): Variable {
    return more.reduce((sum, b) => this.map([sum, b], (p, q) => p + q, one, one), a);
  }

  multiply(a: Variable, b: Variable): Variable {
    const second = (_: number, q: number) => q;
    return this.map(
      [a, b],
      (p, q) => p * q,
      second,
      (p) => p,
    );
  }

  sigmoid(a: Variable): Variable {
    const f = (x: number) => 1 / (1 + Math.exp(-x));
    return this.map([a], f, (x) => f(x) * (1 - f(x)));
  }

  tanh(a: Variable): Variable {
    return this.map([a], Math.tanh, (x) => 1 - Math.tanh(x) ** 2);
  }

  relu(a: Variable): Variable {
    return this.map(
      [a],
      (x) => Math.max(x, 0),
      (x) => (x > 0 ? 1 : 0),
    );
  }

  /** (a − μ)/√(σ² + ε) over its elements. */
  normalise(a: Variable, epsilon: number): Variable {
    const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
    const off = a.value.map((v) => v - mean(a.value));
    const deviation = Math.sqrt(mean(off.map((v) => v * v)) + epsilon);
    const y = this.variable(off.map((v) => v / deviation));
    this.#backward.push(() => {
      const slope = mean(y.gradient.map((d, k) => d * y.value[k]));
      const level = mean(y.gradient);
      y.gradient.forEach((d, k) => {
        a.gradient[k] += (d - level - y.value[k] * slope) / deviation;
      });
    });
    return y;
  }

  /** Element k of each row to mean 0 and variance 1 over the rows. */
  normaliseTogether(rows: readonly Variable[], epsilon: number): Variable[] {
    const columns = rows[0].value.map((_, k) => {
      const column = rows.map((row) => this.slice(row, k, k + 1));
      return this.normalise(this.concat(column), epsilon);
    });
    return rows.map((_, r) => this.concat(columns.map((column) => this.slice(column, r, r + 1))));
  }

  /** One behind the other. */
  concat(parts: readonly Variable[]): Variable {
    const y = this.variable(parts.flatMap(({ value }) => value));
    this.#backward.push(() => {
      let at = 0;
      for (const { gradient } of parts)
        for (let k = 0; k < gradient.length; k++) gradient[k] += y.gradient[at++];
    });
    return y;
  }

  /** a + share∘(b − a), share fixed. */
  mix(a: Variable, b: Variable, share: readonly number[]): Variable {
    const kept = this.variable(share);
    return this.map(
      [a, b, kept],
      (p, q, s) => p + s * (q - p),
      (_p, _q, s) => 1 - s,
      (_p, _q, s) => s,
      () => 0,
    );
  }

  /** Fills in the gradient of Σ y∘dY with respect to all there is. */
  differentiate(ys: readonly Variable[], dYs: readonly (readonly number[])[]): void {
    ys.forEach((y, i) => {
      dYs[i].forEach((d, k) => {
        y.gradient[k] += d;
      });
    });
    for (const step of this.#backward.reverse()) step();
  }
}

const one = () => 1;
