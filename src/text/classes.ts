import { classRuns, signs } from './unicode.generated.ts';

const numCodePoints = 0x110000;

/** One byte a code point; engines leave what nobody has written to untouched. */
const classTable = /* @__PURE__ */ new Uint8Array(numCodePoints);
/** The code points below this one are in the table: the runs are read only as far as texts ask. */
let known = 0;
/** Where the next run begins. */
let next = 0;

/** The class of a code point, one of the constants of unicode.generated.ts; the same on every engine, for ever. */
export function classOf(codePoint: number): number {
  if (codePoint >= known) readRuns(codePoint);
  return classTable[codePoint];
}

/** Reads runs until the table holds a code point. */
function readRuns(codePoint: number): void {
  while (known <= codePoint && next < classRuns.length) {
    let length = 0;
    let sign = signs.indexOf(classRuns[next++]);
    for (; sign < 10; sign = signs.indexOf(classRuns[next++])) length = length * 10 + sign;
    const start = known;
    known += length || 1;
    if (sign > 10) classTable.fill(sign - 10, start, known);
  }
}
