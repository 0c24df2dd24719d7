import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { gradientFlow } from '../../src/explain/gradient-flow.ts';
import { loadCheckpoint, saveCheckpoint } from '../../src/io/checkpoint.ts';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import { adversarial } from '../../src/layers/adversarial.ts';
import { attentionPool } from '../../src/layers/attention-pool.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { graphConvolution } from '../../src/layers/graph-convolution.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { numbers } from '../../src/layers/numbers.ts';
import { pool } from '../../src/layers/pool.ts';
import { attentionWeights } from '../../src/model/attention-weights.ts';
import { compare } from '../../src/model/compare.ts';
import { createModel } from '../../src/model/create.ts';
import { estimate, estimateAll } from '../../src/model/estimate.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { quantize } from '../../src/model/quantize.ts';
import { stream } from '../../src/model/stream.ts';
import { tag, tagAll } from '../../src/model/tag.ts';
import { UsageError } from '../../src/runtime/errors.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { trainTogether } from '../../src/train/together.ts';
import { train } from '../../src/train/train.ts';
import { windowEdges } from '../support/edges.ts';
import { GIVEN, graphModel, toyGraphs } from '../support/graphs.ts';
import { trainOn } from '../support/models.ts';

const optimizer = adam({ learningRate: 0.02 });
const rows = toyGraphs(120);
const others = toyGraphs(40, 2);
const options = { batchSize: 16, optimizer };

const trained = await graphModel([GIVEN, lstm({ size: 6 }), attentionPool()]);
await trainOn(trained, rows, { ...options, epochs: 2 });

test('what edges alone tell is learnt from given edges, and not from a window', async () => {
  const accuracy = async (layer = GIVEN) => {
    const model = await graphModel([layer, pool({ over: 'max' })]);
    const isGiven = layer.options.edges === 'given';
    const read = (graphs: typeof rows) =>
      isGiven ? graphs : graphs.map(({ words, label }) => ({ text: words.join(' '), label }));
    await trainOn(model, read(rows), { ...options, epochs: 15 });
    return (await evaluate(model, read(others))).accuracy;
  };
  expect(await accuracy()).toBe(1);
  expect(await accuracy(graphConvolution({ units: 12 }))).toBeLessThan(0.75);
});

test('edges that spell the window train as the window does, bit for bit', async () => {
  const window = await graphModel([graphConvolution({ units: 5, window: 3 }), pool()]);
  const given = await graphModel([graphConvolution({ units: 5, edges: 'given' }), pool()]);
  const settings = { ...options, epochs: 1, reproducible: true };
  const texts = rows.map(({ words, label }) => ({ text: words.join(' '), label }));
  const spelt = rows.map(({ words, label }) => ({ words, label, edges: windowEdges(words.length, 3) }));
  await trainOn(window, texts, settings);
  await trainOn(given, spelt, settings);
  expect(given.weights).toEqual(window.weights);
});

describe('a text', () => {
  const long = {
    words: Array.from({ length: 11 }, (_, i) => `w${i}`),
    edges: [
      [0, 7],
      [9, 1],
      [8, 10],
    ],
  };
  const graphs = [...others, { words: ['bad'], edges: [] }, { words: ['bad', 'food'], edges: [] }, long];
  const alone = graphs.map((graph) => predict(trained, graph));

  test('gets the same result alone and among others, by any number of threads', async () => {
    expect(predictAll(trained, graphs)).toEqual(alone);
    expect(predictAll(trained, graphs.toReversed())).toEqual(alone.toReversed());
    expect(await predictAll(trained, graphs, { threads: 2 })).toEqual(alone);
  });

  test('is what its edges are, in any order and direction, however often', () => {
    const turned = others.map(({ words, edges: [one, other] }) => ({
      words,
      edges: [other.toReversed(), one, other, [0, 0]],
    }));
    expect(predictAll(trained, turned)).toEqual(alone.slice(0, others.length));
    const none = others.map(({ words }) => ({ words, edges: [] }));
    expect(predictAll(trained, none)).not.toEqual(alone.slice(0, others.length));
  });

  test('is cut with its edges', () => {
    const { truncated, ...said } = predict(trained, long);
    expect(truncated).toBe(true);
    const cut = predict(trained, { words: long.words.slice(0, 8), edges: [[7, 0]] });
    expect({ ...said, truncated: false }).toEqual(cut);
  });
});

