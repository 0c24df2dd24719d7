import { type Prediction, predictionOf, type TextStream } from '../model/prediction.ts';
import { show, UsageError } from '../runtime/errors.ts';
import { awaitPieces } from '../text/pieces.ts';
import type { ModelFile } from './model-file.ts';
import { openNetwork } from './network.ts';

/** Words of a stream that go through the network in one call. */
const CHUNK_WORDS = 64;

/** A model that predicts, and does nothing else. */
export interface Predictor {
  /** What a text may be called, in the order of the model. */
  readonly labels: readonly string[];
  /**
   * Classifies one text. Any string will do, an empty one, too.
   * @example
   * model.predict('a joy to watch') // { label: 'positive', probability: 0.97, … }
   */
  predict(text: string): Prediction;
  /** Classifies texts, one after another. @returns one prediction a text, in their order */
  predictAll(texts: readonly string[]): Prediction[];
  /**
   * Classifies a text while it arrives: each word costs one step of the network, however long the text is, and
   * maxLength does not apply.
   * @throws UsageError for a bidirectional LSTM, which reads from the end, too
   * @example
   * const reader = model.stream();
   * reader.push('a joy ');
   * reader.push('to watch');
   * reader.end() // what predict() says of the whole
   */
  stream(): TextStream;
}

/** @throws GateletError when the file is not in order */
export function predictorOf(module: WebAssembly.Module, model: ModelFile): Predictor {
  const { labels, vocabulary, maxLength } = model;
  const network = openNetwork(module, model, maxLength, false);
  const predict = (text: string) => {
    if (typeof text !== 'string')
      throw new UsageError('predict()', { expected: 'a string', got: show(text) });
    const words = vocabulary.split(text, maxLength + 1);
    return predictionOf(model, network(words.slice(0, maxLength)), words.length > maxLength);
  };
  return {
    labels,
    predict,
    predictAll: (texts) => texts.map(predict),
    stream: () => streamOf(module, model),
  };
}

function streamOf(module: WebAssembly.Module, model: ModelFile): TextStream {
  const network = openNetwork(module, model, CHUNK_WORDS, true);
  const pieces = awaitPieces();
  let read = 0;
  let values: Float32Array;
  const readOn = (text: string, isEnd: boolean) => {
    const words = model.vocabulary.split(text);
    for (let at = 0; at < words.length || (isEnd && read === 0); at += CHUNK_WORDS) {
      const chunk = words.slice(at, at + CHUNK_WORDS);
      values = network(chunk, read);
      read += Math.max(1, chunk.length);
    }
  };
  const says = () => predictionOf(model, values, false);
  return {
    push(piece) {
      readOn(pieces.push(piece), false);
      return read > 0 ? says() : undefined;
    },
    end() {
      readOn(pieces.end(), true);
      read = 0;
      return says();
    },
  };
}
