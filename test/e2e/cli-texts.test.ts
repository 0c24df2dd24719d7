import { beforeAll, describe, expect, test } from 'vitest';
import { csv, type Result, samples, TINY, workFolder } from './cli.ts';

const { put, run } = workFolder();
let trained: Result;

beforeAll(async () => {
  const texts = samples(160).map(({ text }) => text);
  put('texts.txt', texts.join('\n'));
  put('reviews.csv', csv(samples(60, 3)));
  trained = await run(['train', 'texts.txt', '-o', 'reader.safetensors', ...TINY, '--epochs', '4']);
});

describe('texts alone on the command line', () => {
  test('train makes a language model and says what it is for', () => {
    expect([trained.code, trained.err]).toEqual([0, '']);
    expect(trained.out).toMatch(/^texts\.txt: 160 texts\n\n\n?epoch/);
    expect(trained.out).toMatch(
      /\nNext: .* train reviews\.csv --begin-with reader\.safetensors -o mood\.safetensors\n$/,
    );
  });

  test('evaluate tells its loss', async () => {
    const { code, out } = await run(['evaluate', 'reader.safetensors', 'texts.txt']);
    expect(code).toBe(0);
    expect(out).toMatch(/^texts\.txt: 160 rows\n\nloss {6}\d\.\d{4}\naccuracy {2}\d+\.\d %\n$/);
  });

  test('a classifier begins with it; layers whose rate is 0 stay as they were', async () => {
    const { code, out } = await run([
      ...['train', 'reviews.csv', '--begin-with', 'reader.safetensors', '--layer-rates', '0,0,1,1'],
      ...['-o', 'mood.safetensors', ...TINY, '--epochs', '2'],
    ]);
    expect(code).toBe(0);
    expect(out).toContain('Begins with 2 layers of reader.safetensors.\n');
    const facts = JSON.parse((await run(['inspect', 'mood.safetensors', '--json'])).out);
    expect(facts.training.epochs).toBe(2);
    const words = async (file: string) => JSON.parse((await run(['inspect', file, '--json'])).out).vocabulary;
    expect(await words('mood.safetensors')).toEqual(await words('reader.safetensors'));
  });

  test.each([
    ['labels of it', ['predict', 'reader.safetensors', 'x'], /says nothing of texts.*--begin-with/, 2],
    ['a pool', ['train', 'texts.txt', '--pool', 'max', '-o', 'x.safetensors'], /--pool can do nothing/, 2],
    [
      'another size',
      ['train', 'reviews.csv', '--begin-with', 'reader.safetensors', '-o', 'x.safetensors'],
      /^gatelet: --begin-with: the models split texts in different ways/,
      2,
    ],
    [
      'too few rates',
      ['train', 'reviews.csv', '--layer-rates', '0,1', '-o', 'x.safetensors', ...TINY],
      /^gatelet: --layer-rates: expected 4 numbers/,
      2,
    ],
  ] as const)('%s: refused', async (_, args, message, code) => {
    const result = await run([...args]);
    expect(result.err).toMatch(message);
    expect(result.code).toBe(code);
  });
});
