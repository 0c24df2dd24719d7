/**
 * Multi-head scaled dot-product attention of a packed batch's sequences, each on its own: a word asks all words of
 * its text, itself included. d = C/heads; head h has columns h·d … (h+1)·d of each third of a row q | k | v.
 *   S = q·kᵀ/√d      P = softmax of each row of S      o = P·v
 * Source  Vaswani et al. 2017. Backward computes P anew from the logarithms of its sums, block of queries by block,
 *         so that no matrix of T² is kept: Dao et al. 2022 (FlashAttention).
 */
import { matmul } from '../matmul';
import { packRows, packTransposed } from '../panels';
import { clearPadding, gatherHead, gatherSequence, scaleOf, scatterSequence } from '../sequence';
import { stride } from '../simd';
import { softmaxRows, softmaxRowsBackward } from '../softmax';
import { matmulTransposedA, matmulTransposedAScratch } from '../transposed';

/** Queries that are answered together: their scores stay in the L2 cache. */
const BLOCK: i32 = 64;

/** Floats of scratch that the kernels below need for sequences of at most T steps and heads of d features. */
export function attentionScratch(T: i32, d: i32): i32 {
  return 10 * stride(T) * stride(d) + 2 * BLOCK * stride(T) + matmulTransposedAScratch(d);
}

/**
 * Writes  o [N,C8] · logSums [N,stride(heads)]: ln Σ exp of each query's scores
 * Reads   qkv [N,stride(3C)] · steps [T] · lengths [B]
 * Error   ≤ 4e-7 of the largest element (measured)
 * Cost    4·C·Σ lengths² flop and heads·Σ lengths² exponentials
 */
export function attentionForward(
  o: usize, logSums: usize, qkv: usize, steps: usize, lengths: usize, scratch: usize,
  B: i32, C: i32, heads: i32,
): void {
  const d = C / heads;
  clearPadding(o, steps, lengths, B, C);
  clearPadding(logSums, steps, lengths, B, heads);
  for (let b = 0; b < B; b++) {
    const L = load<i32>(lengths + (<usize>b << 2));
    const L8 = stride(L);
    const unit = <usize>(L8 * stride(d)) << 2;
    const q = scratch, k = q + unit, v = k + unit, panelsK = v + unit, panelsV = panelsK + unit, answers = panelsV + unit;
    const scores = answers + unit;
    for (let h = 0; h < heads; h++) {
      gatherHead(q, qkv, steps, b, L, d, C, h, 3, unit);
      packTransposed(panelsK, k, L, d);
      packRows(panelsV, v, L, d);
      for (let t = 0; t < L; t += BLOCK) {
        const count = min(BLOCK, L - t);
        matmul(scores, q + (<usize>(t * d) << 2), panelsK, count, L, d, d, L8, 0);
        softmaxRows(k + (<usize>t << 2), scores, count, L); // behind their panels keys are no longer needed
        matmul(answers + (<usize>(t * stride(d)) << 2), scores, panelsV, count, d, L, L8, stride(d), 0);
      }
      scatterSequence(o, answers, steps, b, L, d, stride(C), stride(d), h * d, 1);
      scatterSequence(logSums, k, steps, b, L, 1, stride(heads), 1, h, 1);
    }
  }
}

/**
 *   dV = Pᵀ·dO      dP = dO·vᵀ      dS = P∘(dP − Σ_j P∘dP)      dQ = dS·k/√d      dK = dSᵀ·q/√d
 * Writes  dQkv [N,stride(3C)]
 * Reads   dO [N,C8] · logSums [N,stride(heads)] · qkv [N,stride(3C)] · steps [T] · lengths [B]
 * Error   ≤ 6e-7 of the largest element (measured)
 * Cost    10·C·Σ lengths² flop and heads·Σ lengths² exponentials
 */
export function attentionBackward(
  dQkv: usize, dO: usize, logSums: usize, qkv: usize, steps: usize, lengths: usize, scratch: usize,
  B: i32, C: i32, heads: i32,
): void {
  const d = C / heads;
  const width = stride(3 * C);
  clearPadding(dQkv, steps, lengths, B, 3 * C);
  for (let b = 0; b < B; b++) {
    const L = load<i32>(lengths + (<usize>b << 2));
    const L8 = stride(L);
    const unit = <usize>(L8 * stride(d)) << 2;
    const q = scratch, k = q + unit, v = k + unit, dA = v + unit, panelsK = dA + unit, panelsV = panelsK + unit;
    const panelsBack = panelsV + unit, dQ = panelsBack + unit, dK = dQ + unit, dV = dK + unit;
    const scores = dV + unit;
    const dScores = scores + (<usize>(BLOCK * L8) << 2);
    const products = dScores + (<usize>(BLOCK * L8) << 2);
    for (let h = 0; h < heads; h++) {
      gatherHead(q, qkv, steps, b, L, d, C, h, 3, unit);
      gatherSequence(dA, dO, steps, b, L, d, stride(C), h * d, 1);
      packTransposed(panelsK, k, L, d);
      packTransposed(panelsV, v, L, d);
      packRows(panelsBack, k, L, d);
      gatherSequence(v, logSums, steps, b, L, 1, stride(heads), h, 1); // values are no longer needed behind their panels
      memory.fill(dK, 0, unit);
      memory.fill(dV, 0, unit);
      for (let t = 0; t < L; t += BLOCK) {
        const count = min(BLOCK, L - t);
        const queries = q + (<usize>(t * d) << 2);
        const dAnswers = dA + (<usize>(t * d) << 2);
        matmul(scores, queries, panelsK, count, L, d, d, L8, 0);
        matmul(dScores, dAnswers, panelsV, count, L, d, d, L8, 0);
        softmaxRowsBackward(dScores, scores, dScores, v + (<usize>t << 2), count, L, L8);
        matmulTransposedA(dV, scores, dAnswers, products, L, d, count, L8, d);
        matmul(dQ + (<usize>(t * stride(d)) << 2), dScores, panelsBack, count, d, L, L8, stride(d), 0);
        matmulTransposedA(dK, dScores, queries, products, L, d, count, L8, d);
      }
      scatterSequence(dQkv, dQ, steps, b, L, d, width, stride(d), h * d, scaleOf(d));
      scatterSequence(dQkv, dK, steps, b, L, d, width, d, C + h * d, 1);
      scatterSequence(dQkv, dV, steps, b, L, d, width, d, 2 * C + h * d, 1);
    }
  }
}
