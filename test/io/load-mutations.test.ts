import { describe, expect, test } from 'vitest';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import type { Model } from '../../src/model/model.ts';
import { predict } from '../../src/model/predict.ts';
import { DataError } from '../../src/runtime/errors.ts';
import { testNumbers } from '../support/arena.ts';
import { changedJson } from '../support/files.ts';
import { trainedModel } from '../support/models.ts';

const model = await trainedModel({ labels: ['negative', 'positive', 'neutral'], dropout: 0.1 });
const bytes = save(model);

/** A DataError, from load() or from the first text that shows what is wrong, or probabilities that are numbers. */
async function outcome(given: Uint8Array): Promise<'refused' | 'loaded'> {
  try {
    check(await load(given, { maxBytes: 64 * 2 ** 20 }));
    return 'loaded';
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    expect(error.message.length).toBeLessThan(2000);
    return 'refused';
  }
}

function check(loaded: Model): void {
  for (const text of ['a lovely film', 'unheard', '']) {
    const { probabilities } = predict(loaded, text);
    for (const share of Object.values(probabilities)) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
  }
}

describe('is never surprised', () => {
  const numbers = testNumbers(11);
  const { int } = numbers;

  test('by 2,000 mutations of the bytes', async () => {
    const counts = { refused: 0, loaded: 0 };
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true)) + 8;
    for (let round = 0; round < 2000; round++) {
      let mutant: Uint8Array = bytes.slice();
      for (let edits = 1 + int(3); edits > 0; edits--) {
        // The header is where structure is; the data are most of the file.
        const at = int(2) ? int(header) : int(mutant.length);
        const kind = int(12);
        if (kind < 4) mutant[at] ^= 1 << int(8);
        else if (kind < 7) mutant[at] = int(256);
        else if (kind < 10) mutant[at] = '{}[]":,0123456789-e.\\ '.charCodeAt(int(22));
        else if (kind === 10) mutant = mutant.slice(0, mutant.length - int(200));
        else mutant.copyWithin(at, int(mutant.length), int(mutant.length));
        if (mutant.length < header) mutant = bytes.slice();
      }
      counts[await outcome(mutant)]++;
    }
    expect(counts.refused).toBeGreaterThan(300);
    expect(counts.loaded).toBeGreaterThan(300);
  });

  test('by 1,000 mutations of what the metadata mean', async () => {
    const odd: unknown[] = [
      null,
      true,
      '',
      'x',
      '__proto__',
      0,
      -1,
      0.5,
      1,
      2,
      3,
      64,
      1e9,
      1e308,
      [],
      {},
      [null],
      [[1]],
      { length: 1 },
      { toString: 1 },
      { kind: 'lstm', options: {} },
    ];
    const counts = { refused: 0, loaded: 0 };
    for (let round = 0; round < 1000; round++) {
      const name = int(4) ? 'model' : 'training';
      const mutant = changedJson(bytes, name, (root) => {
        for (let edits = 1 + int(2); edits > 0; edits--) {
          let at = root;
          let key: string;
          for (;;) {
            const keys = Object.keys(at);
            key = keys[int(keys.length)];
            if (
              typeof at[key] !== 'object' ||
              at[key] === null ||
              Object.keys(at[key]).length === 0 ||
              int(3) === 0
            )
              break;
            at = at[key];
          }
          if (key === undefined) continue;
          const kind = int(4);
          if (kind === 0) delete at[key];
          else if (kind === 1)
            Object.defineProperty(at, ['__proto__', 'constructor', 'size', 'x'][int(4)], {
              value: at[key],
              enumerable: true,
              configurable: true,
              writable: true,
            });
          else at[key] = structuredClone(odd[int(odd.length)]);
        }
      });
      counts[await outcome(mutant)]++;
    }
    expect(counts.refused).toBeGreaterThan(300);
    expect(counts.loaded).toBeGreaterThan(20);
  });
});
