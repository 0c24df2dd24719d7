import { describe, expect, test } from 'vitest';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { createModel } from '../../src/model/create.ts';
import { estimate, estimateAll } from '../../src/model/estimate.ts';
import type { Model } from '../../src/model/model.ts';
import type { Row } from '../../src/model/rows.ts';
import { tag, tagAll } from '../../src/model/tag.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { trainOn } from '../support/models.ts';
import { adder, reader, TAGS, tagger, toySentences, toySums, toyTexts } from '../support/tasks.ts';

const optimizer = adam({ learningRate: 0.02 });
const options = { epochs: 12, batchSize: 16, optimizer, validation: 0.2 };

describe.each([true, false])('tags of words, crf: %s', (chain) => {
  const rows = toySentences(200);
  const learn = async () => {
    const model = await tagger({ chain });
    return { model, epochs: await trainOn(model, rows, options) };
  };

  test('are learnt from the words beside them, counted by word, and kept in the file', async () => {
    const { model, epochs } = await learn();
    const { accuracy, loss } = epochs[epochs.length - 1];
    expect(accuracy).toBeGreaterThan(0.99);
    expect(loss).toBeLessThan(epochs[0].loss / 4);

    const others = toySentences(50, 2);
    const evaluation = await evaluate(model, others);
    expect(evaluation.accuracy).toBeGreaterThan(0.98);
    const numWords = others.reduce((sum, { words }) => sum + words.length, 0);
    expect(evaluation.rows).toBe(50);
    expect(TAGS.reduce((sum, name) => sum + evaluation.classes[name].support, 0)).toBe(numWords);

    const said = tagAll(
      model,
      others.map(({ words }) => words),
    );
    const right = said.flatMap(({ tags }, i) => tags.map((one, t) => one === others[i].tags[t]));
    expect(right.filter(Boolean).length / numWords).toBe(evaluation.accuracy);
    expect(tag(model, others[0].words)).toEqual(said[0]);
    expect(said[0].probabilities.every((p) => p > 0 && p <= 1)).toBe(true);

    const same = await load(save(model));
    expect(tag(same, others[0].words)).toEqual(said[0]);
    expect(save(same)).toEqual(save(model));
  });
});

test('tags of words that know nothing of their text are those of the words, wherever they stand', async () => {
  const layers = [embedding({ size: 8 }), dense({ units: 3 })];
  const model = await createModel({ task: 'tag', labels: TAGS, maxLength: 10, layers });
  await trainOn(model, toySentences(60), options);
  const words = ['the', 'dog', 'sees', 'the', 'dog'];
  const one = words.map((word) => tag(model, [word]));
  const expected = {
    tags: one.flatMap(({ tags }) => tags),
    probabilities: one.flatMap((of) => of.probabilities),
  };
  expect(tagAll(model, [words, ['sees'], words])).toEqual([expected, one[2], expected]);
});

describe('numbers', () => {
  test('are learnt from sequences of numbers, and kept in the file', async () => {
    const model = await adder();
    const epochs = await trainOn(model, toySums(400), { ...options, epochs: 40 });
    expect(epochs[39].validation!.accuracy).toBeGreaterThan(0.9);
    const others = toySums(60, 2);
    const evaluation = await evaluate(model, others);
    const inputs = others.map(({ values }) => values);
    const said = estimateAll(model, inputs).map(([sum]) => sum);
    const errors = said.map((sum, i) => Math.abs(sum - (others[i].target as number)));
    expect(evaluation.accuracy).toBe(errors.filter((error) => error <= 0.1).length / 60);
    expect(evaluation.loss).toBeCloseTo(errors.reduce((sum, error) => sum + error * error, 0) / 60, 6);
    expect(estimate(model, inputs[0])).toEqual([said[0]]);
    const same = await load(save(model));
    expect(estimate(same, inputs[0])).toEqual([said[0]]);
  });
});

describe('words beside words', () => {
  test('are learnt from plain texts', async () => {
    const model = await reader();
    const epochs = await trainOn(model, toyTexts(200), options);
    // The next word follows from each, the previous one, too.
    expect(epochs[0].accuracy).toBeLessThan(0.9);
    expect(epochs[11].validation!.accuracy).toBe(1);
    expect(epochs[11].loss).toBeLessThan(0.1);
    const same = await load(save(model));
    expect(await evaluate(same, toyTexts(20, 3))).toEqual(await evaluate(model, toyTexts(20, 3)));
  });
});

const tasks: [string, () => Promise<Model>, Row[]][] = [
  ['tags', tagger, toySentences(60)],
  ['numbers', adder, toySums(60)],
  ['words', reader, toyTexts(60)],
];

test.each(tasks)('%s: warm() changes nothing', async (_, create, rows) => {
  const model = await create();
  await trainOn(model, rows, { epochs: 1 });
  const before = await evaluate(model, rows);
  model.warm();
  expect(await evaluate(model, rows)).toEqual(before);
});

test.each(tasks)(
  '%s: the same seed gives the same bits, and two threads learn, too',
  async (_, create, rows) => {
    const run = async (threads: number) => {
      const model = await create();
      const epochs = await trainOn(model, rows, { epochs: 3, batchSize: 16, optimizer, threads });
      return { epochs, bytes: save(model) };
    };
    const [one, again, two, twice] = [await run(1), await run(1), await run(2), await run(2)];
    expect(again.bytes).toEqual(one.bytes);
    expect(twice.bytes).toEqual(two.bytes);
    expect(two.epochs[2].loss).toBeLessThan(two.epochs[0].loss);
  },
);
