import { expect, test } from 'vitest';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import type { Model } from '../../src/model/model.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { stream } from '../../src/model/stream.ts';
import { train } from '../../src/train/train.ts';
import { LABELS, smallModel, toyRows, trainedModel } from '../support/models.ts';

const texts = [...toyRows(40, { seed: 3 }).map(({ text }) => text), '', 'never heard of', '好看'];
const breathe = () => new Promise((resolve) => setTimeout(resolve));

test('models that take turns say what each says alone', async () => {
  const make = [
    () => trainedModel({ bidirectional: false }),
    () => trainedModel({ labels: LABELS, lstm: 9, seed: 2 }),
    () => trainedModel({ cell: 'gru', pool: 'max' }),
  ];
  const alone = [];
  for (const one of make) alone.push(predictAll(await one(), texts));
  const models = await Promise.all(make.map((one) => one())); // trained at the same time, too
  for (const [i, text] of texts.entries()) {
    for (const [m, model] of models.entries()) expect(predict(model, text)).toEqual(alone[m][i]);
  }
});

test('two models of one file share nothing but the file', async () => {
  const bytes = save(await trainedModel());
  const [one, other] = await Promise.all([load(bytes), load(bytes)]);
  const before = predictAll(other, texts);
  for await (const _ of train(one, toyRows(24), { epochs: 3 }));
  expect(predictAll(one, texts)).not.toEqual(before);
  expect(predictAll(other, texts)).toEqual(before);
  expect(predictAll(await load(bytes), texts)).toEqual(before);
});

test('a model that several flows use at once gives each its own answers', async () => {
  const model = await trainedModel({ bidirectional: false });
  const expected = predictAll(model, texts);
  const oneByOne = async () => {
    const said = [];
    for (const text of texts) {
      said.push(predict(model, text));
      await breathe();
    }
    return said;
  };
  const inThreads = () => predictAll(model, texts, { threads: 2 });
  const inPieces = async () => {
    const said = [];
    const reading = stream(model);
    for (const text of texts) {
      for (const piece of text.split(/(?<= )/)) {
        reading.push(piece);
        await breathe();
      }
      said.push(reading.end());
    }
    return said;
  };
  const flows = [oneByOne(), inThreads(), inPieces(), oneByOne(), inThreads(), inPieces()];
  for (const said of await Promise.all(flows)) expect(said).toEqual(expected);
});

test('who asks a model while it learns hears what it knew after a whole epoch', async () => {
  const learn = async (model: Model, onStep = () => {}) => {
    const after: unknown[] = [];
    for await (const _ of train(model, toyRows(60), { epochs: 3, batchSize: 8, onStep })) {
      after.push(predictAll(model, texts));
    }
    return after;
  };
  const alone = await learn(await smallModel());
  const model = await smallModel();
  const heard: unknown[] = [];
  const after = await learn(model, () => {
    if (model.isTrained) heard.push(predictAll(model, texts));
  });
  expect(after).toEqual(alone);
  expect(heard.length).toBeGreaterThan(10);
  for (const said of heard) expect(alone).toContainEqual(said);
});
