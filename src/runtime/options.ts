import { brief, show, UsageError } from './errors.ts';

/** A whole number from `least` to `most`. @throws UsageError naming the option */
export function wholeNumber(name: string, value: unknown, least = 1, most = 1_000_000): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)
    return value as number;
  throw new UsageError(name, {
    expected: `a whole number from ${least} to ${most.toLocaleString('en')}`,
    got: show(value),
  });
}

/** A share: 0 ≤ value < 1. @throws UsageError naming the option */
export function share(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && Math.fround(value) < 1) return value;
  throw new UsageError(name, { expected: 'a number from 0 up to, but not including, 1', got: show(value) });
}

/** A positive finite number. @throws UsageError naming the option */
export function positive(name: string, value: unknown): number {
  if (typeof value === 'number' && isPositive(Math.fround(value))) return value;
  throw new UsageError(name, { expected: 'a number above 0, within f32', got: show(value) });
}

/** A number from `least` to `most`, both included. @throws UsageError naming the option */
export function finite(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new UsageError(name, { expected: `a number from ${least} to ${most}`, got: show(value) });
}

// Kernels work in f32: a number too small or too large for it would act as 0 or as infinity.
function isPositive(value: number): boolean {
  return value > 0 && value < Infinity;
}

/** true or false. @throws UsageError naming the option */
export function flag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new UsageError(name, { expected: 'true or false', got: show(value) });
}

/** One of the given words. @throws UsageError naming the option */
export function oneOf<Choice extends string>(
  name: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  if (choices.includes(value as Choice)) return value as Choice;
  throw new UsageError(name, {
    expected: choices.map((choice) => `'${choice}'`).join(' or '),
    got: show(value),
  });
}

/** Rejects options that nobody reads, such as a misspelt one. @throws UsageError listing those there are */
export function onlyKnown(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new UsageError(what, { expected: 'an object of options', got: show(options) });
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new UsageError(`${what} has no option '${brief(name)}'`, { expected: known.join(', ') });
  }
}
