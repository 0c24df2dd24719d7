import type { PackedBatch } from '../data/batch.ts';

/** Parameters of one kind: f32 or int8. */
export type Numbers = Float32Array | Int8Array;

/**
 * An embedding table in a network that predicts: a row is copied in when a batch first shows it. A text shows some
 * dozens of ten thousand rows, so most are never read, and the memory set aside for them is never used.
 */
export interface Table {
  /** Rows are to come from here; those that came before are out of date. */
  renew(from: Numbers): void;
  /** Copies in what is missing of the rows that a batch shows. */
  bring(batch: PackedBatch): void;
}

/**
 * @param to where the rows go [rows, width]
 * @param check looks at a row that has come; what it throws, so does bring()
 */
export function tableInto(to: Numbers, width: number, check: (row: number) => void): Table {
  /** 1 for each row that is here */
  const isHere = new Uint8Array(to.length / width);
  let from = to;
  return {
    renew(given) {
      from = given;
      isHere.fill(0);
    },
    bring({ touched, numTouched }) {
      for (let i = 0; i < numTouched; i++) {
        const row = touched[i];
        if (isHere[row] === 1) continue;
        const start = row * width;
        to.set(from.subarray(start, start + width), start);
        check(row);
        isHere[row] = 1;
      }
    },
  };
}
