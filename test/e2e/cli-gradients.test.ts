import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { csv, samples, TINY, workFolder } from './cli.ts';

const { path, put, run } = workFolder();

beforeAll(async () => {
  put('reviews.csv', csv(samples(60)));
  const { code } = await run(['train', 'reviews.csv', ...TINY, '-o', 'mood.safetensors']);
  expect(code).toBe(0);
});

test('gradients prints clipping, a chart and gates, and writes the picture', async () => {
  const { code, out, err } = await run(['gradients', 'mood.safetensors', 'reviews.csv', '--svg', 'g.svg']);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(
    /Gradient norm of a batch: [\d.]+, at most [\d.]+; --clip-norm 1 would act on [\d.]+ %/,
  );
  expect(out).toMatch(/layers\.\d\.lstm\.forward: ‖∂L\/∂h‖\n/);
  expect(out).toMatch(/^forget +[\d.]+ % +[\d.]+ %$/m);
  expect(readFileSync(path('g.svg'), 'utf8')).toMatch(/^<svg [\s\S]*lstm\.forward/);
});

test('gradients --json prints the same as one object', async () => {
  const { out } = await run([
    'gradients',
    'mood.safetensors',
    'reviews.csv',
    '--json',
    '--clip-norm',
    '1e-9',
  ]);
  const { rows, clipped, layers } = JSON.parse(out);
  expect([rows, clipped]).toEqual([60, 1]);
  expect(layers[0].norms.every((norm: number) => norm > 0)).toBe(true);
});

test('gradients says what is wrong in flags', async () => {
  const { code, err } = await run(['gradients', 'mood.safetensors', 'reviews.csv', '--clip-norm', '0']);
  expect(code).toBe(2);
  expect(err).toContain('gatelet: --clip-norm: expected a number above 0');
});