describe('a model', () => {
  test('is the same from its file, in int8, and warm', async () => {
    const same = await load(save(trained));
    expect(same.config.layers[1].options).toEqual(GIVEN.options);
    same.warm();
    expect(predictAll(same, others)).toEqual(predictAll(trained, others));
    const small = quantize(trained);
    expect(predictAll(small, others)).toEqual(others.map((graph) => predict(small, graph)));
    expect(compare(trained, small, others).largestDifference).toBeLessThan(0.03);
  });

  test('shows its weights and its gradients, and cannot stream', () => {
    const weights = attentionWeights(trained, others[0]);
    expect(weights.map(({ word }) => word)).toEqual(others[0].words);
    expect(weights.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 5);
    expect(gradientFlow(trained, others).rows).toBe(others.length);
    expect(() => stream(trained)).toThrow(UsageError);
    expect(() => stream(trained)).toThrow(/^graphConvolution\(\) cannot stream/);
  });

  test('trains with rows held back, mixed, words dropped and attacked, to the same bits by two threads', async () => {
    const run = async () => {
      const model = await graphModel([adversarial(), GIVEN, pool({ over: 'max' })]);
      const settings = { ...options, epochs: 2, validation: 0.2, mixup: 0.2, wordDropout: 0.2, threads: 2 };
      const epochs = await trainOn(model, rows, settings);
      expect(epochs[1].validation!.rows).toBe(24);
      return save(model);
    };
    expect(await run()).toEqual(await run());
  });

  test('goes on where it was interrupted', async () => {
    const settings = { ...options, epochs: 2 };
    const whole = await graphModel();
    await trainOn(whole, rows, settings);
    const stop = new AbortController();
    const onStep = ({ step }: { step: number }) => step === 3 && stop.abort();
    const training = train(await graphModel(), rows, { ...settings, signal: stop.signal, onStep });
    for await (const _ of training);
    const { model, state } = await loadCheckpoint(saveCheckpoint(training));
    await trainOn(model, rows, { ...settings, resume: state });
    expect(save(model)).toEqual(save(whole));
    const turned = rows.map(({ edges, ...row }) => ({ ...row, edges: edges.slice(1) }));
    expect(() => train(model, turned, { ...settings, resume: state })).toThrow(/does not belong/);
  });
});

test('a classifier and a tagger learn together from graphs', async () => {
  const tagger = await createModel({
    task: 'tag',
    labels: ['good', 'bad', 'none'],
    maxLength: 8,
    tokenizer: { buckets: 20 },
    layers: [embedding({ size: 8 }), GIVEN, dense({ units: 3 })],
  });
  // What an edge says of a noun is the tag of both its words.
  const tagged = rows.map(({ words, edges }) => {
    const said = (t: number) => edges.find((edge) => edge.includes(t))?.map((place) => words[place]);
    const tagOf = (t: number) => (said(t) ?? []).find((word) => word === 'good' || word === 'bad');
    return { words, edges, tags: words.map((_, t) => tagOf(t) ?? 'none') };
  });
  const sources = {
    mood: { model: await graphModel(), rows, batchSize: 16 },
    tags: { model: tagger, rows: tagged },
  };
  let last = 0;
  for await (const epoch of trainTogether(sources, { epochs: 25, optimizer }))
    last = epoch.sources.tags.accuracy;
  expect(last).toBe(1);
  const [{ words, edges, tags }] = tagged;
  expect(tag(tagger, { words, edges }).tags).toEqual(tags);
  expect(tagAll(tagger, tagged)).toEqual(tagged.map((graph) => tag(tagger, graph)));
});

test('numbers are told of graphs of vectors, and of words', async () => {
  const make = (first = embedding({ size: 4 })) =>
    createModel({
      task: 'regress',
      maxLength: 8,
      layers: [first, GIVEN, pool({ over: 'mean' }), dense({ units: 1 })],
    });
  const values = [
    [1, 2],
    [0, 1],
    [3, 0],
  ];
  const graphs = [
    { values, edges: [[2, 0]] },
    { values, edges: [] },
  ];
  const ofVectors = await make(numbers({ features: 2 }));
  await trainOn(
    ofVectors,
    graphs.map((graph, i) => ({ ...graph, target: i })),
    { epochs: 2 },
  );
  ofVectors.warm();
  const said = estimateAll(ofVectors, graphs);
  expect(said).toEqual(graphs.map((graph) => estimate(ofVectors, graph)));
  expect(said[0]).not.toEqual(said[1]);
  const ofWords = await make();
  await trainOn(
    ofWords,
    rows.map(({ words, edges }, target) => ({ words, edges, target })),
    { epochs: 1 },
  );
  expect(estimateAll(ofWords, others)).toEqual(others.map((graph) => estimate(ofWords, graph)));
});

test('the code in docs/tasks.md runs', async () => {
  const [, code] = readFileSync('docs/tasks.md', 'utf8').match(
    /## Edges between words[\s\S]*?```ts\n([\s\S]*?)```/,
  )!;
  const given = {
    createModel,
    embedding,
    graphConvolution,
    pool,
    dense,
    train,
    predict,
    console: { log() {} },
  };
  const AsyncFunction = (async () => {}).constructor as new (
    ...code: string[]
  ) => (...given: unknown[]) => Promise<unknown>;
  const run = new AsyncFunction(...Object.keys(given), code.replace(/^predict/m, 'return predict'));
  expect(await run(...Object.values(given))).toMatchObject({ labels: [expect.any(String)] });
});
