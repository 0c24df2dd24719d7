// Scores of a word's K tags in a row of K8 floats, padding zero: what conditional random fields and Viterbi's way share.

import { addScaled, stride } from './simd';

/** Element i of a list of Int32. */
@inline export function at(list: usize, i: i32): i32 {
  return load<i32>(list + (<usize>i << 2));
}

/** Score of tag k. */
@inline export function score(row: usize, k: i32): f32 {
  return load<f32>(row + (<usize>k << 2));
}

/** y += x, a row of K8. */
@inline export function addRow(y: usize, x: usize, K: i32): void {
  addScaled(y, x, stride(K), 1);
}

/** Takes the largest of K elements from each, and clears the padding; returns it. */
export function takeMax(row: usize, K: i32): f32 {
  let most = score(row, 0);
  for (let k = 1; k < K; k++) most = max<f32>(most, score(row, k));
  for (let k = 0; k < K; k++) store<f32>(row + (<usize>k << 2), score(row, k) - most);
  memory.fill(row + (<usize>K << 2), 0, <usize>(stride(K) - K) << 2);
  return most;
}
