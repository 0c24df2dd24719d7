import { describe, expect, test } from 'vitest';
import { readLines } from '../../src/cli/lines.ts';

/** The groups of lines that come of these pieces. */
async function groups(...pieces: (string | Uint8Array)[]): Promise<string[][]> {
  async function* stream() {
    for (const piece of pieces) yield typeof piece === 'string' ? new TextEncoder().encode(piece) : piece;
  }
  const all: string[][] = [];
  for await (const lines of readLines(stream())) all.push(lines);
  return all;
}

describe('readLines', () => {
  test('yields together what comes together', async () => {
    expect(await groups('one\n', 'two\nthree\n')).toEqual([['one'], ['two', 'three']]);
  });

  test('joins a line from its pieces, and yields a last one that does not end', async () => {
    expect(await groups('o', 'n', 'e\nt', 'wo')).toEqual([['one'], ['two']]);
  });

  test('keeps empty lines; no line follows the last line break', async () => {
    expect(await groups('\n\na\n')).toEqual([['', '', 'a']]);
    expect(await groups('')).toEqual([]);
  });

  test('takes CRLF, also cut in two, and a byte order mark', async () => {
    expect(await groups('\uFEFFa\r', '\nb\r\n')).toEqual([['a', 'b']]);
  });

  test('takes characters cut in two', async () => {
    const bytes = new TextEncoder().encode('😀\n');
    expect(await groups(bytes.subarray(0, 2), bytes.subarray(2))).toEqual([['😀']]);
  });

  test('refuses bytes that are not UTF-8, also at the end', async () => {
    await expect(groups('a\nb\n', Uint8Array.of(0xff))).rejects.toThrow(
      'standard input, behind line 2: expected UTF-8, got other bytes.',
    );
    await expect(groups(Uint8Array.of(0xf0))).rejects.toThrow('standard input, behind line 0');
  });

  test('refuses a line without an end before it fills the memory', async () => {
    const piece = new Uint8Array(2 ** 22).fill(97);
    await expect(groups('x\n', ...Array(17).fill(piece))).rejects.toThrow(
      'standard input, line 2: expected at most 64 million characters, got more',
    );
  });
});
