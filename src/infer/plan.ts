import type { InferKernels } from '../runtime/kernels.generated.ts';
import { type PredictionMemory, predictionMemory } from '../runtime/prediction-memory.ts';
import { stride } from '../runtime/stride.ts';
import { inOrder } from './in-order.ts';
import type { ModelFile } from './model-file.ts';
import type { Dtype } from './tensor-file.ts';

/** A step of a forward pass over T words, which begin a text (`keep` 0) or go on with it (1). */
export type Call = (kernels: InferKernels, T: number, keep: number) => void;

/** Copies `bytes` of a tensor from byte `from` on to where they shall lie. @throws DataError when they are no numbers */
export type Copy = (tensor: Tensor, from: number, bytes: number, to: number) => void;

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

/** A tensor of the file. */
export interface Tensor {
  readonly name: string;
  readonly data: Uint8Array;
  readonly dtype: Dtype;
}

/** The same, and where it goes. */
export interface Parameter extends Tensor {
  readonly at: number;
}

/** A network on paper: what lies where, and which kernels run in which order. Pointers are plain numbers. */
export interface Plan {
  readonly memory: PredictionMemory;
  /** The most words at a time. */
  readonly rows: number;
  /** Whether a text comes in pieces, with states that live from one to the next. */
  readonly isStream: boolean;
  readonly tableRows: number;
  /** Whether matrices are int8. */
  readonly isQuantised: boolean;
  /** To be copied in whole, before anything runs. */
  readonly parameters: Parameter[];
  /** int8 matrices, to be copied in as int16. */
  readonly quantised: { readonly at: number; readonly data: Int8Array }[];
  /** Of which a row is copied in when a text first shows it. */
  readonly tables: Parameter[];
  /** What lives from piece to piece of a text, and is zero when one begins. */
  readonly states: { readonly at: number; readonly count: number }[];
  /** Run once. */
  readonly prepare: ((kernels: InferKernels, copy: Copy) => void)[];
  readonly forward: Call[];
  /** Int32: how many words the text has so far; a 1 for each step. */
  readonly lengths: number;
  readonly steps: number;
  /** Int32: the rows of the table that word n shows are bagIds[bagStart[n], bagStart[n+1]). */
  readonly bagStart: number;
  readonly bagIds: number;
  /** Reserves so many numbers of four bytes. */
  floats(count: number): number;
  /** Reserves numbers that live from piece to piece of a text. */
  state(count: number): number;
  /** Reserves a row of features for each word, or one for the text. */
  value(kind: Value['kind'], features: number, of?: Partial<Value>): Value;
  /** Reserves what a vector of parameters takes. @returns where it will lie */
  vector(name: string, length: number): number;
  /** The same for a matrix, and for the scales of its rows where it is int8. */
  matrix(name: string, rows: number, columns: number): Matrix;
  /** A matrix of f32 for which nothing is reserved: `prepare` copies it in, part by part. */
  parts(name: string, rows: number, columns: number): Tensor;
  /** Reserves what a table takes. Its rows are copied in one by one. */
  tableOf(name: string, rows: number, columns: number): Matrix;
}

/** An empty plan. What it reserves by name throws a DataError when the file has no such tensor. */
export function planOf({ vocabulary, weights, file }: ModelFile, rows: number, isStream: boolean): Plan {
  const { tableRows, maxBag } = vocabulary;
  const isQuantised = weights === 'i8';
  const memory = predictionMemory();
  const parameters: Parameter[] = [];
  const quantised: Plan['quantised'] = [];
  const tables: Parameter[] = [];
  const states: Plan['states'] = [];
  const floats = (count: number) => memory.reserve(count * 4);
  const tensor = (name: string, dtype: Dtype, shape: readonly number[]): Tensor => {
    return { name, dtype, data: file.tensor(name, dtype, shape) };
  };
  const reserve = (name: string, dtype: Dtype, shape: readonly number[]): Parameter => {
    const found = tensor(name, dtype, shape);
    return { ...found, at: memory.reserve(found.data.length) };
  };
  const vector = (name: string, length: number) => {
    const parameter = reserve(name, 'F32', [length]);
    parameters.push(parameter);
    return parameter.at;
  };
  return {
    ...{ memory, rows, isStream, tableRows, isQuantised, parameters, quantised, tables, states },
    ...{ prepare: [], forward: [], floats, vector },
    lengths: floats(1),
    steps: floats(rows),
    bagStart: floats(rows + 1),
    bagIds: floats(rows * maxBag),
    state: (count) => {
      const at = floats(count);
      states.push({ at, count });
      return at;
    },
    value: (kind, features, { reverseFrom = features, isWord = false } = {}) => {
      const at = floats((kind === 'vector' ? 1 : rows) * stride(features));
      return { kind, at, features, reverseFrom, isWord };
    },
    parts: (name, rows, columns) => tensor(name, 'F32', [rows, columns]),
    matrix: (name, rows, columns) => {
      if (!isQuantised) {
        const parameter = reserve(name, 'F32', [rows, columns]);
        parameters.push(parameter);
        return { at: parameter.at, scales: undefined };
      }
      const { buffer, byteOffset, length } = tensor(name, 'I8', [rows, columns]).data;
      const at = memory.reserve(2 * (length + 7 * columns + 16)); // as much as the kernels read
      quantised.push({ at, data: new Int8Array(buffer, byteOffset, length) });
      return { at, scales: vector(`${name}.scales`, rows) };
    },
    tableOf: (name, rows, columns) => {
      const table = reserve(name, isQuantised ? 'I8' : 'F32', [rows, columns]);
      tables.push(table);
      return { at: table.at, scales: isQuantised ? vector(`${name}.scales`, rows) : undefined };
    },
  };
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
