import { classOf } from './classes.ts';
import {
  ACCENT,
  DIGIT,
  FLAG_LETTER,
  IGNORED,
  LETTER,
  PICTOGRAPH,
  SKIN_TONE,
  SPACE,
  UNASSIGNED,
  UNSPACED,
} from './unicode.generated.ts';

/** How words are made equal before they are counted. */
export interface WordOptions {
  readonly lowercase: boolean;
  readonly accents: 'keep' | 'strip';
}

/** Cuts a run of a script written without spaces into its first words, at most `limit` of them. */
export type CutRun = (run: string, limit: number) => string[];

/** A longer word keeps this many code points. */
export const maxWordLength = 32;

/** "!!!!!!" reads as "!!!". */
const maxSymbolRun = 3;

const joiner = 0x200d;
const isApostrophe = (code: number) => code === 0x27 || code === 0x2019;
const isDecimalMark = (code: number) => code === 0x2e || code === 0x2c;
const isVariationSelector = (code: number) => code === 0xfe0e || code === 0xfe0f;
const isTag = (code: number) => code >= 0xe0020 && code <= 0xe007f;
const isWordClass = (kind: number) => kind >= ACCENT && kind <= DIGIT;

/**
 * Splits a text into words, the same on every engine and in every year.
 *
 * A word is a run of letters, digits and marks with its inner apostrophes (don't) and decimal marks (3.5). An emoji
 * with all that joins it is one word, and so is every run of one symbol (!!!). Space, controls and what is invisible
 * belong to no word; a lone surrogate reads as U+FFFD.
 *
 * Classes of characters come from our own table of Unicode 13.0. The engine only composes and lower-cases, and only
 * characters of that version, which Unicode's stability policies bind it to do alike for ever. Lower-casing goes
 * letter by letter, so that no rule about neighbours applies: ς is σ and İ is i.
 * @param text any string
 * @param cutRun what cuts Chinese, Japanese, Thai, Lao, Khmer and Burmese
 * @param limit stop splitting after so many words
 * @returns words of 1 to `maxWordLength` code points, composed (NFC)
 */
export function splitWords(
  text: string,
  options: WordOptions,
  cutRun: CutRun,
  limit: number = Infinity,
): string[] {
  const words: string[] = [];
  // Folded as a whole where no letter minds: word by word takes a first answer longer.
  const isAscii = !/[^\0-\x7f]/.test(text);
  const source = isAscii ? (options.lowercase ? text.toLowerCase() : text) : compose(text);
  for (let at = 0; at < source.length && words.length < limit; ) {
    const code = source.codePointAt(at)!;
    const kind = classOf(code);
    const start = at;
    if (kind === SPACE || kind === IGNORED) {
      at += width(code);
    } else if (isWordClass(kind)) {
      at = endOfWord(source, start);
      const found = firstCodePoints(source, start, at);
      const word = isAscii ? found : fold(found, options);
      if (word) words.push(word);
    } else if (kind === UNSPACED) {
      at = endOfRun(source, start);
      for (const word of cutRun(visible(source.slice(start, at)), limit - words.length)) words.push(word);
    } else if (kind === PICTOGRAPH || kind === SKIN_TONE || kind === FLAG_LETTER) {
      at = endOfEmoji(source, start, code);
      words.push(firstCodePoints(source, start, at).replace(/[\ufe0e\ufe0f]/g, ''));
    } else {
      at = endOfRepeat(source, start, code);
      const symbol = isSurrogate(code) ? '\ufffd' : String.fromCodePoint(code);
      words.push(symbol.repeat(Math.min((at - start) / width(code), maxSymbolRun)));
    }
  }
  return words;
}

/** A word that somebody else has cut out, made equal to its variants like any other; never empty. */
export function foldWord(word: string, options: WordOptions): string {
  const composed = compose(word);
  return fold(firstCodePoints(composed, 0, composed.length), options) || '\ufffd';
}

/** Whether a word can be one: not empty, no white space in it. */
export function isOneWord(word: string): boolean {
  for (let at = 0; at < word.length; at++) if (classOf(word.charCodeAt(at)) === SPACE) return false;
  return word !== '';
}

/** A text with something else in the place of white space. */
export function replaceSpaces(text: string, by: string): string {
  return Array.from(text, (character) => (isOneWord(character) ? character : by)).join('');
}

/** Where the words of a text that goes on are whole: behind its last white space, 0 if it has none. */
export function endOfLastSpace(text: string): number {
  let end = text.length;
  while (end > 0 && classOf(text.charCodeAt(end - 1)) !== SPACE) end--;
  return end;
}

const width = (code: number) => (code > 0xffff ? 2 : 1);
const isSurrogate = (code: number) => code >= 0xd800 && code <= 0xdfff;
const classAt = (text: string, at: number) => (at < text.length ? classOf(text.codePointAt(at)!) : SPACE);

