/**
 * Scores of a sequence's rows against one query, and their softmax over the steps: what pooling by attention needs.
 *   s_tbh = scale·q_bh·x_tbh      w_tbh = exp(s_tbh − max_t)/Σ_t exp(s_tbh − max_t)
 * Head h has columns h·C/heads … (h+1)·C/heads of query and rows.
 */
import { addScaled, innerProduct, stride } from '../simd';
import { softmax, softmaxBackward } from '../softmax';
import { gatherSequence, scatterSequence } from '../sequence';

/**
 * Writes  scores [N,stride(heads)]
 * Reads   q [B,C8] if `each`, else [C] · x [N,C8] · steps [T]
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function scoreForward(
  scores: usize, q: usize, x: usize, steps: usize, T: i32, C: i32, heads: i32, each: i32, scale: f32,
): void {
  const d = C / heads;
  const part = <usize>d << 2;
  const width = <usize>stride(heads) << 2;
  const row = <usize>stride(C) << 2;
  const step = each ? row : 0;
  for (let t = 0; t < T; t++) {
    const alive = load<i32>(steps + (<usize>t << 2));
    for (let b = 0; b < alive; b++, scores += width, x += row) {
      memory.fill(scores, 0, width);
      for (let h: usize = 0; h < <usize>heads; h++) {
        store<f32>(scores + (h << 2), scale * innerProduct(q + <usize>b * step + h * part, x + h * part, d));
      }
    }
  }
}

/**
 *   dX_tbh = scale·dS_tbh·q_bh      dQ_bh = scale·Σ_t dS_tbh·x_tbh
 * Writes  dX [N,C8], or adds to it with `accumulate` · dQ [B,C8] if `each`; adds to dQ [C] else
 * Reads   dScores [N,stride(heads)] · q · x [N,C8] · steps [T]
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function scoreBackward(
  dX: usize, dQ: usize, dScores: usize, q: usize, x: usize, steps: usize, T: i32, B: i32, C: i32,
  heads: i32, each: i32, scale: f32, accumulate: i32,
): void {
  const d = C / heads;
  const part = <usize>d << 2;
  const width = <usize>stride(heads) << 2;
  const row = <usize>stride(C) << 2;
  const step = each ? row : 0;
  if (each) memory.fill(dQ, 0, <usize>B * row);
  for (let t = 0; t < T; t++) {
    const alive = load<i32>(steps + (<usize>t << 2));
    for (let b = 0; b < alive; b++, dScores += width, x += row, dX += row) {
      if (!accumulate) memory.fill(dX, 0, row);
      for (let h: usize = 0; h < <usize>heads; h++) {
        const from = <usize>b * step + h * part;
        const slope = scale * load<f32>(dScores + (h << 2));
        addScaled(dX + h * part, q + from, d, slope);
        addScaled(dQ + from, x + h * part, d, slope);
      }
    }
  }
}

/** Floats of scratch that the softmax of d columns at once over at most T steps needs. */
export function weighScratch(T: i32, d: i32): i32 {
  return 2 * stride(T) * d;
}

/**
 * Writes  weights [N,stride(heads)]
 * Reads   scores [N,stride(heads)] · steps [T] · lengths [B]
 * Error   ≤ 1e-7 of the largest element (measured)
 */
export function weighForward(
  weights: usize, scores: usize, steps: usize, lengths: usize, scratch: usize, N: i32, B: i32, heads: i32,
): void {
  const width = stride(heads);
  memory.fill(weights, 0, <usize>(N * width) << 2);
  for (let b = 0; b < B; b++) {
    const L = load<i32>(lengths + (<usize>b << 2));
    for (let h = 0; h < heads; h++) {
      gatherSequence(scratch, scores, steps, b, L, 1, width, h, 1);
      softmax(scratch, L);
      scatterSequence(weights, scratch, steps, b, L, 1, width, 1, h, 1);
    }
  }
}

/**
 *   dS = w∘(dW − Σ_t w∘dW)
 * Writes  dScores [N,stride(heads)]
 * Reads   dWeights, weights [N,stride(heads)] · steps [T] · lengths [B]
 * Error   ≤ 6e-7 of the largest element (measured)
 */
export function weighBackward(
  dScores: usize, dWeights: usize, weights: usize, steps: usize, lengths: usize, scratch: usize, N: i32, B: i32, heads: i32,
): void {
  const width = stride(heads);
  memory.fill(dScores, 0, <usize>(N * width) << 2);
  for (let b = 0; b < B; b++) {
    const L = load<i32>(lengths + (<usize>b << 2));
    const bytes = <usize>stride(L) << 2;
    const dW = scratch + bytes;
    for (let h = 0; h < heads; h++) {
      memory.fill(scratch, 0, 2 * bytes);
      gatherSequence(scratch, weights, steps, b, L, 1, width, h, 1);
      gatherSequence(dW, dWeights, steps, b, L, 1, width, h, 1);
      softmaxBackward(dW, scratch, dW, innerProduct(scratch, dW, L), L);
      scatterSequence(dScores, dW, steps, b, L, 1, width, 1, h, 1);
    }
  }
}

/**
 * y_tb += u_b
 * Adds to y [N,C8]
 * Reads   u [B,C8] · steps [T]
 * Error   ≤ 6e-8 per element: one rounding
 */
export function tellForward(y: usize, u: usize, steps: usize, T: i32, C: i32): void {
  const C8 = stride(C);
  for (let t = 0; t < T; t++) {
    const alive = load<i32>(steps + (<usize>t << 2));
    addScaled(y, u, alive * C8, 1);
    y += <usize>(alive * C8) << 2;
  }
}

/**
 * dU_b = Σ_t dY_tb
 * Writes  dU [B,C8]
 * Reads   dY [N,C8] · steps [T]
 * Error   ≤ 1e-7 of the largest element (measured)
 */
export function tellBackward(dU: usize, dY: usize, steps: usize, T: i32, B: i32, C: i32): void {
  const C8 = stride(C);
  memory.fill(dU, 0, <usize>(B * C8) << 2);
  for (let t = 0; t < T; t++) {
    const alive = load<i32>(steps + (<usize>t << 2));
    addScaled(dU, dY, alive * C8, 1);
    dY += <usize>(alive * C8) << 2;
  }
}
