import { DataError } from '../runtime/errors.ts';

/** A longer line is no line but a file of another kind, and would fill the memory. */
const MAX_LINE = 2 ** 26;

/**
 * Cuts a stream of UTF-8 into lines, and yields together those that arrive together: one that is typed comes
 * alone, a file comes in large groups.
 * @throws DataError when the bytes are not UTF-8 or a line does not end
 */
export async function* readLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let numLines = 0;
  /** The line under way: joined once it ends, so that a long one is not copied again and again. */
  let pieces: string[] = [];
  let length = 0;
  const decode = (bytes?: Uint8Array) => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch {
      throw new DataError(`standard input, behind line ${numLines}`, {
        expected: 'UTF-8',
        got: 'other bytes',
        cause: 'If it is Latin-1: iconv -f latin1 -t utf-8.',
      });
    }
  };
  for await (const bytes of input) {
    const text = decode(bytes);
    const end = text.lastIndexOf('\n');
    if (end >= 0) {
      const lines = (pieces.join('') + text.slice(0, end)).split('\n').map(withoutReturn);
      pieces = [];
      length = 0;
      numLines += lines.length;
      yield lines;
    }
    pieces.push(text.slice(end + 1));
    length += text.length - end - 1;
    if (length > MAX_LINE) {
      throw new DataError(`standard input, line ${numLines + 1}`, {
        expected: 'at most 64 million characters',
        got: 'more',
      });
    }
  }
  const rest = pieces.join('') + decode();
  if (rest !== '') yield [withoutReturn(rest)];
}

const withoutReturn = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line);
