import { classRuns } from './unicode.generated.ts';

const numCodePoints = 0x110000;

/** One byte a code point; engines leave the megabyte of planes without characters untouched. */
const classTable = /* @__PURE__ */ decode(classRuns);

/** The class of a code point, one of the constants of unicode.generated.ts; the same on every engine, for ever. */
export function classOf(codePoint: number): number {
  return classTable[codePoint];
}

function decode(runs: string): Uint8Array {
  const table = new Uint8Array(numCodePoints);
  let end = 0;
  let length = 0;
  for (let i = 0; i < runs.length; i++) {
    const code = runs.charCodeAt(i);
    if (code < 65) {
      length = length * 10 + code - 48;
      continue;
    }
    const start = end;
    end += length || 1;
    if (code > 65) table.fill(code - 65, start, end);
    length = 0;
  }
  return table;
}
