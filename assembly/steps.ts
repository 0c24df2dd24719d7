// Packed batches: how sequences of unequal lengths lie step after step.

/** N = Σ steps[t]. */
export function rowsOf(steps: usize, T: i32): i32 {
  let rows = 0;
  for (let t = 0; t < T; t++) rows += load<i32>(steps + (<usize>t << 2));
  return rows;
}

/** How many sequences of step t have a step before it in the direction of reading; the others begin there. */
@inline
export function predecessors(steps: usize, t: i32, T: i32, reverse: i32): i32 {
  if (reverse) return t + 1 < T ? load<i32>(steps + (<usize>(t + 1) << 2)) : 0;
  return t > 0 ? load<i32>(steps + (<usize>t << 2)) : 0;
}

/** Of step t, whose rows begin at `row`, the first row of the step before it in the direction of reading. */
@inline
export function rowBefore(steps: usize, t: i32, row: i32, reverse: i32): i32 {
  if (reverse) return row + load<i32>(steps + (<usize>t << 2));
  return t > 0 ? row - load<i32>(steps + (<usize>(t - 1) << 2)) : 0;
}
