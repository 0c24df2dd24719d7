// Softmax of a row of L numbers that takes stride(L) floats.

import { logScalar } from './math';
import { innerProduct, setScaled, stride, total } from './simd';
import { exps } from './vectors';

/** row [L8] becomes its softmax over L, zero behind. @returns ln Σ exp */
export function softmax(row: usize, L: i32): f32 {
  const end = row + (<usize>stride(L) << 2);
  for (let k = row + (<usize>L << 2); k < end; k += 4) store<f32>(k, -Infinity);
  let most = v128.load(row);
  for (let k = row + 16; k < end; k += 16) most = f32x4.pmax(most, v128.load(k)); // past a NaN, which the sum meets
  const largest = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
  exps(row, row, largest, end - row);
  let sums = f32x4.splat(0);
  for (let k = row; k < end; k += 16) sums = f32x4.add(sums, v128.load(k));
  const sum = total(sums);
  setScaled(row, row, stride(L), <f32>1 / sum);
  return largest + logScalar(sum);
}

/** scores [L8] become the softmax they had, P = exp(scores − logSum), zero behind L. @returns Σ P∘dP over dP [L8] */
export function softmaxAgain(scores: usize, dP: usize, logSum: f32, L: i32): f32 {
  const bytes = <usize>stride(L) << 2;
  for (let k = <usize>L << 2; k < bytes; k += 4) store<f32>(scores + k, -Infinity);
  exps(scores, scores, logSum, bytes);
  return innerProduct(scores, dP, stride(L));
}

/** dScores [L8] = P∘(dP − sum), sum = Σ P∘dP; in the place of either allowed. */
export function softmaxBackward(dScores: usize, p: usize, dP: usize, sum: f32, L: i32): void {
  const mean = f32x4.splat(sum);
  for (let k: usize = 0, bytes = <usize>stride(L) << 2; k < bytes; k += 16) {
    v128.store(dScores + k, f32x4.mul(v128.load(p + k), f32x4.sub(v128.load(dP + k), mean)));
  }
}

/** softmax() of so many rows of scores. Writes  logSums [count] */
export function softmaxRows(logSums: usize, scores: usize, count: i32, L: i32): void {
  for (let r = 0; r < count; r++, logSums += 4, scores += <usize>stride(L) << 2) store<f32>(logSums, softmax(scores, L));
}

/** Back through softmaxRows from its logSums; rows of dP lie dPFloats apart, and dScores may lie over either. */
export function softmaxRowsBackward(
  dScores: usize, scores: usize, dP: usize, logSums: usize, count: i32, L: i32, dPFloats: i32,
): void {
  const bytes = <usize>stride(L) << 2;
  for (let r = 0; r < count; r++, logSums += 4, scores += bytes, dScores += bytes, dP += <usize>dPFloats << 2) {
    softmaxBackward(dScores, scores, dP, softmaxAgain(scores, dP, load<f32>(logSums), L), L);
  }
}
