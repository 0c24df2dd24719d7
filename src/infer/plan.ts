import type { InferKernels } from '../runtime/kernels.generated.ts';
import { PredictionMemory } from '../runtime/prediction-memory.ts';
import { stride } from '../runtime/stride.ts';
import { inOrder } from './in-order.ts';
import type { ModelFile } from './model-file.ts';
import type { Dtype } from './tensor-file.ts';

/** A step of a forward pass over T words, which begin a text (`keep` 0) or go on with it (1). */
export type Call = (kernels: InferKernels, T: number, keep: number) => void;

/** What flows between layers: words, a row of features for each word, or one row for the text. */
export interface Value {
  readonly kind: 'words' | 'sequence' | 'vector';
  readonly at: number;
  readonly features: number;
  /** Features from here on come from the reverse direction. */
  readonly reverseFrom: number;
  /** Whether each row follows from its word alone, so that it may be kept for the next text. */
  readonly isWord: boolean;
}

/** A tensor of the file, and where it goes. */
export interface Parameter {
  readonly name: string;
  readonly at: number;
  readonly data: Uint8Array;
  readonly dtype: Dtype;
}

/** A network on paper: what lies where, and which kernels run in which order. Pointers are plain numbers. */
export class Plan {
  readonly memory = new PredictionMemory();
  /** The most words at a time. */
  readonly rows: number;
  /** Whether a text comes in pieces, with states that live from one to the next. */
  readonly isStream: boolean;
  readonly tableRows: number;
  /** Whether matrices are int8. */
  readonly isQuantised: boolean;
  /** To be copied in whole, before anything runs. */
  readonly parameters: Parameter[] = [];
  /** int8 matrices, to be copied in as int16. */
  readonly quantised: { readonly at: number; readonly data: Int8Array }[] = [];
  /** Of which a row is copied in when a text first shows it. */
  table: Parameter | undefined;
  /** What lives from piece to piece of a text, and is zero when one begins. */
  readonly states: { readonly at: number; readonly count: number }[] = [];
  /** Run once. */
  readonly prepare: Call[] = [];
  readonly forward: Call[] = [];
  /** Int32: how many words the text has so far; a 1 for each step. */
  readonly lengths: number;
  readonly steps: number;
  /** Int32: the rows of the table that word n shows are bagIds[bagStart[n], bagStart[n+1]). */
  readonly bagStart: number;
  readonly bagIds: number;
  readonly #model: ModelFile;

  constructor(model: ModelFile, rows: number, isStream: boolean) {
    const { tableRows, maxBag } = model.vocabulary;
    this.rows = rows;
    this.isStream = isStream;
    this.tableRows = tableRows;
    this.isQuantised = model.weights === 'i8';
    this.#model = model;
    this.lengths = this.floats(1);
    this.steps = this.floats(rows);
    this.bagStart = this.floats(rows + 1);
    this.bagIds = this.floats(rows * maxBag);
  }

  /** Reserves so many numbers of four bytes. */
  floats(count: number): number {
    return this.memory.reserve(count * 4);
  }

  /** Reserves numbers that live from piece to piece of a text. */
  state(count: number): number {
    const at = this.floats(count);
    this.states.push({ at, count });
    return at;
  }

  /** Reserves a row of features for each word, or one for the text. */
  value(
    kind: Value['kind'],
    features: number,
    { reverseFrom = features, isWord = false }: Partial<Value> = {},
  ): Value {
    const at = this.floats((kind === 'vector' ? 1 : this.rows) * stride(features));
    return { kind, at, features, reverseFrom, isWord };
  }

  /** Reserves what a vector of parameters takes. @returns where it will lie */
  vector(name: string, length: number): number {
    const parameter = this.#reserve(name, 'F32', [length]);
    this.parameters.push(parameter);
    return parameter.at;
  }

  /** The same for a matrix, and for the scales of its rows where it is int8. @param at where it shall lie if it is f32 */
  matrix(name: string, rows: number, columns: number, at?: number): Matrix {
    if (this.isQuantised) {
      const { buffer, byteOffset, length } = this.#tensor(name, 'I8', [rows, columns]);
      const wide = this.memory.reserve(2 * (length + 7 * columns + 16));
      this.quantised.push({ at: wide, data: new Int8Array(buffer, byteOffset, length) });
      return { at: wide, scales: this.vector(`${name}.scales`, rows) };
    }
    const parameter = this.#reserve(name, 'F32', [rows, columns], at);
    this.parameters.push(parameter);
    return { at: parameter.at, scales: undefined };
  }

  /** Reserves what a table takes. Its rows are copied in one by one. */
  tableOf(name: string, rows: number, columns: number): Matrix {
    this.table = this.#reserve(name, this.isQuantised ? 'I8' : 'F32', [rows, columns]);
    return { at: this.table.at, scales: this.isQuantised ? this.vector(`${name}.scales`, rows) : undefined };
  }

  /** @throws DataError when the file has no such tensor */
  #reserve(name: string, dtype: Dtype, shape: readonly number[], at?: number): Parameter {
    const data = this.#tensor(name, dtype, shape);
    return { name, dtype, data, at: at ?? this.memory.reserve(data.length) };
  }

  #tensor(name: string, dtype: Dtype, shape: readonly number[]): Uint8Array {
    return this.#model.file.tensor(name, dtype, shape);
  }
}

/** Where a matrix lies, and the scales of its rows if it is int8. */
export interface Matrix {
  readonly at: number;
  readonly scales: number | undefined;
}

/** Lays a layer into a plan: reserves memory, adds calls, returns its output. @param name in the names of tensors */
export type PlanLayer = (
  plan: Plan,
  x: Value,
  options: Readonly<Record<string, unknown>>,
  name: string,
) => Value;

/** @throws DataError when layers do not fit together */
export function fits(condition: boolean): void {
  inOrder(condition, 'its layers do not fit together');
}
