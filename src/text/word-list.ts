import { maxWordLength } from './words.ts';

/** Words of a block: what is looked through for one of them. */
const BLOCK_WORDS = 16;

/**
 * A list of words as one text: a process that has just started finds the words of its first text in there sooner than it
 * would make a string of each word. Where every block of words begins is known.
 */
export interface WordList {
  /** The words, one a line. */
  readonly text: string;
  readonly length: number;
  /** Whether all words have from 1 to `maxWordLength` code units. */
  readonly isPlain: boolean;
  /** Where a word stands for the first time, -1 if it is not there. Looks through the list. */
  indexOf(word: string): number;
  /** The words of the block that begins at a place, a multiple of 16. */
  blockFrom(place: number): string[];
  /** The words as strings. */
  toArray(): string[];
}

/** @param text the words, one a line; none where it is empty */
export function wordListOf(text: string): WordList {
  const plain = startsOf(text, `[^\n]{1,${maxWordLength}}`);
  const rest = text.slice(plain.at(-2)).split('\n');
  const isPlain =
    text === '' || (rest.length <= BLOCK_WORDS && rest.every((word) => word && word.length <= maxWordLength));
  /** Where each block begins, and where one behind the last would. */
  const starts = isPlain ? plain : startsOf(text, '[^\n]*');

  const blockFrom = (place: number) => {
    const block = place / BLOCK_WORDS;
    return text.slice(starts[block], starts[block + 1] - 1).split('\n');
  };

  /** Where such a line begins. */
  const find = (line: string) => {
    if (text === line || text.startsWith(`${line}\n`)) return 0;
    const before = text.indexOf(`\n${line}\n`);
    if (before >= 0) return before + 1;
    return text.endsWith(`\n${line}`) ? text.length - line.length : -1;
  };

  const last = (starts.length - 2) * BLOCK_WORDS;
  const length = text === '' ? 0 : last + blockFrom(last).length;
  return {
    text,
    length,
    isPlain,
    blockFrom,
    indexOf(word) {
      const found = find(word);
      if (found < 0 || word.includes('\n')) return -1; // two words are none
      let block = 0;
      for (let end = starts.length - 1; end - block > 1; ) {
        const middle = (block + end) >> 1;
        if (starts[middle] <= found) block = middle;
        else end = middle;
      }
      return block * BLOCK_WORDS + text.slice(starts[block], found).split('\n').length - 1;
    },
    toArray: () => (length === 0 ? [] : text.split('\n')),
  };
}

/** Where blocks of such words begin, found by the engine's own search: a loop of ours would not be compiled yet. */
function startsOf(text: string, word: string): number[] {
  const block = new RegExp(`(?:${word}\n){${BLOCK_WORDS}}`, 'y');
  const starts = [0];
  while (block.test(text)) starts.push(block.lastIndex);
  return [...starts, text.length + 1];
}
