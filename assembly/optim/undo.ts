import { rowAt } from '../rows';

/**
 * Keeps rows as they are before they move, one after another.
 * Writes  kept [rows, width] · keptList [rows] (Int32) where there is a list
 * Reads   p      rows of width · list [rows]
 */
export function keepRows(kept: usize, keptList: usize, p: usize, list: usize, rows: i32, width: i32): void {
  if (list) memory.copy(keptList, list, <usize>rows << 2);
  const bytes = <usize>width << 2;
  for (let r = 0; r < rows; r++, kept += bytes) memory.copy(kept, p + rowAt(list, r, width), bytes);
}

/**
 * Puts back what keepRows kept.
 * Writes  p      rows of width
 * Reads   kept [rows, width] · list [rows]
 */
export function restoreRows(p: usize, kept: usize, list: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let r = 0; r < rows; r++, kept += bytes) memory.copy(p + rowAt(list, r, width), kept, bytes);
}
