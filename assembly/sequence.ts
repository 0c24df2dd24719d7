// One sequence of a packed batch taken by itself: steps [T] says how many sequences are alive at each step, so the rows
// of sequence b lie steps[t] rows apart.

import { setScaled, stride } from './simd';

/** Columns [column, column + d) of sequence b's rows, times `scale`, become rows [L,d] without gaps. */
export function gatherSequence(to: usize, x: usize, steps: usize, b: i32, L: i32, d: i32, width: i32, column: i32, scale: f32): void {
  let from = x + (<usize>(b * width + column) << 2);
  for (let t = 0; t < L; t++) {
    setScaled(to, from, d, scale);
    to += <usize>d << 2;
    from += <usize>(load<i32>(steps + (<usize>t << 2)) * width) << 2;
  }
}

/**
 * The parts of sequence b's head h, `unit` bytes apart: columns [h·d, (h+1)·d) of each of so many blocks of C columns. The first,
 * what asks, comes times 1/√d.
 */
export function gatherHead(
  to: usize, x: usize, steps: usize, b: i32, L: i32, d: i32, C: i32, h: i32, parts: i32, unit: usize,
): void {
  for (let part = 0; part < parts; part++, to += unit) {
    gatherSequence(to, x, steps, b, L, d, stride(parts * C), part * C + h * d, part == 0 ? scaleOf(d) : 1);
  }
}

@inline export function scaleOf(d: i32): f32 {
  return <f32>1 / sqrt<f32>(<f32>d);
}

/** The way back: rows [L,rowFloats] become those columns of sequence b's rows. */
export function scatterSequence(
  x: usize, from: usize, steps: usize, b: i32, L: i32, d: i32, width: i32, rowFloats: i32, column: i32, scale: f32,
): void {
  let to = x + (<usize>(b * width + column) << 2);
  for (let t = 0; t < L; t++) {
    setScaled(to, from, d, scale);
    from += <usize>rowFloats << 2;
    to += <usize>(load<i32>(steps + (<usize>t << 2)) * width) << 2;
  }
}

/** Zero behind the last of C columns of every packed row. */
export function clearPadding(x: usize, steps: usize, lengths: usize, B: i32, C: i32): void {
  const bytes = <usize>(stride(C) - C) << 2;
  if (bytes == 0 || B == 0) return;
  const T = load<i32>(lengths);
  x += <usize>C << 2;
  for (let t = 0; t < T; t++) {
    for (let b = load<i32>(steps + (<usize>t << 2)); b > 0; b--) {
      memory.fill(x, 0, bytes);
      x += <usize>stride(C) << 2;
    }
  }
}
