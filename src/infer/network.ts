import { damaged } from '../io/pieces.ts';
import { show } from '../runtime/errors.ts';
import { emptyRow } from '../text/vocabulary.ts';
import { inOrder, notRead } from './in-order.ts';
import { LAYERS } from './layers.ts';
import type { ModelFile } from './model-file.ts';
import { type Copy, fits, planOf, type Value } from './plan.ts';

const WORDS: Value = { kind: 'words', at: 0, features: 0, reverseFrom: 0, isWord: true };

/**
 * Reads some words, or an empty text.
 * @param before how many words of the text were read already
 * @returns probabilities [units], the same array at every call
 * @throws DataError when one is no number: then the parameters make no sense
 */
export type Network = (words: readonly string[], before?: number) => Float32Array;

/**
 * A network of a model's layers in a memory of its own, which reads one text at a time.
 * @param rows the most words at a time
 * @param isStream whether a text may come in pieces
 */
export function openNetwork(
  module: WebAssembly.Module,
  model: ModelFile,
  rows: number,
  isStream: boolean,
): Network {
  const { labels, multiLabel, vocabulary } = model;
  const plan = planOf(model, rows, isStream);
  const logits = model.layers.reduce<Value>((x, stored, i) => {
    const { kind, options } = (stored ?? {}) as { kind: unknown; options: object };
    if (typeof kind !== 'string' || !Object.hasOwn(LAYERS, kind)) throw notRead(`a layer ${show(kind)}`);
    return LAYERS[kind](plan, x, { ...options }, `layers.${i}.${kind}`);
  }, WORDS);
  const units = !multiLabel && labels.length === 2 ? 1 : labels.length;
  fits(logits.kind === 'vector' && logits.features === units);
  const { at } = plan.value('vector', units);
  const kernel = multiLabel || units === 1 ? 'sigmoidForward' : 'softmaxForward';
  plan.forward.push((kernels) => kernels[kernel](at, logits.at, 1, units));

  const { kernels, octets, shorts, integers, floats } = plan.memory.make(module);
  const { steps, lengths, bagStart, bagIds, tables } = plan;
  const probabilities = floats.subarray(at / 4, at / 4 + units);
  /** 1 for each row of the table that is in memory. */
  const isHere = new Uint8Array(vocabulary.tableRows);

  const copy: Copy = ({ name, dtype, data }, from, bytes, to) => {
    octets.set(data.subarray(from, from + bytes), to);
    if (dtype === 'I8' || kernels.allFinite(to, bytes / 4) === 1) return;
    throw damaged(`tensor ${show(name)} holds what is no number`);
  };

  /** Copies a row of the table in, if it is not there. */
  const bring = (row: number) => {
    if (isHere[row] === 1) return;
    for (const table of tables) {
      const bytes = table.data.length / isHere.length;
      copy(table, row * bytes, bytes, table.at + row * bytes);
    }
    isHere[row] = 1;
  };

  /** The rows of the table that a word shows. */
  const bagOf = (word: string): readonly number[] => {
    const row = vocabulary.rowOf(word);
    return row === undefined ? vocabulary.ngramRows(word) : [row];
  };

  for (const parameter of plan.parameters) copy(parameter, 0, parameter.data.length, parameter.at);
  for (const { at, data } of plan.quantised) shorts.set(data, at / 2);
  integers.fill(1, steps / 4, steps / 4 + rows);
  for (const call of plan.prepare) call(kernels, copy);

  return (words, before = 0) => {
    const bags = words.length > 0 ? words.map(bagOf) : [[emptyRow]];
    let numIds = 0;
    bags.forEach((bag, n) => {
      for (const row of bag) {
        bring(row);
        integers[bagIds / 4 + numIds++] = row;
      }
      integers[bagStart / 4 + n + 1] = numIds;
    });
    integers[lengths / 4] = before + bags.length;
    if (before === 0) for (const { at, count } of plan.states) floats.fill(0, at / 4, at / 4 + count);
    for (const call of plan.forward) call(kernels, bags.length, before > 0 ? 1 : 0);
    inOrder(probabilities.every(Number.isFinite), 'its parameters are far too large');
    return probabilities;
  };
}
