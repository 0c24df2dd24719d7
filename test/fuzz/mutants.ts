import { decodeSafetensors } from '../../src/io/safetensors.ts';
import { testNumbers } from '../support/arena.ts';
import { changed, changedJson } from '../support/files.ts';
import { changeSomewhere, type Draws, one } from './json.ts';
import { refitted } from './refit.ts';
import type { Seed } from './seeds.ts';

/** What a file has become, and how. */
export interface Mutant {
  readonly seed: Seed;
  readonly way: string;
  readonly bytes: Uint8Array;
}

type Way = (bytes: Uint8Array, draws: Draws, seeds: readonly Seed[]) => Uint8Array;

/** Where the tensors begin. */
const dataStart = (bytes: Uint8Array) => 8 + new DataView(bytes.buffer).getUint32(0, true);

/** From one to three times. */
function times(draws: Draws, act: () => void): void {
  for (let left = 1 + draws.int(3); left > 0; left--) act();
}

/** Any bytes, half of them in the header, which is where structure is. */
const bytesEdited: Way = (bytes, draws) => {
  const mutant = bytes.slice();
  times(draws, () => {
    const at = draws.int(draws.int(2) ? dataStart(bytes) : bytes.length);
    const kind = draws.int(4);
    if (kind === 0) mutant[at] ^= 1 << draws.int(8);
    else if (kind === 1) mutant[at] = draws.int(256);
    else if (kind === 2) mutant[at] = '{}[]":,0123456789-e.\\ '.charCodeAt(draws.int(22));
    else mutant.copyWithin(at, draws.int(bytes.length), draws.int(bytes.length));
  });
  return mutant;
};

/** Cut short, grown, or with a piece taken out. */
const lengthChanged: Way = (bytes, draws) => {
  const at = draws.int(draws.int(2) ? dataStart(bytes) + 8 : bytes.length);
  const kind = draws.int(3);
  if (kind === 0) return bytes.slice(0, at);
  const behind = kind === 1 ? bytes.subarray(at + 1 + draws.int(64)) : bytes.subarray(Math.max(0, at - 64));
  return new Uint8Array([...bytes.subarray(0, at), ...behind]);
};

/** The length of the header, which is the first thing that is read. */
const headerLengthChanged: Way = (bytes, draws) => {
  const mutant = bytes.slice();
  const length = one(draws, [
    0,
    1,
    2,
    7,
    8,
    56,
    64,
    bytes.length,
    2 ** 24,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    2 ** 63,
  ]);
  new DataView(mutant.buffer).setBigUint64(0, BigInt(length) + BigInt(draws.int(2)), true);
  return mutant;
};

/** The header as JSON: names, types, shapes and offsets of tensors, and the texts that are metadata. */
const headerChanged: Way = (bytes, draws) => {
  const start = dataStart(bytes);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  times(draws, () => changeSomewhere(header, draws));
  const text = new TextEncoder().encode(JSON.stringify(header));
  const mutant = new Uint8Array(8 + text.length + bytes.length - start);
  new DataView(mutant.buffer).setUint32(0, text.length, true);
  mutant.set(text, 8);
  mutant.set(bytes.subarray(start), 8 + text.length);
  return mutant;
};

/** What the metadata mean: configuration, training, the place of a checkpoint. */
const metadataChanged: Way = (bytes, draws) => {
  const { metadata } = decodeSafetensors(bytes);
  const names = Object.keys(metadata).filter((name) => metadata[name].startsWith('{'));
  return changedJson(bytes, one(draws, names), (root) => times(draws, () => changeSomewhere(root, draws)));
};

const FLOATS = [Number.NaN, Infinity, -Infinity, 3.4e38, -3.4e38, 1e30, 1e-45, -0, 1, 1000];

/** Numbers of one tensor that no training would find. */
const numbersChanged: Way = (bytes, draws) =>
  changed(bytes, ({ tensors }) => {
    times(draws, () => {
      const tensor = one(draws, [...tensors.values()]);
      const data = tensor.data.slice();
      const all = draws.int(4) === 0;
      const value = one(draws, FLOATS);
      const byte = draws.int(256);
      const count = tensor.dtype === 'F32' ? data.length / 4 : data.length;
      for (let left = all ? count : 1 + draws.int(4); left > 0 && count > 0; left--) {
        const at = all ? left - 1 : draws.int(count);
        if (tensor.dtype === 'F32') new DataView(data.buffer).setFloat32(4 * at, value, true);
        else data[at] = byte;
      }
      tensor.data = data;
    });
  });

/** The configuration of one file with the tensors of another, or some of them. */
const exchanged: Way = (bytes, draws, seeds) => {
  const other = decodeSafetensors(one(draws, seeds).bytes);
  return changed(bytes, ({ tensors, metadata }) => {
    const name = one(draws, Object.keys(metadata));
    if (draws.int(2)) metadata[name] = other.metadata[name] ?? '';
    else for (const [name, tensor] of other.tensors) if (draws.int(2)) tensors.set(name, tensor);
  });
};

/** Named, so that a finding says which. */
const WAYS = {
  bytesEdited,
  lengthChanged,
  headerLengthChanged,
  headerChanged,
  metadataChanged,
  numbersChanged,
  exchanged,
  refitted,
} as const satisfies Record<string, Way>;

/** How often each way is taken: what is known soon by its looks is of less worth than what gets far. */
const SHARES: Readonly<Record<keyof typeof WAYS, number>> = {
  bytesEdited: 4,
  lengthChanged: 1,
  headerLengthChanged: 1,
  headerChanged: 4,
  metadataChanged: 4,
  numbersChanged: 3,
  exchanged: 1,
  refitted: 6,
};
const DRAWN = Object.entries(SHARES).flatMap(([way, share]) => new Array<string>(share).fill(way));

/** The mutant with a number: always the same. */
export function mutantOf(seeds: readonly Seed[], number: number): Mutant {
  const draws = testNumbers(Math.imul(number + 1, 0x9e37_79b1));
  const seed = one(draws, seeds);
  const way = one(draws, DRAWN) as keyof typeof WAYS;
  return { seed, way, bytes: WAYS[way](seed.bytes, draws, seeds) };
}
