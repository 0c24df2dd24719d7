/**
 * What all words of a text together ask of each: the weights that make the mean of multi-head attention's answers a
 * mixture of the text's words. The answers themselves are never computed, nor are values: with P as in attention.ts,
 *   w_s = 1/L·Σ_t P_ts      mean over t of o_t = Σ_s w_s·v_s
 * d = C/heads; head h has columns h·d … (h+1)·d of either half of a row q | k.
 */
import { matmul } from '../matmul';
import { packRows, packTransposed } from '../panels';
import { clearPadding, gatherHead, gatherSequence, scaleOf, scatterSequence } from '../sequence';
import { addScaled, stride } from '../simd';
import { softmaxRows, softmaxRowsBackward } from '../softmax';
import { matmulTransposedA, matmulTransposedAScratch } from '../transposed';

/** Queries that are answered together: their scores stay in the L2 cache. */
const BLOCK: i32 = 64;

/** Floats of scratch that the kernels below need for sequences of at most T steps and heads of d features. */
export function attentionMeanScratch(T: i32, d: i32): i32 {
  return stride(T) * (6 * stride(d) + 16) + 2 * BLOCK * stride(T) + matmulTransposedAScratch(d);
}

/**
 * Writes  weights [N,stride(heads)] · logSums [N,stride(heads)]: ln Σ exp of each query's scores
 * Reads   qk [N,stride(2C)] · steps [T] · lengths [B]
 * Error   ≤ 4e-8 of the largest element (measured)
 * Cost    2·C·Σ lengths² flop and heads·Σ lengths² exponentials
 */
export function attentionMeanForward(
  weights: usize, logSums: usize, qk: usize, steps: usize, lengths: usize, scratch: usize,
  B: i32, C: i32, heads: i32,
): void {
  const d = C / heads;
  clearPadding(weights, steps, lengths, B, heads);
  clearPadding(logSums, steps, lengths, B, heads);
  for (let b = 0; b < B; b++) {
    const L = load<i32>(lengths + (<usize>b << 2));
    const L8 = stride(L);
    const unit = <usize>(L8 * stride(d)) << 2;
    const q = scratch, k = q + unit, panelsK = k + unit, sums = panelsK + unit;
    const logs = sums + (<usize>L8 << 2);
    const scores = logs + (<usize>L8 << 2);
    for (let h = 0; h < heads; h++) {
      gatherHead(q, qk, steps, b, L, d, C, h, 2, unit);
      packTransposed(panelsK, k, L, d);
      memory.fill(sums, 0, <usize>L8 << 2);
      for (let t = 0; t < L; t += BLOCK) {
        const count = min(BLOCK, L - t);
        matmul(scores, q + (<usize>(t * d) << 2), panelsK, count, L, d, d, L8, 0);
        softmaxRows(logs + (<usize>t << 2), scores, count, L);
        for (let r = 0; r < count; r++) addScaled(sums, scores + (<usize>(r * L8) << 2), L8, 1);
      }
      scatterSequence(weights, sums, steps, b, L, 1, stride(heads), 1, h, <f32>1 / <f32>L);
      scatterSequence(logSums, logs, steps, b, L, 1, stride(heads), 1, h, 1);
    }
  }
}

/**
 *   dP_ts = dW_s/L      dS = P∘(dP − Σ_j P∘dP)      dQ = dS·k/√d      dK = dSᵀ·q/√d
 * Writes  dQk [N,stride(2C)]
 * Reads   dWeights, logSums [N,stride(heads)] · qk [N,stride(2C)] · steps [T] · lengths [B]
 * Error   ≤ 4e-7 of the largest element (measured)
 * Cost    6·C·Σ lengths² flop and heads·Σ lengths² exponentials
 */
export function attentionMeanBackward(
  dQk: usize, dWeights: usize, logSums: usize, qk: usize, steps: usize, lengths: usize, scratch: usize,
  B: i32, C: i32, heads: i32,
): void {
  const d = C / heads;
  const width = stride(2 * C);
  clearPadding(dQk, steps, lengths, B, 2 * C);
  for (let b = 0; b < B; b++) {
    const L = load<i32>(lengths + (<usize>b << 2));
    const L8 = stride(L);
    const unit = <usize>(L8 * stride(d)) << 2;
    const q = scratch, k = q + unit, panelsK = k + unit, panelsBack = panelsK + unit, dQ = panelsBack + unit, dK = dQ + unit;
    const dP = dK + unit;
    const logs = dP + (<usize>L8 << 2);
    const scores = logs + (<usize>L8 << 2);
    const products = scores + (<usize>(BLOCK * L8) << 2);
    for (let h = 0; h < heads; h++) {
      gatherHead(q, qk, steps, b, L, d, C, h, 2, unit);
      memory.fill(dP, 0, <usize>L8 << 2);
      gatherSequence(dP, dWeights, steps, b, L, 1, stride(heads), h, <f32>1 / <f32>L);
      gatherSequence(logs, logSums, steps, b, L, 1, stride(heads), h, 1);
      packTransposed(panelsK, k, L, d);
      packRows(panelsBack, k, L, d);
      memory.fill(dK, 0, unit);
      for (let t = 0; t < L; t += BLOCK) {
        const count = min(BLOCK, L - t);
        const queries = q + (<usize>(t * d) << 2);
        matmul(scores, queries, panelsK, count, L, d, d, L8, 0);
        softmaxRowsBackward(scores, scores, dP, logs + (<usize>t << 2), count, L, 0);
        matmul(dQ + (<usize>(t * stride(d)) << 2), scores, panelsBack, count, d, L, L8, stride(d), 0);
        matmulTransposedA(dK, scores, queries, products, L, d, count, L8, d);
      }
      scatterSequence(dQk, dQ, steps, b, L, d, width, stride(d), h * d, scaleOf(d));
      scatterSequence(dQk, dK, steps, b, L, d, width, d, C + h * d, 1);
    }
  }
}
