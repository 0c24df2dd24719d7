import { crf } from '../../src/layers/crf.ts';
import { dense } from '../../src/layers/dense.ts';
import { embedding } from '../../src/layers/embedding.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { neighbours } from '../../src/layers/neighbours.ts';
import { numbers } from '../../src/layers/numbers.ts';
import { pool } from '../../src/layers/pool.ts';
import { createModel } from '../../src/model/create.ts';
import type { Model } from '../../src/model/model.ts';
import type { NumberRow, PlainText, TaggedWords } from '../../src/model/rows.ts';
import { testNumbers } from './arena.ts';

export const TAGS = ['N', 'V', 'D'];

/** Sentences of 1 to 8 words. "run" is a noun behind a determiner and a verb elsewhere: its tag is in the word before. */
export function toySentences(count: number, seed = 1): TaggedWords[] {
  const draws = testNumbers(seed);
  const one = (words: readonly string[]) => words[draws.int(words.length)];
  return Array.from({ length: count }, () => {
    const words: string[] = [];
    const tags: string[] = [];
    for (let left = 1 + draws.int(4); left > 0; left--) {
      const isNoun = draws.int(2) === 0;
      if (isNoun) words.push(one(['the', 'a']));
      if (isNoun) tags.push('D');
      words.push(one(['run', 'walk', isNoun ? 'dog' : 'sees']));
      tags.push(isNoun ? 'N' : 'V');
    }
    return { words, tags };
  });
}

/** Sequences of pairs (number, mark); the target is the sum of the numbers that are marked. */
export function toySums(count: number, seed = 1): NumberRow[] {
  const draws = testNumbers(seed);
  return Array.from({ length: count }, () => {
    const steps = 2 + draws.int(5);
    const marked = [draws.int(steps), draws.int(steps)];
    const values = Array.from({ length: steps }, (_, t) => [
      draws.floats(1, 0, 1)[0],
      marked.includes(t) ? 1 : 0,
    ]);
    return { values, target: values.reduce((sum, [value, mark]) => sum + value * mark, 0) };
  });
}

/** Texts in which each word says which comes next. */
export function toyTexts(count: number, seed = 1): PlainText[] {
  const draws = testNumbers(seed);
  const words = ['one', 'two', 'three', 'four', 'five', 'six'];
  return Array.from({ length: count }, () => {
    const from = draws.int(words.length);
    const length = 2 + draws.int(4);
    return { text: Array.from({ length }, (_, t) => words[(from + t) % words.length]).join(' ') };
  });
}

const words = [embedding({ size: 8 }), lstm({ size: 7, bidirectional: true })];
const tokenizer = { buckets: 20 };

export function tagger({ chain = true } = {}): Promise<Model> {
  const layers = [...words, dense({ units: 3 }), ...(chain ? [crf()] : [])];
  return createModel({ task: 'tag', labels: TAGS, tokenizer, maxLength: 10, layers });
}

export function adder(): Promise<Model> {
  const layers = [numbers({ features: 2 }), lstm({ size: 12 }), pool(), dense({ units: 1 })];
  return createModel({ task: 'regress', tolerance: 0.1, maxLength: 10, layers });
}

export function reader(): Promise<Model> {
  const layers = [...words, neighbours({ size: 8 })];
  return createModel({ task: 'language', tokenizer, maxLength: 10, layers });
}
