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
export interface Encoder extends Bags {
  readonly maxLength: number;
  /** Whether more unknown words are held than shall be kept. */
  readonly isFull: boolean;
  /** Forgets the unknown words; what was encoded before is void. */
  reset(): void;
  /** @returns types [1 to maxLength], and whether the text goes on after them */
  encode(text: Text): { types: Int32Array; truncated: boolean };
  /** The type that shows the n-grams of a type's word, as if the word were unknown. */
  subwordsOf(type: number): number;
}

/**
 * An encoder that has met no unknown word. Its bags are longer than needed, and other arrays whenever the types outgrow them.
 * @param maxLength tokens of a text that count; the rest is not split
 * @param maxUnknown unknown words kept from one corpus to the next (default: all)
 */
export function encoderOf(vocabulary: Vocabulary, maxLength: number, maxUnknown = Infinity): Encoder {
  const { tableRows, options, rowOf, split, ngramRows } = vocabulary;
  const numRows = tableRows - options.buckets;
  const typeOf = new Map<string, number>();
  let numTypes = numRows;
  let bagStart: Int32Array = new Int32Array(numRows + 1);
  for (let row = 0; row <= numRows; row++) bagStart[row] = row;
  let bagIds: Int32Array = bagStart.slice();

  const typeOfNgrams = (word: string) => {
    if (options.buckets === 0) return unknownRow;
    const known = typeOf.get(word);
    if (known !== undefined) return known;
    const rows = ngramRows(word);
    const type = numTypes++;
    const start = bagStart[type];
    const end = start + rows.length;
    bagStart = withRoom(bagStart, type + 2);
    bagIds = withRoom(bagIds, end);
    bagIds.set(rows, start);
    bagStart[type + 1] = end;
    typeOf.set([...word].join(''), type); // a copy, since a slice would hold on to its text
    return type;
  };

  return {
    maxLength,
    get numTypes() {
      return numTypes;
    },
    get bagStart() {
      return bagStart;
    },
    get bagIds() {
      return bagIds;
    },
    get isFull() {
      return typeOf.size > maxUnknown;
    },
    reset() {
      typeOf.clear();
      numTypes = numRows;
      bagStart = bagStart.slice(0, numRows + 1);
      bagIds = bagIds.slice(0, numRows);
    },
    encode(text) {
      const words = split(text, maxLength + 1);
      if (words.length === 0) return { types: Int32Array.of(emptyRow), truncated: false };
      const types = new Int32Array(Math.min(words.length, maxLength));
      for (let i = 0; i < types.length; i++) types[i] = rowOf(words[i]) ?? typeOfNgrams(words[i]);
      return { types, truncated: words.length > maxLength };
    },
    subwordsOf(type) {
      const isKnownWord = type >= firstWordRow && type < numRows;
      return isKnownWord ? typeOfNgrams(vocabulary.words[type - firstWordRow]) : type;
    },
  };
}

/** The array, or a copy with twice the room. */
function withRoom(array: Int32Array, length: number): Int32Array {
  if (length <= array.length) return array;
  const longer = new Int32Array(length * 2);
  longer.set(array);
  return longer;
}
