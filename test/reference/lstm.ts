/**
 * The LSTM by its definition, in float64: one sequence after another, one step after another, no packing.
 *   z_t = W_ih·x_t + W_hh·h_{t-1} + b      rows i | f | g | o
 *   c_t = σ(f)∘c_{t-1} + σ(i)∘tanh(g)      h_t = σ(o)∘tanh(c_t)
 * With `reverse` each sequence is walked from its last step to its first; h_t stays beside its x_t.
 * Written to be read. The kernels are held to it, and it is itself held to finite differences and to PyTorch.
 */

export type Vector = number[];
export type Matrix = number[][];

export interface LstmParameters {
  weightIH: Matrix; // [4H, D]
  weightHH: Matrix; // [4H, H]
  bias: Vector; // [4H]
}

export interface LstmState {
  h: Vector; // [H]
  c: Vector; // [H]
}

/** Everything one step computes, each [H]; the gates after their activation. */
export interface LstmStep extends LstmState {
  i: Vector;
  f: Vector;
  g: Vector;
  o: Vector;
}

/** The gradients of the loss with respect to what went in; `parameters` summed over sequences and steps. */
export interface LstmGradients {
  x: Matrix[];
  /** Of every h_t, from above and from the step behind it: ∂L/∂h_t. */
  states: Matrix[];
  initial: LstmState[];
  parameters: LstmParameters;
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, k) => sum + value * b[k], 0);
const zeros = (n: number): Vector => new Array<number>(n).fill(0);
const zeroRows = (rows: number, n: number): Matrix => Array.from({ length: rows }, () => zeros(n));
const addScaled = (sum: Vector, scale: number, a: Vector): void => {
  for (let k = 0; k < a.length; k++) sum[k] += scale * a[k];
};

/** The steps of a sequence in the order in which they are walked. */
const walk = (length: number, reverse: boolean): number[] => {
  const order = [...Array(length).keys()];
  return reverse ? order.reverse() : order;
};

/** W·x; with int8 weights another takes its place. */
export type Product = (matrix: Matrix, x: Vector) => Vector;
const exactProduct: Product = (matrix, x) => matrix.map((row) => dot(row, x));

function lstmStep(x: Vector, previous: LstmState, parameters: LstmParameters, product: Product): LstmStep {
  const H = previous.h.length;
  const { weightIH, weightHH, bias } = parameters;
  const [fromX, fromH] = [product(weightIH, x), product(weightHH, previous.h)];
  const z = bias.map((b, row) => b + fromX[row] + fromH[row]);
  const i = z.slice(0, H).map(sigmoid);
  const f = z.slice(H, 2 * H).map(sigmoid);
  const g = z.slice(2 * H, 3 * H).map(Math.tanh);
  const o = z.slice(3 * H, 4 * H).map(sigmoid);
  const c = previous.c.map((value, k) => f[k] * value + i[k] * g[k]);
  const h = c.map((value, k) => o[k] * Math.tanh(value));
  return { i, f, g, o, c, h };
}

/** Runs every sequence x[b] from initial[b]; the result holds step t of sequence b at [b][t]. */
export function lstmForward(
  x: Matrix[],
  initial: LstmState[],
  parameters: LstmParameters,
  reverse: boolean,
  product = exactProduct,
): LstmStep[][] {
  return x.map((sequence, b) => {
    const steps = new Array<LstmStep>(sequence.length);
    let state = initial[b];
    for (const t of walk(sequence.length, reverse))
      state = steps[t] = lstmStep(sequence[t], state, parameters, product);
    return steps;
  });
}

/** Backward of lstmForward, given the gradient of every h_t. */
export function lstmBackward(
  x: Matrix[],
  initial: LstmState[],
  parameters: LstmParameters,
  steps: LstmStep[][],
  dY: Matrix[],
  reverse: boolean,
): LstmGradients {
  const { weightIH, weightHH } = parameters;
  const [D, H] = [weightIH[0].length, weightHH[0].length];
  const dX = x.map((sequence) => zeroRows(sequence.length, D));
  const states: Matrix[] = dY.map((sequence) => sequence.map((row) => [...row]));
  const sums = { weightIH: zeroRows(4 * H, D), weightHH: zeroRows(4 * H, H), bias: zeros(4 * H) };

  const dInitial = x.map((sequence, b) => {
    let [dH, dC] = [zeros(H), zeros(H)];
    const order = walk(sequence.length, reverse);
    for (let s = order.length - 1; s >= 0; s--) {
      const t = order[s];
      const previous = s > 0 ? steps[b][order[s - 1]] : initial[b];
      const { i, f, g, o, c } = steps[b][t];

      // Through h_t = o·tanh(c_t) to c_t, then to the arguments of the four activations.
      addScaled(dH, 1, dY[b][t]);
      states[b][t] = [...dH];
      const tanhC = c.map(Math.tanh);
      dC = dC.map((value, k) => value + dH[k] * o[k] * (1 - tanhC[k] ** 2));
      const dZ = [
        ...dC.map((value, k) => value * g[k] * i[k] * (1 - i[k])),
        ...dC.map((value, k) => value * previous.c[k] * f[k] * (1 - f[k])),
        ...dC.map((value, k) => value * i[k] * (1 - g[k] ** 2)),
        ...dH.map((value, k) => value * tanhC[k] * o[k] * (1 - o[k])),
      ];

      dC = dC.map((value, k) => value * f[k]);
      dH = zeros(H);
      dZ.forEach((value, row) => {
        addScaled(dX[b][t], value, weightIH[row]);
        addScaled(dH, value, weightHH[row]);
        addScaled(sums.weightIH[row], value, sequence[t]);
        addScaled(sums.weightHH[row], value, previous.h);
        sums.bias[row] += value;
      });
    }
    return { h: dH, c: dC };
  });

  return { x: dX, states, initial: dInitial, parameters: sums };
}
