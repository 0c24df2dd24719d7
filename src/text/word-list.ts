import { maxWordLength } from './words.ts';

/**
 * A list of words as one text: a process that has just started finds the words of its first text in there sooner than it
 * would make a string of each word.
 */
export interface WordList {
  readonly length: number;
  /** Whether all words have from 1 to `maxWordLength` code units. */
  readonly isPlain: boolean;
  /** The words, one a line. */
  readonly text: string;
  /** Where a word stands for the first time, -1 if it is not there. Looks through the list. */
  indexOf(word: string): number;
  at(place: number): string;
  /** The words as strings. */
  toArray(): string[];
}

/** @param text the words, one a line; none where it is empty */
export function wordListOf(text: string): WordList {
  /** Each word between two line feeds. */
  const lines = text === '' ? '\n' : `\n${text}\n`;
  /** Where each word begins in there, and where one behind the last would. */
  const starts = new Int32Array((lines.length + 2) >> 1); // enough for words that are not empty
  let length = 0;
  let isPlain = true;
  let start = 1;
  for (let end = lines.indexOf('\n', start); end >= 0; end = lines.indexOf('\n', start)) {
    if (end === start || end - start > maxWordLength) isPlain = false;
    starts[length++] = start;
    start = end + 1;
  }
  starts[length] = start;
  return {
    length,
    isPlain,
    get text() {
      return lines.slice(1, -1);
    },
    indexOf(word) {
      const found = lines.indexOf(`\n${word}\n`) + 1;
      let from = 0;
      for (let to = length; to - from > 1; ) {
        const middle = (from + to) >> 1;
        if (starts[middle] <= found) from = middle;
        else to = middle;
      }
      // What is found may be two words, if there is a line feed in it.
      return found > 0 && starts[from + 1] === found + word.length + 1 ? from : -1;
    },
    at: (place) => lines.slice(starts[place], starts[place + 1] - 1),
    toArray: () => (length === 0 ? [] : lines.slice(1, -1).split('\n')),
  };
}
