import type { testNumbers } from '../support/arena.ts';

export type Draws = ReturnType<typeof testNumbers>;

// biome-ignore lint/suspicious/noExplicitAny: JSON of any kind, to be changed at will
export type Json = any;

/** One of a list. */
export const one = <T>(draws: Draws, list: readonly T[]): T => list[draws.int(list.length)];

const KEYS = ['__proto__', 'constructor', 'toString', 'length', 'size', 'kind', '', 'x'];

const ODD: readonly Json[] = [
  ...[null, true, false, '', 'x', '__proto__', '1', 'x'.repeat(3000), '\ud800'],
  ...[0, -1, 0.5, 1, 2, 3, 7, 64, 4096, 65_536, 2 ** 31, 2 ** 53, 1e9, 1e308, -1e308],
  ...[[], {}, [null], [[1]], [1, 2, 3], { length: 1 }, { toString: 1 }, { kind: 'lstm', options: {} }],
];

/** Values a little beside those that are meant, so that some of them still make sense. */
const NUDGES: readonly ((value: number) => number)[] = [
  (value) => value + 1,
  (value) => value - 1,
  (value) => value * 2,
  (value) => Math.floor(value / 2),
  (value) => -value,
  (value) => value + 0.5,
];

/** Does something to one place of a JSON value, which is an object or a list. */
export function changeSomewhere(root: Json, draws: Draws): void {
  const holders = holdersIn(root);
  if (holders.length === 0) return; // an earlier change has left none
  const holder = one(draws, holders);
  const keys = Object.keys(holder);
  if (keys.length === 0) {
    put(holder, one(draws, KEYS), one(draws, ODD));
    return;
  }
  const key = one(draws, keys);
  const other = one(draws, keys);
  const value = holder[key];
  const change = draws.int(7);
  if (change === 0) remove(holder, key);
  else if (change === 1) put(holder, one(draws, KEYS), value);
  else if (change === 2) [holder[key], holder[other]] = [holder[other], value];
  else if (change === 3) put(holder, key, structuredClone(one(draws, ODD)));
  else if (typeof value === 'number') holder[key] = one(draws, NUDGES)(value);
  else if (typeof value === 'boolean') holder[key] = !value;
  else if (Array.isArray(value) && value.length > 0) {
    value.splice(draws.int(value.length), draws.int(2), structuredClone(one(draws, value)));
  } else put(holder, key, structuredClone(one(draws, ODD)));
}

/** Every object and list in a value, itself first. */
function holdersIn(value: Json): Json[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(holdersIn)];
}

function remove(holder: Json, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

/** Also under a name that is not just a name, such as __proto__. */
function put(holder: Json, key: string, value: Json): void {
  if (Array.isArray(holder) && !/^\d+$/.test(key)) return; // JSON would not say so
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}
