import { copyRow, stride } from '../simd';
import { addRow, at, score, takeMax } from '../tags';

/**
 * The most probable tags of each sequence; of equals the first.
 *   s_t[j] = x_t[j] + max_i (s_{t−1}[i] + transitions[i,j]), back_t[j] = that i, then the way back from max_j s_last[j] + end[j]
 * Writes  tags [N] (Int32) · scores [N,K8] · back [N,K8] (Int32)
 * Reads   logits [N,K8] · panels of crfPack · start, end [K] · steps [T]
 * Error   0 where no two ways are as near as the rounding of their sums
 * Source  Viterbi 1967
 */
export function viterbi(
  tags: usize, scores: usize, back: usize, logits: usize, panels: usize, start: usize, end: usize, steps: usize,
  T: i32, K: i32,
): void {
  const rowBytes = <usize>stride(K) << 2;
  let row: usize = 0;
  let above: usize = 0;
  for (let t = 0; t < T; t++) {
    const alive = at(steps, t);
    const here = row;
    for (let b = 0; b < alive; b++, row += rowBytes) {
      if (t > 0) bestRow(scores + row, back + row, scores + above + <usize>b * rowBytes, panels, K);
      else copyRow(scores + row, start, K, stride(K));
      addRow(scores + row, logits + row, K);
      takeMax(scores + row, K); // from all alike: the order stays, and numbers stay small
    }
    above = here;
  }
  let below = row;
  for (let t = T - 1; t >= 0; t--) {
    const alive = at(steps, t);
    const next = t + 1 < T ? at(steps, t + 1) : 0;
    row -= <usize>alive * rowBytes;
    for (let b = 0; b < alive; b++) {
      const here = row + <usize>b * rowBytes;
      let tag = 0;
      if (b < next) {
        const after = below + <usize>b * rowBytes;
        tag = at(back + after, at(tags, <i32>(after / rowBytes)));
      } else {
        for (let k = 1; k < K; k++) {
          const isBetter = score(scores + here, k) + score(end, k) > score(scores + here, tag) + score(end, tag);
          if (isBetter) tag = k;
        }
      }
      store<i32>(tags + ((here / rowBytes) << 2), tag);
    }
    below = row;
  }
}

/** y[j] = max_i v[i] + M[i,j], from[j] = the first such i. */
function bestRow(y: usize, from: usize, v: usize, M: usize, K: i32): void {
  const rowBytes = <usize>stride(K) << 2;
  for (let j: usize = 0; j < rowBytes; j += 16) {
    let most = f32x4.splat(-Infinity);
    let which = i32x4.splat(0);
    for (let i = 0, row = M + j; i < K; i++, row += rowBytes) {
      const one = f32x4.add(v128.load32_splat(v + (<usize>i << 2)), v128.load(row));
      const isBetter = f32x4.gt(one, most);
      most = v128.bitselect(one, most, isBetter);
      which = v128.bitselect(i32x4.splat(i), which, isBetter);
    }
    v128.store(y + j, most);
    v128.store(from + j, which);
  }
}
