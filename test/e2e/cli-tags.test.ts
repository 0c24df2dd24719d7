import { beforeAll, describe, expect, test } from 'vitest';
import { type Result, TINY, workFolder } from './cli.ts';

const { put, run } = workFolder();
let trained: Result;

/** Sentences in which a word behind `in` is a place, of one word or two. */
function sentences(count: number, from = 0): string {
  const places = [['York'], ['New', 'York'], ['Oslo'], ['Addis', 'Ababa']];
  const verbs = ['rains', 'snows', 'works', 'sleeps'];
  return Array.from({ length: count }, (_, i) => {
    const k = from + i;
    const place = places[k % 4].map((word, j) => `${word}\t${j ? 'I' : 'B'}-PLACE`);
    return [`she\tO`, `${verbs[(k >> 2) % 4]}\tO`, ...(k % 3 ? ['today\tO'] : []), 'in\tO', ...place].join(
      '\n',
    );
  }).join('\n\n');
}

beforeAll(async () => {
  put('train.conll', sentences(160));
  put('test.conll', sentences(24, 1));
  put('reviews.csv', 'text,label\nfine,good\ndull,bad\n');
  trained = await run([
    'train',
    'train.conll',
    '--crf',
    '-o',
    'places.safetensors',
    ...TINY,
    '--epochs',
    '6',
  ]);
});

describe('tagged words on the command line', () => {
  test('train counts words and says what to type next', () => {
    expect([trained.code, trained.err]).toEqual([0, '']);
    expect(trained.out).toMatch(
      /^train\.conll: 160 rows\n\ntag {6}words\nB-PLACE {4}160\nI-PLACE {5}80\nO {10}\d+\n/,
    );
    expect(trained.out).toMatch(/\nNext: .* predict places\.safetensors "she rains in York"\n$/);
  });

  test('evaluate prints words, spans and confusion', async () => {
    const { code, out } = await run(['evaluate', 'places.safetensors', 'test.conll']);
    expect(code).toBe(0);
    expect(out).toMatch(/\ntag {6}precision +recall +F1 +words\nB-PLACE/);
    expect(out).toMatch(
      /\nspan +precision +recall +F1 +spans\nPLACE +\d+\.\d % .* 24\nall +(9\d|100)\.\d % .* 24\n/,
    );
    expect(out).toContain('True tags down, predicted tags across:');
    const { spans } = JSON.parse((await run(['evaluate', 'places.safetensors', 'test.conll', '--json'])).out);
    expect(spans.f1).toBeGreaterThan(0.9);
  });

  test('predict prints a word a line, from arguments and from lines; empty lines stay', async () => {
    const { code, out } = await run(['predict', 'places.safetensors', 'she works in New  York', 'she']);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^she\tO\t[01]\.\d{4}\nworks\tO\t\S+\nin\tO\t\S+\nNew\tB-PLACE\t\S+\nYork\tI-PLACE\t\S+\n\nshe\tO\t\S+\n\n$/,
    );
    const piped = await run(['predict', 'places.safetensors', '--json'], 'she in Oslo\n\nshe\n');
    const lines = piped.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ tags }) => tags)).toEqual([['O', 'O', 'B-PLACE'], [], ['O']]);
    expect(lines[1]).toEqual({ words: [], tags: [], probabilities: [] });
  });

  test('many lines are tagged as each would be alone', async () => {
    const text = Array.from({ length: 70 }, (_, i) => `she works in ${i % 2 ? 'Oslo' : 'New York'}`).join(
      '\n',
    );
    const many = (await run(['predict', 'places.safetensors'], text)).out.split('\n\n');
    const [one, other] = (
      await run(['predict', 'places.safetensors', ...text.split('\n').slice(0, 2)])
    ).out.split('\n\n');
    expect(many.slice(0, 70)).toEqual(Array.from({ length: 70 }, (_, i) => (i % 2 ? other : one)));
  });

  test('quantize compares the tags of words', async () => {
    const { code, out } = await run([
      'quantize',
      'places.safetensors',
      '-o',
      's.safetensors',
      '--rows',
      'test.conll',
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/\nequal labels {8}(9\d|100)\.\d\d %\n/);
  });

  test.each([
    [
      'labels for a tagger',
      ['evaluate', 'places.safetensors', 'reviews.csv'],
      /expected sentences of tagged words/,
      1,
    ],
    [
      'a pool of tags',
      ['train', 'train.conll', '--pool', 'max', '-o', 'x.safetensors'],
      /--pool can do nothing/,
      2,
    ],
    [
      'a chain of labels',
      ['train', 'reviews.csv', '--crf', '-o', 'x.safetensors'],
      /--crf can do nothing/,
      2,
    ],
    ['threads', ['predict', 'places.safetensors', '--threads', '2', 'a'], /--threads can do nothing/, 2],
    [
      'a text too long',
      ['predict', 'places.safetensors', 'a', 'b '.repeat(300)],
      /text 2 has 300 words: .* 256/,
      1,
    ],
  ] as const)('%s: refused', async (_, args, message, code) => {
    const result = await run([...args]);
    expect(result.err).toMatch(message);
    expect(result.code).toBe(code);
  });
});
