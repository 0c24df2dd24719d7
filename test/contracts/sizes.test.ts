import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Size, sizes } from '../../scripts/sizes.mjs';

let all: Size[];
beforeAll(async () => {
  all = await sizes();
});

describe("a user's bundle, gzipped with its wasm", () => {
  test('of gatelet/infer weighs at most 15 kB', () => {
    const [infer] = all;
    expect(infer.total).toBeLessThanOrEqual(15_000);
    // Nothing is lost on the way: the table of characters and the kernels alone are 6 kB.
    expect(infer.total).toBeGreaterThan(6000);
  });

  test('weighs what README.md says, within a tenth', () => {
    const [, table] = readFileSync('README.md', 'utf8').match(/<!-- sizes -->\n([\s\S]*)<!-- \/sizes -->/)!;
    const said = table
      .split('\n')
      .filter((line) => line.includes('gatelet`') || line.includes('gatelet/'))
      .map((line) =>
        line
          .split('|')
          .slice(2, 5)
          .map((cell) => 1000 * Number.parseFloat(cell.replaceAll('*', ''))),
      );
    expect(said).toHaveLength(all.length);
    for (const [i, { javascript, kernels, total }] of all.entries()) {
      for (const [k, bytes] of [javascript, kernels, total].entries()) {
        expect(Math.abs(said[i][k] / bytes - 1)).toBeLessThan(0.1);
      }
    }
  });
});
