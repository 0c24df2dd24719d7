import { type Arena, sizes, testNumbers } from './arena.ts';

/** A matrix of which all rows move, or those of a list; never at the start of a vector alone. */
export interface RowsCase {
  readonly height: number;
  readonly width: number;
  /** The rows that move, ascending; undefined where all do. */
  readonly list?: readonly number[];
  readonly skew: number;
}

/** Every size as one row and as rows of a list, aligned and not. */
export const rowsCases: readonly (readonly [string, RowsCase])[] = sizes.flatMap((width) =>
  [0, 4, 8, 12].flatMap((skew) =>
    [
      { height: 1, width, skew },
      { height: 3, width, skew },
      { height: 5, width, skew, list: [0, 2, 3] },
    ].map((one) => {
      const rows = one.list ? `rows ${one.list} of ${one.height}` : `all ${one.height}`;
      return [`${rows}, width ${width}, ${skew} bytes askew`, one] as const;
    }),
  ),
);

/** The matrix of a case in an arena: what kernels are told of it, and the numbers of its rows that move. */
export function rowsOf(arena: Arena, { height, width, list, skew }: RowsCase) {
  const numbers = testNumbers(height * 100 + width);
  const size = height * width;
  const moving = (list ?? [...Array(height).keys()]).flatMap((row) =>
    Array.from({ length: width }, (_, column) => row * width + column),
  );
  const numbersThatMove = (values: readonly number[]) => moving.map((at) => values[at]);
  return {
    args: [list ? arena.putInts(list) : 0, list?.length ?? height, width] as const,
    size,
    draw: (low = -1, high = 1) => [...numbers.floats(size, low, high)],
    put: (values: readonly number[]) => arena.putFloats(values, skew),
    /** The numbers that move: of these alone there is a gradient. */
    moving: numbersThatMove,
    putGradient: (values: readonly number[]) => arena.putFloats(numbersThatMove(values), skew),
    zeros: () => new Array<number>(size).fill(0),
    /** Runs a twin over the numbers that move, one by one in order; the others stay. */
    onMoving(twin: (...parts: number[][]) => void, ...wholes: number[][]) {
      const parts = wholes.map(numbersThatMove);
      twin(...parts);
      wholes.forEach((whole, i) => {
        moving.forEach((at, k) => {
          whole[at] = parts[i][k];
        });
      });
    },
  };
}
