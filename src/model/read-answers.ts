import type { PackedBatch } from '../data/batch.ts';
import { stride } from '../runtime/stride.ts';
import { type Answer, checkAnswer } from './answer.ts';
import type { ModelConfig } from './config.ts';
import type { Part } from './network.ts';
import type { Input } from './rows.ts';
import type { Runner } from './runner.ts';
import { outputUnits } from './task.ts';

/**
 * Reads what is said of a text.
 * @param said the numbers of a row of the network's answer
 * @param b the text's place in the packed batch
 * @param truncated whether its end was not read
 */
export type Reader<Said> = (
  said: (row: number) => Float32Array,
  batch: PackedBatch,
  b: number,
  truncated: boolean,
  part: Part<Answer>,
) => Said;

/** What a model says of inputs, in their order. */
export function answersTo<Said>(
  config: ModelConfig,
  runner: Runner<Answer>,
  inputs: readonly Input[],
  read: Reader<Said>,
): Said[] {
  const answers = answering(config, runner, inputs, read);
  for (;;) {
    const { done, value } = answers.next();
    if (done) return value;
    runner.network.forward();
  }
}

/** The same of a network that is to be run, by whoever does it, each time this yields. */
export function* answering<Said>(
  config: ModelConfig,
  runner: Runner<Answer>,
  inputs: readonly Input[],
  read: Reader<Said>,
): Generator<undefined, Said[]> {
  const units = outputUnits(config);
  const width = stride(units);
  const corpus = runner.encode(inputs);
  const answers = new Array<Said>(inputs.length);
  for (const round of runner.rounds(corpus)) {
    yield;
    for (const { part, batch, from } of round) {
      const values = part.view.floats(part.outcome.values);
      const said = (row: number) => checkAnswer(values.subarray(row * width, row * width + units));
      for (let b = 0; b < batch.numSequences; b++) {
        const input = from + batch.order[b];
        answers[input] = read(said, batch, b, corpus.truncated[input] === 1, part);
      }
    }
  }
  return answers;
}
