import type { PackedBatch } from '../data/batch.ts';

/** Parameters of one kind: f32 or int8. */
export type Numbers = Float32Array | Int8Array;

/**
 * An embedding table in a network that predicts: a row is copied in when a batch first shows it. A text shows some
 * dozens of ten thousand rows, so most are never read, and the memory set aside for them is never used.
 */
export class Table {
  readonly #to: Numbers;
  readonly #width: number;
  readonly #check: (row: number) => void;
  /** 1 for each row that is here */
  readonly #isHere: Uint8Array;
  #from: Numbers;

  /**
   * @param to where the rows go [rows, width]
   * @param check looks at a row that has come; what it throws, so does bring()
   */
  constructor(to: Numbers, width: number, check: (row: number) => void) {
    this.#to = to;
    this.#from = to;
    this.#width = width;
    this.#check = check;
    this.#isHere = new Uint8Array(to.length / width);
  }

  /** Rows are to come from here; those that came before are out of date. */
  renew(from: Numbers): void {
    this.#from = from;
    this.#isHere.fill(0);
  }

  /** Copies in what is missing of the rows that a batch shows. */
  bring({ touched, numTouched }: PackedBatch): void {
    for (let i = 0; i < numTouched; i++) {
      const row = touched[i];
      if (this.#isHere[row] === 1) continue;
      const start = row * this.#width;
      this.#to.set(this.#from.subarray(start, start + this.#width), start);
      this.#check(row);
      this.#isHere[row] = 1;
    }
  }
}
