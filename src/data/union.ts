/** The union of ascending lists of numbers, in arrays of its own. */
export interface Union {
  /** Ascending; valid up to `count`, until the next change. */
  readonly numbers: Int32Array;
  readonly count: number;
  clear(): void;
  /** Takes the first `count` numbers of an ascending list in. */
  add(list: Int32Array, count: number): void;
}

/** An empty union. @param most numbers that it may hold */
export function unionOf(most: number): Union {
  let numbers = new Int32Array(most);
  let spare = new Int32Array(most);
  let size = 0;
  return {
    get numbers() {
      return numbers;
    },
    get count() {
      return size;
    },
    clear() {
      size = 0;
    },
    add(list, count) {
      let at = 0;
      for (let i = 0, j = 0; i < size || j < count; at++) {
        const a = i < size ? numbers[i] : Infinity;
        const b = j < count ? list[j] : Infinity;
        spare[at] = Math.min(a, b);
        if (a <= b) i++;
        if (b <= a) j++;
      }
      [numbers, spare] = [spare, numbers];
      size = at;
    },
  };
}
