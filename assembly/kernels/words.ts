/**
 * Language modelling over a packed batch: each guess q_n is a vector, and is held against the vectors x_u of the
 * batch's own distinct words, known or unknown. So the loss is that of telling the right word among those, exactly;
 * it is not the perplexity over a whole vocabulary, and grows with the batch.
 * Source  tied vectors: Press & Wolf 2017, Inan et al. 2017; a softmax over some of the words: Jean et al. 2015
 */
import { exp } from '../called';
import { logScalar } from '../math';
import { matmul } from '../matmul';
import { packRows, packTransposed } from '../panels';
import { stride } from '../simd';
import { matmulTransposedA, matmulTransposedAScratch } from '../transposed';
import { multiply } from '../vectors';

/** Rows that are held against all words at a time: so many columns has `scores`. */
const BLOCK: i32 = 64;

/** Columns that `scores` must have, a row for each distinct word. */
export function wordScoresColumns(): i32 {
  return BLOCK;
}

/** Floats of scratch that wordCrossEntropy needs. */
export function wordScratch(E: i32): i32 {
  return BLOCK * stride(E) + 4 * BLOCK + matmulTransposedAScratch(stride(E));
}

/**
 *   s_nu = q_n·x_u      loss = scale · Σ_n −ln (e^{s_n,target_n} / Σ_u e^{s_nu})      rows whose target is −1 do not count
 * Writes  loss (f64) · best [N] (Int32, the first u of the largest s_nu) · dQ [N,E8] unless it is 0
 *         · dX [U,E8], or adds to it with `accumulate`, unless dQ is 0
 * Reads   q [N,E8] · x [U,E8] · targets [N] (Int32)
 * Scratch scores [U,wordScoresColumns()] · wordScratch(E) floats
 * Error   ≤ 1.5e-6 of the largest element, of the loss 1e-7 (measured)
 * Cost    6·N·U·E8 flop and N·U exponentials; a third of it without dQ
 */
export function wordCrossEntropy(
  dQ: usize, dX: usize, loss: usize, best: usize, scores: usize, scratch: usize,
  q: usize, x: usize, targets: usize, N: i32, U: i32, E: i32, scale: f32, accumulate: i32,
): void {
  const E8 = stride(E);
  const panels = scratch;
  const most = panels + (<usize>(BLOCK * E8) << 2);
  const which = most + (<usize>BLOCK << 2);
  const sum = which + (<usize>BLOCK << 2);
  const factor = sum + (<usize>BLOCK << 2);
  const product = factor + (<usize>BLOCK << 2);
  if (dQ && !accumulate) memory.fill(dX, 0, <usize>(U * E8) << 2);
  let total: f64 = 0;
  for (let n = 0; n < N; n += BLOCK) {
    const rows = min(BLOCK, N - n);
    const guesses = q + (<usize>(n * E8) << 2);
    const words = targets + (<usize>n << 2);
    packTransposed(panels, guesses, rows, E8);
    matmul(scores, x, panels, U, rows, E8, E8, BLOCK, 0);
    findLargest(most, which, scores, U, stride(rows));
    memory.copy(best + (<usize>n << 2), which, <usize>rows << 2);
    // The scores of the targets, before they become powers.
    for (let m: usize = 0; m < <usize>rows << 2; m += 4) {
      const target = load<i32>(words + m);
      if (target >= 0) total += <f64>load<f32>(most + m) - <f64>load<f32>(element(scores, target, m));
    }
    raise(scores, sum, most, U, stride(rows));
    for (let m: usize = 0; m < <usize>stride(rows) << 2; m += 4) {
      const counts = m < <usize>rows << 2 && load<i32>(words + m) >= 0;
      if (counts) total += <f64>logScalar(load<f32>(sum + m));
      store<f32>(factor + m, counts ? scale / load<f32>(sum + m) : 0);
    }
    if (!dQ) continue;
    for (let u = 0; u < U; u++) multiply(element(scores, u, 0), element(scores, u, 0), factor, <usize>stride(rows) << 2);
    for (let m: usize = 0; m < <usize>rows << 2; m += 4) {
      const target = load<i32>(words + m);
      if (target < 0) continue;
      const one = element(scores, target, m);
      store<f32>(one, load<f32>(one) - scale);
    }
    packRows(panels, guesses, rows, E8);
    matmul(dX, scores, panels, U, E8, rows, BLOCK, E8, 1);
    const gradient = dQ + (<usize>(n * E8) << 2);
    memory.fill(gradient, 0, <usize>(rows * E8) << 2);
    matmulTransposedA(gradient, scores, x, product, rows, E8, U, BLOCK, E8);
  }
  store<f64>(loss, <f64>scale * total);
}

/** Where scores [U,BLOCK] has word u and the row m bytes from the block's first. */
@inline function element(scores: usize, u: i32, m: usize): usize {
  return scores + (<usize>(u * BLOCK) << 2) + m;
}

/** most[m] = max_u scores[u,m], which[m] = the first such u. */
function findLargest(most: usize, which: usize, scores: usize, U: i32, rows: i32): void {
  const bytes = <usize>rows << 2;
  memory.copy(most, scores, bytes);
  memory.fill(which, 0, bytes);
  for (let u = 1; u < U; u++) {
    scores += BLOCK << 2;
    const here = i32x4.splat(u);
    for (let m: usize = 0; m < bytes; m += 16) {
      const one = v128.load(scores + m);
      const best = v128.load(most + m);
      const isBetter = f32x4.gt(one, best);
      v128.store(most + m, f32x4.max(one, best)); // a NaN stays one
      v128.store(which + m, v128.bitselect(here, v128.load(which + m), isBetter));
    }
  }
}

/** scores[u,m] = e^{scores[u,m] − most[m]}, sum[m] = Σ_u of it. */
function raise(scores: usize, sum: usize, most: usize, U: i32, rows: i32): void {
  const bytes = <usize>rows << 2;
  memory.fill(sum, 0, bytes);
  for (let u = 0; u < U; u++, scores += BLOCK << 2) {
    for (let m: usize = 0; m < bytes; m += 16) {
      const power = exp(f32x4.sub(v128.load(scores + m), v128.load(most + m)));
      v128.store(scores + m, power);
      v128.store(sum + m, f32x4.add(v128.load(sum + m), power));
    }
  }
}
