import { existsSync, readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import { beforeAll, describe, expect, test } from 'vitest';

// Functions of numbers have no exports of their own: a probe of loops gives them some.
const lanes = ['exp', 'sigmoid', 'tanh', 'log'] as const;
const scalars = ['sigmoidScalar', 'logOnePlusExpScalar'] as const;
type Name = (typeof lanes)[number] | (typeof scalars)[number];
const root = new URL('../../', import.meta.url);
const loop = (
  name: Name,
  step: number,
  element: string,
) => `export function ${name}(y: usize, x: usize, n: i32): void {
    for (let k: usize = 0, end = <usize>n << 2; k < end; k += ${step}) ${element};
  }`;
const probe = [
  "import * as math from './assembly/math';",
  "import * as called from './assembly/called';",
  ...lanes.map((name) => loop(name, 16, `v128.store(y + k, math.${name}(v128.load(x + k)))`)),
  ...scalars.map((name) => loop(name, 4, `store<f32>(y + k, called.${name}(load<f32>(x + k)))`)),
].join('\n');

const count = 1 << 16;
const xPtr = 65536;
const yPtr = xPtr + 4 * count;
const memory = new WebAssembly.Memory({ initial: 16 });
const x = new Float32Array(memory.buffer, xPtr, count);
const y = new Float32Array(memory.buffer, yPtr, count);
let kernels: Record<string, (y: number, x: number, n: number) => void>;

beforeAll(async () => {
  const options =
    '--config none --outFile p.wasm --runtime stub --use abort= --importMemory --enable simd -O3 --noAssert';
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(['p.ts', ...options.split(' ')], {
    readFile: (name) => {
      const file = new URL(name, root);
      return name === 'p.ts' ? probe : existsSync(file) ? readFileSync(file, 'utf8') : null;
    },
    writeFile: (_, contents) => {
      binary = contents as Uint8Array<ArrayBuffer>;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`the probe does not compile: ${stderr}`);
  const { instance } = await WebAssembly.instantiate(binary, { env: { memory } });
  kernels = instance.exports as typeof kernels;
});

/** f of one number. */
function at(name: Name, value: number): number {
  x.fill(value, 0, 4);
  kernels[name](yPtr, xPtr, 4);
  return y[0];
}

const linear = (from: number, to: number) => (u: number) => from + u * (to - from);
const logarithmic = (from: number, to: number) => (u: number) => from * (to / from) ** u;

/** The largest relative error over 65,536 points. */
function worst(name: Name, reference: (x: number) => number, point: (u: number) => number): number {
  let error = 0;
  for (let k = 0; k < count; k++) x[k] = point(k / count);
  kernels[name](yPtr, xPtr, count);
  for (let k = 0; k < count; k++) {
    const expected = reference(x[k]);
    const e = expected === 0 ? Math.abs(y[k]) : Math.abs(y[k] / expected - 1);
    if (!(e <= error)) error = e;
  }
  return error;
}

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
const logOnePlusExp = (v: number) => Math.log1p(Math.exp(-Math.abs(v)));

// The bounds are those the docstrings of math.ts state; beside each the worst of a sweep over nearly every f32.
describe.each([
  {
    name: 'exp',
    reference: Math.exp,
    bound: 1.2e-7, // 1.185e-7
    ranges: [linear(-87.3, 88.37), linear(-1, 1), logarithmic(1e-30, 1)],
  },
  {
    name: 'sigmoid',
    reference: sigmoid,
    bound: 2e-7, // 1.93e-7
    ranges: [linear(-87.3, 87.3), linear(-20, 20)],
  },
  {
    name: 'tanh',
    reference: Math.tanh,
    bound: 4.2e-7, // 4.11e-7
    ranges: [linear(-10, 10), logarithmic(1e-35, 100)],
  },
  {
    name: 'log',
    reference: Math.log,
    bound: 8.5e-8, // 8.12e-8
    ranges: [logarithmic(1e-44, 3.4e38), linear(0.3, 3), linear(0.9999, 1.0001)],
  },
  {
    name: 'logOnePlusExpScalar',
    reference: logOnePlusExp,
    bound: 2.6e-7, // 2.46e-7
    ranges: [linear(-87.3, 87.3), linear(-20, 20)],
  },
] as const)('$name', ({ name, reference, bound, ranges }) => {
  test(`is within ${bound} of float64`, () => {
    for (const range of ranges) expect(worst(name, reference, range)).toBeLessThan(bound);
  });

  test('lets NaN through, whatever its payload', () => {
    const bits = new Uint32Array(memory.buffer, xPtr, 4);
    for (const payload of [0x7fc00000, 0x7fffffff, 0xff800001, 0x7f812345]) {
      bits.fill(payload);
      kernels[name](yPtr, xPtr, 4);
      expect(y[0]).toBeNaN();
    }
  });
});

test('sigmoid of one number is that of four, to the bit', () => {
  for (let k = 0; k < count; k++) x[k] = -100 + (200 * k) / count;
  kernels.sigmoid(yPtr, xPtr, count);
  const four = y.slice();
  kernels.sigmoidScalar(yPtr, xPtr, count);
  expect(y.findIndex((value, k) => !Object.is(value, four[k]))).toBe(-1);
});

test('the edges', () => {
  expect([Infinity, 1e4, 89, 0, -0, -87.7, -1e4, -Infinity].map((v) => at('exp', v))).toEqual([
    Infinity,
    Infinity,
    Infinity,
    1,
    1,
    0,
    0,
    0,
  ]);
  expect([Infinity, 1e4, 0, -89, -Infinity].map((v) => at('sigmoid', v))).toEqual([1, 1, 0.5, 0, 0]);
  expect([Infinity, 1e4, 0, -0, -1e4, -Infinity].map((v) => at('tanh', v))).toEqual([1, 1, 0, -0, -1, -1]);
  expect([Infinity, 1, 0, -0, -1e-40, -1, -Infinity].map((v) => at('log', v))).toEqual([
    Infinity,
    0,
    -Infinity,
    -Infinity,
    Number.NaN,
    Number.NaN,
    Number.NaN,
  ]);
  expect([Infinity, 1e4, -1e4, -Infinity].map((v) => at('logOnePlusExpScalar', v))).toEqual([0, 0, 0, 0]);
});
