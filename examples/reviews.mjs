import { createRequire } from 'node:module';
import { adam } from 'gatelet';

const PACKAGE = 'wink-naive-bayes-text-classifier';
const LABELS = ['negative', 'positive'];

/** Sentences from reviews of phones and what belongs to them. */
export const reviews = {
  title: '1,000 sentences about phones and headsets, for or against',
  noun: 'sentences',
  credits: [
    'Kotzias et al. 2015, "From Group to Individual Labels Using Deep Features":',
    'UCI Sentiment Labelled Sentences, as shuffled in the npm package',
    `${PACKAGE} (MIT)`,
  ],
  labels: LABELS,
  /** The one whose precision and recall are shown. */
  label: 'positive',
  file: 'sentiment.safetensors',
  split,
  // Chosen by cross-validation on the 800 sentences to learn from: docs/tuning.md.
  model: {
    embedding: 128,
    lstm: 32,
    bidirectional: true,
    pool: 'mean',
    dropout: 0.5,
    tokenizer: { minCount: 1, buckets: 8000 },
  },
  training: {
    epochs: 20,
    batchSize: 16,
    optimizer: adam({ learningRate: 2e-3 }),
    wordDropout: 0.5,
    labelSmoothing: 0.1,
  },
  unseen: [
    'A joy to use, and the sound is crystal clear.',
    'The battery died within a week.',
    'I would not recommend this to anyone.',
    'Works perfectly with my new phone.',
    'They sent the wrong case and refused a refund.',
    'Best purchase I have made all year.',
  ],
  next: 'The sound is great.',
};

/** The split of the package's own example. */
function split() {
  const data = createRequire(import.meta.url)(
    `${PACKAGE}/sentiment-analysis-example/shuffled-sentiment-training-data.json`,
  );
  const rows = data.map(([text, number]) => ({ text, label: LABELS[number] }));
  return { training: rows.slice(0, 800), test: rows.slice(800), rule: 'the first 800, the last 200.' };
}