/** NFC, in stretches of characters whose composition can never change. */
function compose(text: string): string {
  if (!/[^\0-\u02ff]/.test(text)) return text; // nothing below U+0300 composes with its neighbour
  let composed = '';
  let start = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!;
    const next = at + width(code);
    if (classOf(code) === UNASSIGNED) {
      composed += text.slice(start, at).normalize('NFC') + text.slice(at, next);
      start = next;
    }
    at = next;
  }
  return composed + text.slice(start).normalize('NFC');
}

function endOfWord(text: string, start: number): number {
  let before = SPACE;
  for (let at = start; at < text.length; ) {
    const code = text.codePointAt(at)!;
    // Small letters and digits, which most texts consist of, are known at sight: no calls that an engine would find so hot
    // in its first text that it compiles them again in the midst of it.
    if (code >= 0x61 ? code <= 0x7a : code >= 0x30 && code <= 0x39) {
      before = code >= 0x61 ? LETTER : DIGIT;
      at++;
      continue;
    }
    const kind = classOf(code);
    const belongs =
      isWordClass(kind) ||
      kind === IGNORED ||
      (isApostrophe(code) && isWordClass(classAt(text, at + 1))) ||
      (isDecimalMark(code) && before === DIGIT && classAt(text, at + 1) === DIGIT);
    if (!belongs) return at;
    before = kind;
    at += width(code);
  }
  return text.length;
}

function endOfRun(text: string, start: number): number {
  for (let at = start; at < text.length; ) {
    const code = text.codePointAt(at)!;
    const kind = classOf(code);
    if (kind !== UNSPACED && kind !== IGNORED) return at;
    at += width(code);
  }
  return text.length;
}

/** A flag of two letters, or a picture with its variation selectors, skin tone and tags, and all it is joined to. */
function endOfEmoji(text: string, start: number, first: number): number {
  let at = start + width(first);
  if (classOf(first) === FLAG_LETTER) return classAt(text, at) === FLAG_LETTER ? at + 2 : at;
  while (at < text.length) {
    const code = text.codePointAt(at)!;
    const joins = code === joiner && classAt(text, at + 1) === PICTOGRAPH;
    if (joins) at += 1 + width(text.codePointAt(at + 1)!);
    else if (isVariationSelector(code) || classOf(code) === SKIN_TONE || isTag(code)) at += width(code);
    else break;
  }
  return at;
}

/** Lone surrogates are all one symbol. */
function endOfRepeat(text: string, start: number, first: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.codePointAt(at)!;
    if (code !== first && !(isSurrogate(code) && isSurrogate(first))) break;
    at += width(code);
  }
  return at;
}

/** text[start, end), no longer than `maxWordLength` code points. */
function firstCodePoints(text: string, start: number, end: number): string {
  if (end - start <= maxWordLength) return text.slice(start, end);
  let at = start;
  for (let count = 0; count < maxWordLength && at < end; count++) at += width(text.codePointAt(at)!);
  return text.slice(start, at);
}

/** Makes a word equal to its variants, as the options want it. */
function fold(word: string, { lowercase, accents }: WordOptions): string {
  let isAscii = true;
  let hasUpper = false;
  for (let i = 0; i < word.length && isAscii; i++) {
    const code = word.charCodeAt(i);
    isAscii = code < 0x80;
    hasUpper ||= code >= 0x41 && code <= 0x5a;
  }
  if (isAscii) return lowercase && hasUpper ? word.toLowerCase() : word;

  let folded = '';
  for (const char of accents === 'strip' ? word.normalize('NFD') : word) {
    const kind = classOf(char.codePointAt(0)!);
    if (kind === IGNORED || (kind === ACCENT && accents === 'strip')) continue;
    if (char === '’') folded += "'";
    else folded += lowercase && kind === LETTER ? lowered(char) : char;
  }
  if (lowercase) folded = folded.replaceAll('ς', 'σ').replaceAll('i\u0307', 'i');
  return folded.normalize('NFC');
}

/** The letter's lower case, unless it came with a later version of Unicode: then the letter had none, and shall have none. */
function lowered(letter: string): string {
  const lower = letter.toLowerCase();
  return Array.from(lower).every((char) => classOf(char.codePointAt(0)!) !== UNASSIGNED) ? lower : letter;
}

/** The run without what is invisible. */
function visible(run: string): string {
  let shown = '';
  let start = 0;
  for (let at = 0; at < run.length; ) {
    const code = run.codePointAt(at)!;
    const next = at + width(code);
    if (classOf(code) === IGNORED) {
      shown += run.slice(start, at);
      start = next;
    }
    at = next;
  }
  return start === 0 ? run : (shown + run.slice(start)).normalize('NFC');
}
