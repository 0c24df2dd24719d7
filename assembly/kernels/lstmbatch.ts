/**
 * The recurrently batch-normalised LSTM over a packed batch, in the direction of reading forward.
 *   z_t = y_t + γ_h∘norm(W_hh·h_{t−1}) + b      rows i | f | g | o      y_t what the input projects to, normalised already
 *   c_t = f∘c_{t−1} + i∘g      h_t = o∘tanh(γ_c∘norm(c_t) + β_c)
 * In training norm takes mean and variance of step t over the texts that have a step t: packing is the mask. Fewer
 * than two of them tell nothing of a variance; they, steps from S on, and predictions go by the running statistics of their
 * step, or where that was never seen by those of the last step before it that was; steps from S on by those of step S−1.
 * Source  Cooijmans et al. 2016
 *
 * A table of statistics has for each of S steps rows of 5·H8 numbers, of W_hh·h (4·H8) and of c (H8):
 *   0 μ   1 1/√(σ² + ε)   and in that of a batch   2 σ²
 */
import { moveBackward, moveCell, showBackward, showNormal } from '../cell';
import { matmul } from '../matmul';
import { columnMoments, normalise, normaliseColumnsBackward } from '../normal';
import { aliveAt, inputRows, openStep, product, stateBefore } from '../packed';
import { stride } from '../simd';
import { add, addProduct, multiply, sigmoids, tanhs } from '../vectors';

/**
 * The running statistics as the passes read them. What follows a batch started from 0, as `seen` did from 0 towards 1, so that
 * the quotient is a mean of batches.
 * Writes  running [S,2,5·H8]
 * Reads   mean, variance [S,5,H] · seen [S]
 */
export function lstmBatchPrepare(
  running: usize, mean: usize, variance: usize, seen: usize, S: i32, H: i32, epsilon: f32,
): void {
  const H8 = stride(H);
  const row = <usize>(5 * H8) << 2;
  memory.fill(running, 0, <usize>S * 2 * row);
  for (let s = 0; s < S; s++, running += 2 * row, seen += 4) {
    const weight = load<f32>(seen);
    if (weight == 0 && s > 0) memory.copy(running, running - 2 * row, 2 * row);
    for (let g = 0; g < 5; g++) {
      for (let j = 0; j < H; j++, mean += 4, variance += 4) {
        const at = running + (<usize>(g * H8 + j) << 2);
        if (weight > 0) {
          store<f32>(at, load<f32>(mean) / weight);
          store<f32>(at + row, <f32>1 / sqrt<f32>(load<f32>(variance) / weight + epsilon));
        } else if (s == 0) store<f32>(at + row, 1);
      }
    }
  }
}

/**
 * Writes  h, c [N,H8] · gates [N,4·H8] (activated) · previous [N,H8] (h_{t−1}) · normal [N,5·H8] (normalised: of W_hh·h, of c)
 *         own [S,3,5·H8], of the steps that have their own statistics (0: a prediction)
 * Moves   clock, a float: steps read before this piece of a stream (0: a text begins)
 * Reads   projected [U,4·H8] · index [N] (0: row n shows row n) · steps [T] · h0, c0 [B,H8] (0: zero)
 *         running [S,2,5·H8] · panelsHH, bias [4·H8] · gains [6·H8]: γ_h, γ_c, β_c
 *         with scratch, matmulQuantisedScratch(H) floats, int8 panels
 * Error   ≤ 5.7e-6 of the largest element, against test/reference/lstm-batch.ts (measured)
 * Cost    8·N·H8·H flop and 5·N·H transcendentals
 */
export function lstmBatchForward(
  h: usize, c: usize, gates: usize, previous: usize, normal: usize, own: usize, clock: usize,
  projected: usize, index: usize, steps: usize, h0: usize, c0: usize, running: usize,
  panelsHH: usize, scratch: usize, bias: usize, gains: usize, T: i32, H: i32, S: i32, epsilon: f32,
): void {
  const H8 = stride(H);
  const bytes = <usize>H8 << 2;
  const begun = clock ? <i32>load<f32>(clock) : 0;
  let row = 0;
  for (let t = 0; t < T; t++) {
    const alive = aliveAt(steps, t);
    const first = <usize>row;
    const n = normal + 5 * first * bytes;
    const isOwn = own != 0 && hasOwn(alive, t, S);
    const table = isOwn ? own + <usize>t * 15 * bytes : running + <usize>min(begun + t, S - 1) * 10 * bytes;
    stateBefore(c + first * bytes, c, c0, steps, row, t, T, H, 0);
    stateBefore(previous + first * bytes, h, h0, steps, row, t, T, H, 0);
    inputRows(gates + 4 * first * bytes, projected, index, bias, row, alive, 4 * H8);
    product(n, previous + first * bytes, panelsHH, scratch, alive, 4 * H8, H, 5 * H8, 0);
    if (isOwn) columnMoments(table, table + 5 * bytes, table + 10 * bytes, n, 0, alive, 5 * bytes, 4 * H8, epsilon);
    for (let b: usize = 0; b < <usize>alive; b++) {
      const at = (first + b) * bytes;
      cell(c + at, n + 5 * b * bytes, gates + 4 * at, table, gains, bytes);
    }
    if (isOwn) {
      const ofC = table + 4 * bytes;
      columnMoments(ofC, ofC + 5 * bytes, ofC + 10 * bytes, n + 4 * bytes, 0, alive, 5 * bytes, H8, epsilon);
    }
    for (let b: usize = 0; b < <usize>alive; b++) {
      const at = (first + b) * bytes;
      show(h + at, n + 5 * b * bytes, gates + 4 * at, table, gains, bytes);
    }
    row += alive;
  }
  if (clock) store<f32>(clock, <f32>(begun + T));
}

