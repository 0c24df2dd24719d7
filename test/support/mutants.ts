import { testNumbers } from './arena.ts';
import { changedJson } from './files.ts';

/** Copies of a model file with one to three edits of its bytes each; half of them in the header. */
export function* mutantsOf(bytes: Uint8Array, count: number): Generator<Uint8Array> {
  const { int } = testNumbers(11);
  const { buffer, byteOffset } = bytes;
  const header = Number(new DataView(buffer, byteOffset).getBigUint64(0, true)) + 8;
  for (let round = 0; round < count; round++) {
    let mutant: Uint8Array = bytes.slice();
    for (let edits = 1 + int(3); edits > 0; edits--) {
      // The header is where structure is; the data are most of the file.
      const at = int(2) ? int(header) : int(mutant.length);
      const kind = int(12);
      if (kind < 4) mutant[at] ^= 1 << int(8);
      else if (kind < 7) mutant[at] = int(256);
      else if (kind < 10) mutant[at] = '{}[]":,0123456789-e.\\ '.charCodeAt(int(22));
      else if (kind === 10) mutant = mutant.slice(0, mutant.length - int(200));
      else mutant.copyWithin(at, int(mutant.length), int(mutant.length));
      if (mutant.length < header) mutant = bytes.slice();
    }
    yield mutant;
  }
}

const ODD: readonly unknown[] = [
  ...[null, true, '', 'x', '__proto__', 0, -1, 0.5, 1, 2, 3, 64, 1e9, 1e308, [], {}, [null], [[1]]],
  ...[{ length: 1 }, { toString: 1 }, { kind: 'lstm', options: {} }],
];

/** Copies of a model file with one or two edits of the configuration or the training's facts each. */
export function* mutantsOfMetadata(bytes: Uint8Array, count: number): Generator<Uint8Array> {
  const { int } = testNumbers(12);
  for (let round = 0; round < count; round++) {
    const name = int(4) ? 'model' : 'training';
    yield changedJson(bytes, name, (root) => {
      for (let edits = 1 + int(2); edits > 0; edits--) edit(root, int);
    });
  }
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of any kind
function edit(root: any, int: (below: number) => number): void {
  let at = root;
  let key: string;
  for (;;) {
    const keys = Object.keys(at);
    key = keys[int(keys.length)];
    const isLeaf = typeof at[key] !== 'object' || at[key] === null || Object.keys(at[key]).length === 0;
    if (isLeaf || int(3) === 0) break;
    at = at[key];
  }
  if (key === undefined) return;
  const kind = int(4);
  if (kind === 0) delete at[key];
  else if (kind === 1)
    Object.defineProperty(at, ['__proto__', 'constructor', 'size', 'x'][int(4)], {
      value: at[key],
      enumerable: true,
      configurable: true,
      writable: true,
    });
  else at[key] = structuredClone(ODD[int(ODD.length)]);
}
