import { show } from '../runtime/errors.ts';
import type { Prepared } from '../runtime/prediction-memory.ts';
import { emptyRow, type Vocabulary } from '../text/vocabulary.ts';
import { inOrder, notRead } from './in-order.ts';
import { LAYERS } from './layers.ts';
import type { ModelFile } from './model-file.ts';
import { fits, type Parameter, Plan, type Value } from './plan.ts';

const WORDS: Value = { kind: 'words', at: 0, features: 0, reverseFrom: 0, isWord: true };

/** A network of a model's layers in a memory of its own, which reads one text at a time. */
export class Network {
  readonly #plan: Plan;
  readonly #memory: Prepared;
  readonly #vocabulary: Vocabulary;
  /** Probabilities [units]. */
  readonly #values: Float32Array;
  /** 1 for each row of the table that is in memory. */
  readonly #isHere: Uint8Array;

  /**
   * @param rows the most words at a time
   * @param isStream whether a text may come in pieces
   */
  constructor(module: WebAssembly.Module, model: ModelFile, rows: number, isStream: boolean) {
    const { labels, multiLabel, vocabulary } = model;
    const plan = new Plan(module, model, rows, isStream);
    const logits = model.layers.reduce<Value>((x, stored, i) => {
      const { kind, options } = (stored ?? {}) as { kind: unknown; options: object };
      if (typeof kind !== 'string' || !Object.hasOwn(LAYERS, kind)) throw notRead(`a layer ${show(kind)}`);
      return LAYERS[kind](plan, x, { ...options }, `layers.${i}.${kind}`);
    }, WORDS);
    const units = !multiLabel && labels.length === 2 ? 1 : labels.length;
    fits(logits.kind === 'vector' && logits.features === units);
    const { at: values } = plan.value('vector', units);
    const kernel = multiLabel || units === 1 ? 'sigmoidForward' : 'softmaxForward';
    plan.forward.push((kernels) => kernels[kernel](values, logits.at, 1, units));

    const memory = plan.memory.make(module);
    this.#plan = plan;
    this.#memory = memory;
    this.#vocabulary = vocabulary;
    this.#values = memory.floats.subarray(values / 4, values / 4 + units);
    this.#isHere = new Uint8Array(vocabulary.tableRows);
    for (const parameter of plan.parameters) this.#copy(parameter);
    for (let n = 0; n < rows; n++) {
      memory.integers[plan.steps / 4 + n] = 1;
      memory.integers[plan.index / 4 + n] = n;
    }
    for (const call of plan.prepare) call(memory.kernels, 0, 0);
  }

  /**
   * Reads some words, or an empty text.
   * @param before how many words of the text were read already
   * @returns probabilities [units], the same array at every call
   * @throws DataError when one is no number: then the parameters make no sense
   */
  run(words: readonly string[], before = 0): Float32Array {
    const { bagStart, bagIds, lengths, states, forward } = this.#plan;
    const { integers, floats, kernels } = this.#memory;
    const bags = words.length > 0 ? words.map((word) => this.#bagOf(word)) : [[emptyRow]];
    let numIds = 0;
    for (const [n, bag] of bags.entries()) {
      for (const row of bag) {
        this.#bring(row);
        integers[bagIds / 4 + numIds++] = row;
      }
      integers[bagStart / 4 + n + 1] = numIds;
    }
    integers[lengths / 4] = before + bags.length;
    if (before === 0) for (const { at, count } of states) floats.fill(0, at / 4, at / 4 + count);
    for (const call of forward) call(kernels, bags.length, before > 0 ? 1 : 0);
    inOrder(this.#values.every(Number.isFinite), 'its parameters are far too large');
    return this.#values;
  }

  /** The rows of the table that a word shows. */
  #bagOf(word: string): readonly number[] {
    const row = this.#vocabulary.rowOf(word);
    return row === undefined ? this.#vocabulary.ngramRows(word) : [row];
  }

  /** Copies a row of the table in, if it is not there. */
  #bring(row: number): void {
    const table = this.#plan.table!;
    const bytes = table.data.length / this.#isHere.length;
    if (this.#isHere[row] === 0) this.#copy(table, row * bytes, bytes);
    this.#isHere[row] = 1;
  }

  /** Copies bytes of a tensor in. @throws DataError when they are no numbers */
  #copy({ name, at, dtype, data }: Parameter, from = 0, bytes = data.length): void {
    const { octets, kernels } = this.#memory;
    octets.set(data.subarray(from, from + bytes), at + from);
    const isSound = dtype === 'I8' || kernels.allFinite(at + from, bytes / 4) === 1;
    inOrder(isSound, `tensor ${show(name)} holds what is no number`);
  }
}
