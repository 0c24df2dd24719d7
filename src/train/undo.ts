/** What a step moved, as it was before: the way back when the parameters turn out to be no good. */
export class Undo {
  readonly #weights: Float32Array;
  /** The values before the step, each at its own place. */
  readonly #before: Float32Array;
  /** [2·numBlocks] first and end of each block moved */
  readonly #blocks: Int32Array;
  #numBlocks = 0;

  /**
   * @param weights all parameters, where the steps move them
   * @param maxBlocks blocks that one step may move
   */
  constructor(weights: Float32Array, maxBlocks: number) {
    this.#weights = weights;
    this.#before = new Float32Array(weights.length);
    this.#blocks = new Int32Array(2 * maxBlocks);
  }

  /** A new step begins; the way back is to here. */
  begin(): void {
    this.#numBlocks = 0;
  }

  /** To be called before `count` parameters from `first` on move. */
  keep(first: number, count: number): void {
    const end = first + count;
    const at = 2 * this.#numBlocks++;
    this.#blocks[at] = first;
    this.#blocks[at + 1] = end;
    const weights = this.#weights;
    const before = this.#before;
    for (let i = first; i < end; i++) before[i] = weights[i];
  }

  /** Puts back what moved since begin(). */
  restore(): void {
    for (let at = 0; at < 2 * this.#numBlocks; at += 2) {
      const [first, end] = this.#blocks.subarray(at, at + 2);
      this.#weights.set(this.#before.subarray(first, end), first);
    }
    this.#numBlocks = 0;
  }
}
