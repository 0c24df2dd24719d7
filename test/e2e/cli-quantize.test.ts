import { existsSync, statSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { csv, samples, TINY, workFolder } from './cli.ts';

const { path, put, run, sha256 } = workFolder();

beforeAll(async () => {
  put('reviews.csv', csv(samples(160)));
  put('test.csv', csv(samples(40, 2)));
  await run(['train', 'reviews.csv', '-o', 'mood.safetensors', ...TINY, '--epochs', '6']);
});

describe('quantize', () => {
  test('writes a smaller model, and says how near it is to the one given', async () => {
    const before = sha256('mood.safetensors');
    const { code, out, err } = await run([
      ...['quantize', 'mood.safetensors', '-o', 'small.safetensors'],
      ...['--rows', 'test.csv'],
    ]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^Wrote small\.safetensors: \d\.\d kB, \d\d\.\d % of \d+\.\d kB\n\ntest\.csv: 40 rows\n/,
    );
    expect(out).toContain('equal labels        100.00 %\n');
    expect(out).toContain('accuracy            100.00 % before, 100.00 % after\n');
    expect(out).toMatch(/\nlargest difference {2}0\.0\d{3} of a probability\n$/);
    expect(sha256('mood.safetensors')).toBe(before);
    expect(statSync(path('small.safetensors')).size).toBeLessThan(statSync(path('mood.safetensors')).size);
  });

  test('--json says it all in one object', async () => {
    const { code, out } = await run([
      ...['quantize', 'mood.safetensors', '-o', 'small.safetensors'],
      ...['--rows', 'test.csv', '--json'],
    ]);
    expect(code).toBe(0);
    const { largestDifference, ...rest } = JSON.parse(out);
    const sizeOf = (name: string) => statSync(path(name)).size;
    expect(rest).toEqual({
      bytes: sizeOf('small.safetensors'),
      bytesBefore: sizeOf('mood.safetensors'),
      rows: 40,
      equal: 1,
      accuracyBefore: 1,
      accuracy: 1,
    });
    expect(largestDifference).toBeGreaterThan(0);
    expect(largestDifference).toBeLessThan(0.1);
    const alone = await run(['quantize', 'mood.safetensors', '-o', 'alone.safetensors', '--json']);
    expect(Object.keys(JSON.parse(alone.out))).toEqual(['bytes', 'bytesBefore']);
  });

  test('what it wrote is a model to the other verbs, but not to be quantised again', async () => {
    await run(['quantize', 'mood.safetensors', '-o', 'small.safetensors']);
    const predicted = await run(['predict', 'small.safetensors', 'a lovely film']);
    expect(predicted.out).toMatch(/^good\t0\.\d{4}\ta lovely film\n$/);
    const evaluated = await run(['evaluate', 'small.safetensors', 'test.csv']);
    expect(evaluated.out).toContain('accuracy  100.0 %\n');
    const { out } = await run(['inspect', 'small.safetensors', '--plan']);
    expect(out).toMatch(/\nlayers\.1\.lstm\.forward\.weightIH +\[32, 8\] +I8 +256\n/);
    expect(out).toMatch(/\nlayers\.1\.lstm\.forward\.weightIH\.scales +\[32\] +F32 +32\n/);
    expect(out).toMatch(/\nprepare:\ngatesPackQuantised\(.*\nforward:\nembeddingForwardQuantised\(/s);
    expect(out).not.toContain('backward:');
    const again = await run(['quantize', 'small.safetensors', '-o', 'again.safetensors']);
    expect([again.code, again.err]).toEqual([2, 'gatelet: this model is quantised already\n']);
    expect(existsSync(path('again.safetensors'))).toBe(false);
  });

  test('writes nothing when the rows are not in order', async () => {
    put('odd.csv', 'text,label\na film,odd\n');
    const { code, err } = await run([
      ...['quantize', 'mood.safetensors', '-o', 'never.safetensors'],
      ...['--rows', 'odd.csv'],
    ]);
    expect(code).toBe(1);
    expect(err).toContain('odd.csv, line 2: expected a label of "bad", "good", got "odd"');
    expect(existsSync(path('never.safetensors'))).toBe(false);
  });
});
