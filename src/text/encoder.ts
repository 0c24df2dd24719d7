import { emptyRow, firstWordRow, type Text, unknownRow, type Vocabulary } from './vocabulary.ts';

/** The rows of the embedding table that each type shows: of type k, bagIds[bagStart[k], bagStart[k+1]). */
export interface Bags {
  readonly numTypes: number;
  readonly bagStart: Int32Array;
  readonly bagIds: Int32Array;
}

/**
 * Turns texts into types: a type is a distinct token, known by its number. The types of known words are their rows;
 * further types are given to unknown words as they come, so the longer an encoder lives, the more it holds.
 */
export class Encoder implements Bags {
  readonly vocabulary: Vocabulary;
  readonly maxLength: number;
  readonly #maxUnknown: number;
  readonly #numRows: number;
  readonly #typeOf = new Map<string, number>();
  #bagStart: Int32Array;
  #bagIds: Int32Array;
  #numTypes: number;

  /**
   * @param maxLength tokens of a text that count; the rest is not split
   * @param maxUnknown unknown words kept from one corpus to the next (default: all)
   */
  constructor(vocabulary: Vocabulary, maxLength: number, maxUnknown: number = Number.POSITIVE_INFINITY) {
    this.vocabulary = vocabulary;
    this.maxLength = maxLength;
    this.#maxUnknown = maxUnknown;
    this.#numRows = firstWordRow + vocabulary.numWords;
    this.#numTypes = this.#numRows;
    this.#bagStart = new Int32Array(this.#numRows + 1);
    for (let row = 0; row <= this.#numRows; row++) this.#bagStart[row] = row;
    this.#bagIds = this.#bagStart.slice();
  }

  get numTypes(): number {
    return this.#numTypes;
  }

  /** Longer than needed; another array whenever the types outgrow it. */
  get bagStart(): Int32Array {
    return this.#bagStart;
  }

  get bagIds(): Int32Array {
    return this.#bagIds;
  }

  /** Whether more unknown words are held than shall be kept. */
  get isFull(): boolean {
    return this.#typeOf.size > this.#maxUnknown;
  }

  /** Forgets the unknown words; what was encoded before is void. */
  reset(): void {
    this.#typeOf.clear();
    this.#numTypes = this.#numRows;
    this.#bagStart = this.#bagStart.slice(0, this.#numRows + 1);
    this.#bagIds = this.#bagIds.slice(0, this.#numRows);
  }

  /** @returns types [1 to maxLength], and whether the text goes on after them */
  encode(text: Text): { types: Int32Array; truncated: boolean } {
    const words = this.vocabulary.split(text, this.maxLength + 1);
    if (words.length === 0) return { types: Int32Array.of(emptyRow), truncated: false };
    const types = new Int32Array(Math.min(words.length, this.maxLength));
    for (let i = 0; i < types.length; i++) {
      types[i] = this.vocabulary.rowOf(words[i]) ?? this.#typeOfNgrams(words[i]);
    }
    return { types, truncated: words.length > this.maxLength };
  }

  /** The type that shows the n-grams of a type's word, as if the word were unknown. */
  subwordsOf(type: number): number {
    const isKnownWord = type >= firstWordRow && type < this.#numRows;
    return isKnownWord ? this.#typeOfNgrams(this.vocabulary.words[type - firstWordRow]) : type;
  }

  #typeOfNgrams(word: string): number {
    if (this.vocabulary.options.buckets === 0) return unknownRow;
    const known = this.#typeOf.get(word);
    if (known !== undefined) return known;
    const type = this.#add(this.vocabulary.ngramRows(word));
    this.#typeOf.set([...word].join(''), type); // a copy, since a slice would hold on to its text
    return type;
  }

  #add(rows: number[]): number {
    const type = this.#numTypes++;
    const start = this.#bagStart[type];
    const end = start + rows.length;
    this.#bagStart = withRoom(this.#bagStart, type + 2);
    this.#bagIds = withRoom(this.#bagIds, end);
    this.#bagIds.set(rows, start);
    this.#bagStart[type + 1] = end;
    return type;
  }
}

/** The array, or a copy with twice the room. */
function withRoom(array: Int32Array, length: number): Int32Array {
  if (length <= array.length) return array;
  const longer = new Int32Array(length * 2);
  longer.set(array);
  return longer;
}
