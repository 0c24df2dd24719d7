import { damaged } from '../io/pieces.ts';
import { DataError, show } from '../runtime/errors.ts';

/** @throws DataError saying what is wrong with the file, unless the condition holds */
export function inOrder(condition: boolean, wrong: string): asserts condition {
  if (!condition) throw damaged(wrong);
}

/** Whether something from the file is a whole number from `least` to `most`. */
export function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** A size that a layer has. @throws DataError unless it is a whole number from 1 to `most` */
export function sizeOf(value: unknown, most: number): number {
  if (isWhole(value, 1, most)) return value;
  throw damaged(`a layer of it has the size ${show(value)}`);
}

/** The error for what only the whole package reads. */
export function notRead(what: string): DataError {
  return new DataError(`gatelet/infer does not read models with ${what}`, {
    cause: "load() of 'gatelet' does.",
  });
}
