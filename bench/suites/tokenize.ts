// Splitting texts into words and looking these up.
import { loadModule } from '#module';
import { encodeRows } from '../../src/data/dataset.ts';
import { encoderOf } from '../../src/text/encoder.ts';
import { tokenizerOptions } from '../../src/text/options.ts';
import { learnVocabulary } from '../../src/text/vocabulary.ts';
import { drawEnglish } from '../english.ts';
import type { Meter } from '../measure.ts';
import { type Measurement, round } from '../rows.ts';

const NUM_TEXTS = 500;

export default async function* tokenizeSuite([meter]: readonly Meter[]): AsyncGenerator<Measurement> {
  const texts = drawEnglish(await loadModule('plain'), NUM_TEXTS);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const speed = (ms: number) => round((bytes * 1e-3) / ms);
  const vocabulary = learnVocabulary(texts, tokenizerOptions());
  // Unknown words are remembered, as in a model that goes on predicting.
  const encoder = encoderOf(vocabulary, Number.POSITIVE_INFINITY);
  const { ms, slices } = await meter.time(() => void encodeRows(encoder, texts));
  yield {
    name: 'split and encode English',
    value: speed(ms.quantile),
    unit: 'MB/s',
    better: 'higher',
    goal: 5,
    median: speed(ms.median),
    best: speed(ms.best),
    megabytes: round(bytes * 1e-6),
    words: vocabulary.words.length,
    slices,
  };
}