/** Whether step t of a batch has statistics of its own. */
@inline function hasOwn(alive: i32, t: i32, S: i32): bool {
  return alive > 1 && t < S;
}

/** One row: x̂ over W_hh·h, gates activated, c moves on, and stands in `normal` to be normalised. */
function cell(c: usize, normal: usize, gates: usize, table: usize, gains: usize, step: usize): void {
  normalise(normal, table, table + 5 * step, 4 * step);
  addProduct(gates, gains, normal, 4 * step);
  sigmoids(gates, gates, 2 * step);
  tanhs(gates + 2 * step, gates + 2 * step, step);
  sigmoids(gates + 3 * step, gates + 3 * step, step);
  moveCell(c, gates, 0, step);
  memory.copy(normal + 4 * step, c, step);
}

/** One row: ĉ over c in `normal`, h = o∘tanh(γ_c∘ĉ + β_c). */
function show(h: usize, normal: usize, gates: usize, table: usize, gains: usize, step: usize): void {
  const c = normal + 4 * step;
  normalise(c, table + 4 * step, table + 9 * step, step);
  showNormal(h, c, gains, step);
  multiply(h, h, gates + 3 * step, step);
}

/**
 * Back through time, and through the statistics of the steps that have their own.
 * Writes  gates → dGates [N,4·H8] in place · normal → gradient of W_hh·h in its first 4·H8 columns
 *         dGains [6·H8] · dH, dC [B,H8]: gradients of zero states · before, dShown [B,H8]: scratch
 * Reads   dY [N,H8] · c [N,H8] · own, running, steps, gains as forward · panelsHH of gatesPackBackward
 * Error   ≤ 2.6e-5 of the largest gradient (measured)
 */
export function lstmBatchBackward(
  gates: usize, normal: usize, dGains: usize, dH: usize, dC: usize, before: usize, dShown: usize,
  dY: usize, c: usize, own: usize, running: usize, steps: usize, panelsHH: usize, gains: usize,
  T: i32, B: i32, N: i32, H: i32, S: i32,
): void {
  const H8 = stride(H);
  const bytes = <usize>H8 << 2;
  memory.fill(dH, 0, <usize>B * bytes);
  memory.fill(dC, 0, <usize>B * bytes);
  memory.fill(dGains, 0, 6 * bytes);
  let row = N;
  for (let t = T - 1; t >= 0; t--) {
    const alive = aliveAt(steps, t);
    row -= alive;
    const first = <usize>row;
    const z = gates + 4 * first * bytes;
    const n = normal + 5 * first * bytes;
    const isOwn = hasOwn(alive, t, S);
    const table = isOwn ? own + <usize>t * 15 * bytes : running + <usize>min(t, S - 1) * 10 * bytes;
    const inverse = table + 5 * bytes;
    openStep(dH, before, dY + first * bytes, 0, alive, H);
    stateBefore(before, c, 0, steps, row, t, T, H, 0);
    for (let b: usize = 0; b < <usize>alive; b++) {
      const at = b * bytes;
      showNormal(dShown + at, n + 5 * at + 4 * bytes, gains, bytes);
      showBackward(dShown + at, z + 4 * at, dH + at, bytes);
      add(dGains + 5 * bytes, dShown + at, bytes);
    }
    normaliseColumnsBackward(
      dShown, bytes, dGains + 4 * bytes, dShown, bytes, n + 4 * bytes, 5 * bytes,
      gains + 4 * bytes, inverse + 4 * bytes, alive, H8, !isOwn,
    );
    for (let b: usize = 0; b < <usize>alive; b++) {
      const at = b * bytes;
      add(dC + at, dShown + at, bytes);
      moveBackward(z + 4 * at, dC + at, before + at, 0, bytes);
    }
    normaliseColumnsBackward(
      n, 5 * bytes, dGains, z, 4 * bytes, n, 5 * bytes, gains, inverse, alive, 4 * H8, !isOwn,
    );
    matmul(dH, n, panelsHH, alive, H, 4 * H8, 5 * H8, H8, 0);
  }
}

/**
 * What the running statistics move to: of each step that has its own statistics those, with their unbiased variance, of
 * the others what they are; times this batch's share of all words.
 * Adds to dMean, dVariance [S,5,H] · dSeen [S]
 * Reads   own of lstmBatchForward · mean, variance [S,5,H] · seen [S] · steps [T]
 */
export function lstmBatchFollow(
  dMean: usize, dVariance: usize, dSeen: usize, own: usize, mean: usize, variance: usize, seen: usize, steps: usize,
  T: i32, H: i32, S: i32, share: f32,
): void {
  const H8 = stride(H);
  const row = <usize>(5 * H8) << 2;
  for (let s = 0; s < S; s++, own += 3 * row) {
    const alive = s < T ? aliveAt(steps, s) : 0;
    const isOwn = hasOwn(alive, s, S);
    const unbiased = <f32>alive / <f32>(alive - 1);
    for (let g = 0; g < 5; g++) {
      for (let j = 0; j < H; j++, dMean += 4, dVariance += 4, mean += 4, variance += 4) {
        const at = own + (<usize>(g * H8 + j) << 2);
        increase(dMean, share * (isOwn ? load<f32>(at) : load<f32>(mean)));
        increase(dVariance, share * (isOwn ? load<f32>(at + 2 * row) * unbiased : load<f32>(variance)));
      }
    }
    const at = <usize>s << 2;
    increase(dSeen + at, share * (isOwn ? <f32>1 : load<f32>(seen + at)));
  }
}

@inline function increase(to: usize, value: f32): void {
  store<f32>(to, load<f32>(to) + value);
}
