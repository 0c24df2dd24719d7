/** The union of ascending lists of numbers, in arrays of its own. */
export class Union {
  #numbers: Int32Array;
  #spare: Int32Array;
  #count = 0;

  /** @param most numbers that the union may hold */
  constructor(most: number) {
    this.#numbers = new Int32Array(most);
    this.#spare = new Int32Array(most);
  }

  /** Ascending; valid up to `count`, until the next change. */
  get numbers(): Int32Array {
    return this.#numbers;
  }

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Takes the first `count` numbers of an ascending list in. */
  add(list: Int32Array, count: number): void {
    const [old, merged] = [this.#numbers, this.#spare];
    let at = 0;
    for (let i = 0, j = 0; i < this.#count || j < count; at++) {
      const a = i < this.#count ? old[i] : Number.POSITIVE_INFINITY;
      const b = j < count ? list[j] : Number.POSITIVE_INFINITY;
      merged[at] = Math.min(a, b);
      if (a <= b) i++;
      if (b <= a) j++;
    }
    this.#numbers = merged;
    this.#spare = old;
    this.#count = at;
  }
}
