// What every engine does with the package as users get it. Plain JavaScript of no platform.

const WORDS = {
  negative: ['dull', 'awful', 'boring', 'two hours wasted'],
  positive: ['lovely', 'a joy', 'great', 'moving and clever'],
};
const FRAMES = ['the film was WORD', 'WORD, said my friend', 'a plot so WORD', 'it is WORD again', 'WORD'];

/** 40 texts, half of each label. */
const rows = Object.entries(WORDS).flatMap(([label, words]) =>
  words.flatMap((word) => FRAMES.map((frame) => ({ text: frame.replace('WORD', word), label }))),
);

const TEXT = 'a lovely plot, moving and great – naïve 日本語 🎬';

/**
 * Trains 20 steps to the same bits everywhere, saves, loads, predicts with f32 and int8, and streams.
 * @param gatelet what the engine made of `import * as gatelet from 'gatelet'`
 * @param infer and of `import * as infer from 'gatelet/infer'`
 * @returns plain data; `sha256` is that of the trained file
 */
export async function job(gatelet, infer) {
  const { textClassifier, train, adam, save, load, predict, predictAll, quantize, stream } = gatelet;
  const model = await textClassifier({
    ...{ labels: ['negative', 'positive'], embedding: 8, lstm: 12, bidirectional: true, dropout: 0.2 },
    ...{ maxLength: 16, tokenizer: { buckets: 64 }, seed: 7 },
  });
  const losses = await trainFully(
    train(model, rows, {
      epochs: 5,
      batchSize: 10,
      optimizer: adam({ learningRate: 0.05 }),
      reproducible: true,
    }),
  );
  const file = save(model);
  const same = await load(file);
  const small = quantize(same);
  return {
    sha256: await sha256(file),
    steps: model.facts.steps,
    losses,
    predicted: predict(model, TEXT).probabilities.positive,
    loaded: predict(same, TEXT).probabilities.positive,
    together: predictAll(same, [TEXT, 'dull'])[0].probabilities.positive,
    quantised: predict(await load(save(small)), TEXT).probabilities.positive,
    streamed: await streamed(gatelet, stream, infer),
    inferred: await inferred(infer, file, save(small)),
    threads: await inThreads(gatelet),
  };
}

/** The same network, read forward only, text by text and word by word. */
async function streamed({ textClassifier, train, predict, save }, stream, infer) {
  const model = await textClassifier({
    ...{ labels: ['negative', 'positive'], embedding: 8, lstm: 12, maxLength: 16, seed: 3 },
  });
  await trainFully(train(model, rows, { epochs: 1 }));
  const predictor = await infer.load(save(model));
  const read = (reading) => {
    for (const word of ['the ', 'film ', 'was ', 'great']) reading.push(word);
    return reading.end().probabilities.positive;
  };
  const say = (predicted) => predicted.probabilities.positive;
  const text = 'the film was great';
  return [
    [read(stream(model)), say(predict(model, text))],
    [read(predictor.stream()), say(predictor.predict(text))],
  ];
}

/** What gatelet/infer says of the text, by each file. */
async function inferred(infer, ...files) {
  const said = [];
  for (const file of files) said.push((await infer.load(file)).predict(TEXT).probabilities.positive);
  return said;
}

/** A training by two threads, or why there can be but one. */
async function inThreads({ textClassifier, train }) {
  const model = await textClassifier({
    labels: ['negative', 'positive'],
    embedding: 8,
    lstm: 8,
    maxLength: 16,
  });
  const training = train(model, rows, { epochs: 1, threads: 2 });
  await trainFully(training);
  return training.threads;
}

async function trainFully(training) {
  const losses = [];
  for await (const { loss } of training) losses.push(loss);
  return losses;
}

async function sha256(bytes) {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
