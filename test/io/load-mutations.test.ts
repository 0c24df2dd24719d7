import { describe, expect, test } from 'vitest';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import type { Model } from '../../src/model/model.ts';
import { predict } from '../../src/model/predict.ts';
import { DataError } from '../../src/runtime/errors.ts';
import { trainedModel } from '../support/models.ts';
import { mutantsOf, mutantsOfMetadata } from '../support/mutants.ts';

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
  test('by 2,000 mutations of the bytes', async () => {
    const counts = { refused: 0, loaded: 0 };
    for (const mutant of mutantsOf(bytes, 2000)) counts[await outcome(mutant)]++;
    expect(counts.refused).toBeGreaterThan(300);
    expect(counts.loaded).toBeGreaterThan(300);
  });

  test('by 1,000 mutations of what the metadata mean', async () => {
    const counts = { refused: 0, loaded: 0 };
    for (const mutant of mutantsOfMetadata(bytes, 1000)) counts[await outcome(mutant)]++;
    expect(counts.refused).toBeGreaterThan(300);
    expect(counts.loaded).toBeGreaterThan(20);
  });
});
