import type { Corpus } from '../data/dataset.ts';
import { type Encoder, encoderOf } from '../text/encoder.ts';
import { awaitPieces } from '../text/pieces.ts';
import { emptyRow } from '../text/vocabulary.ts';
import { answerHead, checkAnswer } from './answer.ts';
import { networkSpec } from './config.ts';
import type { Model } from './model.ts';
import { networkOf } from './network.ts';
import { planNetwork } from './network-plan.ts';
import { predictionOf, type TextStream } from './prediction.ts';
import { KEPT_WORDS } from './runner.ts';
import { checkTask, outputUnits } from './task.ts';

/** Words that go through the network in one call. */
const CHUNK_WORDS = 64;

/**
 * Classifies a text while it arrives: each word costs one step of the network, however long the text is,
 * and maxLength does not apply.
 * @throws UsageError before the model is trained, and for a bidirectional LSTM, which reads from the end, too
 * @example
 * const reader = stream(model);
 * reader.push('a joy ');
 * reader.push('to watch');
 * reader.end() // { label: 'positive', … }
 */
export function stream(model: Model): TextStream {
  const { config, vocabulary } = model;
  checkTask('stream()', config, 'classify');
  const module = model.modules.fast;
  const limits = { maxSequences: 1, maxRows: CHUNK_WORDS };
  const spec = networkSpec(config, vocabulary);
  const network = networkOf(module, planNetwork(module, spec, 'stream', limits, answerHead(config)));
  const encoder = encoderOf(vocabulary, Number.MAX_SAFE_INTEGER, KEPT_WORDS);
  const values = network.machine.floats(network.outcome.values).subarray(0, outputUnits(config));
  const row = Int32Array.of(0);
  const pieces = awaitPieces();
  let read = 0;
  network.takeAll(model);

  const readOn = (text: string, isEnd: boolean) => {
    if (encoder.isFull) encoder.reset();
    const { types } = encoder.encode(text);
    if (types[0] === emptyRow && (read > 0 || !isEnd)) return; // nothing but white space
    for (let from = 0; from < types.length; from += CHUNK_WORDS) {
      const batch = network.enter(oneRow(types.subarray(from, from + CHUNK_WORDS), encoder), row, 0, 1);
      network.machine.set('keep', read > 0 ? 1 : 0);
      read += batch.numRows;
      batch.lengths[0] = read; // a mean is over all words so far
      network.forward();
    }
  };

  return {
    push(piece) {
      const whole = pieces.push(piece);
      if (whole !== '') readOn(whole, false);
      return read > 0 ? predictionOf(config, checkAnswer(values), false) : undefined;
    },
    end() {
      readOn(pieces.end(), true);
      read = 0;
      network.machine.region('state').fill(0);
      return predictionOf(config, checkAnswer(values), false);
    },
  };
}

function oneRow(tokens: Int32Array, bags: Encoder): Corpus {
  const starts = Int32Array.of(0, tokens.length);
  return { numRows: 1, tokens, starts, bags, subwords: new Int32Array(0), truncated: new Uint8Array(1) };
}
