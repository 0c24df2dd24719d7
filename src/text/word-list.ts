import { maxWordLength } from './words.ts';

/** Words of a block: what is read together once one of them is asked for. */
const BLOCK_WORDS = 16;

/**
 * A list of words as one text: a process that has just started finds the words of its first text in there sooner than it
 * would make a string of each word. Where every block of words begins is known.
 */
export class WordList {
  readonly length: number;
  /** Whether all words have from 1 to `maxWordLength` code units. */
  readonly isPlain: boolean;
  /** Each word between two line feeds. */
  readonly #lines: string;
  /** Where each block begins in there, and where one behind the last would. */
  readonly #starts: readonly number[];

  /** @param text the words, one a line; none where it is empty */
  constructor(text: string) {
    const lines = text === '' ? '\n' : `\n${text}\n`;
    const plain = startsOf(lines, `[^\n]{1,${maxWordLength}}`);
    this.isPlain = plain.at(-1) === lines.length;
    this.#starts = this.isPlain ? plain : startsOf(lines, '[^\n]*');
    this.#lines = lines;
    const last = Math.max(0, this.#starts.length - 2) * BLOCK_WORDS;
    this.length = last + this.blockFrom(last).length;
  }

  /** Where a word stands for the first time, -1 if it is not there. Looks through the list. */
  indexOf(word: string): number {
    const lines = this.#lines;
    const found = lines.indexOf(`\n${word}\n`) + 1;
    if (found === 0 || word.includes('\n')) return -1; // two words are none
    let block = 0;
    for (let end = this.#starts.length - 1; end - block > 1; ) {
      const middle = (block + end) >> 1;
      if (this.#starts[middle] <= found) block = middle;
      else end = middle;
    }
    let place = block * BLOCK_WORDS;
    for (let at = this.#starts[block]; at < found; at = lines.indexOf('\n', at) + 1) place++;
    return place;
  }

  /** The words of the block that begins at a place, a multiple of 16; none behind the last. */
  blockFrom(place: number): string[] {
    const block = place / BLOCK_WORDS;
    const [start, end] = this.#starts.slice(block, block + 2);
    return end === undefined ? [] : this.#lines.slice(start, end - 1).split('\n');
  }

  /** The words, one a line. */
  get text(): string {
    return this.#lines.slice(1, -1);
  }

  /** The words as strings. */
  toArray(): string[] {
    return this.length === 0 ? [] : this.text.split('\n');
  }
}

/** Where blocks of such words begin, found by the engine's own search: a loop of ours would not be compiled yet. */
function startsOf(lines: string, word: string): number[] {
  const block = new RegExp(`(?:${word}\n){1,${BLOCK_WORDS}}`, 'y');
  const starts = [1];
  for (block.lastIndex = 1; block.test(lines); ) starts.push(block.lastIndex);
  return starts;
}
