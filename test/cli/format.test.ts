import { expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatOptions,
  formatShare,
  formatTable,
  formatTruncated,
} from '../../src/cli/format.ts';

test('a table: text to the left, numbers to the right, no white space at the end', () => {
  const table = formatTable([
    ['label', 'rows', 'F1', 'note'],
    ['positive', '1,024', '88.1 %', ''],
    ['0', '-7', '9 %', 'few rows'],
  ]);
  expect(table.split('\n')).toEqual([
    'label      rows      F1  note',
    'positive  1,024  88.1 %',
    '0            -7     9 %  few rows',
  ]);
});

test('a table of headings alone, and labels that would move the cursor', () => {
  expect(formatTable([['a', 'b']])).toBe('a  b');
  expect(formatTable([['a'], ['x\n\u001b[31my']])).toBe('a\nx��[31my');
});

test.each([
  [0, '0'],
  [999, '999'],
  [1234, '1,234'],
  [1234567, '1,234,567'],
])('%d counts as %s', (number, text) => expect(formatCount(number)).toBe(text));

test.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [3240, '3.2 s'],
  [59_949, '59.9 s'],
  [59_960, '1 min 0 s'],
  [125_000, '2 min 5 s'],
  [3_599_600, '1 h 0 min'],
  [3_725_000, '1 h 2 min'],
])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

test.each([
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [12_345_678, '12.3 MB'],
])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test('shares are per cent, and texts cut short are counted', () => {
  expect([0, 0.825, 1].map(formatShare)).toEqual(['0.0 %', '82.5 %', '100.0 %']);
  expect(formatTruncated(1, 9)).toBe('1 text is longer than 9 words: only the beginning is read.');
  expect(formatTruncated(1200, 9)).toMatch(/^1,200 texts are longer than 9 words: only the beginnings are /);
});

test('options: what is off is left out', () => {
  const options = {
    size: 8,
    bidirectional: false,
    zoneout: 0,
    activation: 'none',
    projection: null,
    weightDrop: 0.5,
  };
  expect(formatOptions(options)).toBe('size 8, weightDrop 0.5');
});
