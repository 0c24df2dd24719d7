import { afterEach, expect, test, vi } from 'vitest';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import { predict } from '../../src/model/predict.ts';
import { MemoryPlan } from '../../src/runtime/plan.ts';
import { smallModel, toyRows, trainedModel } from '../support/models.ts';

afterEach(() => vi.restoreAllMocks());

const [{ text }] = toyRows(1, { seed: 7 });

/** How often a prediction plans a memory, and looks through the list of words. */
function paid(model: Awaited<ReturnType<typeof trainedModel>>) {
  const plans = vi.spyOn(MemoryPlan.prototype, 'layOut');
  const looks = vi.spyOn(model.vocabulary.list, 'indexOf');
  predict(model, text);
  const counts = { plans: plans.mock.calls.length, looks: looks.mock.calls.length };
  vi.restoreAllMocks();
  return counts;
}

const trained = await trainedModel();

test.each([
  ['a model just trained', () => trainedModel(), 'plans'],
  ['a model just loaded', () => load(save(trained)), 'looks'],
] as const)('the first prediction of %s finds done what it would else have to do', async (_, make, what) => {
  expect(paid(await make())[what]).toBeGreaterThan(0);
  const warm = await make();
  warm.warm();
  expect(paid(warm)).toEqual({ plans: 0, looks: 0 });
});

test('the rows of frequent words have been read', async () => {
  const bytes = save(trained);
  const rows = async (isWarm: boolean) => {
    const model = await load(bytes);
    if (isWarm) model.warm();
    const first = 6 * model.vocabulary.rowOf(model.vocabulary.words[0])!;
    const read = model.runner.network.weights.slice(first, first + 6);
    return [read, model.weights.slice(first, first + 6)];
  };
  const [cold, there] = await rows(false);
  expect(cold).toEqual(new Float32Array(6));
  expect((await rows(true))[0]).toEqual(there);
});

test('results are the same', async () => {
  const model = await trainedModel();
  const before = predict(model, text);
  model.warm();
  expect(predict(model, text)).toEqual(before);
});

test('a model that knows no words can be warmed, one that has learnt nothing cannot', async () => {
  const wordless = await trainedModel({ tokenizer: { minCount: 1000, buckets: 40 } });
  wordless.warm();
  expect(predict(wordless, text).probability).toBeGreaterThan(0);
  const untrained = await smallModel();
  expect(() => untrained.warm()).toThrow(/learnt nothing yet/);
});
