import { expect, test, vi } from 'vitest';
import { predictAll } from '../../src/model/predict.ts';
import { UsageError } from '../../src/runtime/errors.ts';
import { trainedModel } from '../support/models.ts';

// As in a page that is not cross-origin isolated.
vi.mock('#threads', () => import('../../src/runtime/threads.web.ts'));

test('where there can be no threads, predictAll says why, and one thread is enough', async () => {
  const model = await trainedModel();
  const refused = predictAll(model, ['a lovely film'], { threads: 2 });
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow(/^threads: expected 1 here, got 2\. .*cross-origin isolated/);
  expect(await predictAll(model, ['a lovely film'], { threads: 1 })).toHaveLength(1);
});
