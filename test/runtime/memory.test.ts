import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GateletError, show } from '../../src/runtime/errors.ts';
import { machineOf } from '../../src/runtime/machine.ts';
import { type Block, fitsMemory, MemoryPlan, printCalls, REGIONS } from '../../src/runtime/plan.ts';
import { randomSource } from '../../src/runtime/random.ts';
import { stride } from '../../src/runtime/stride.ts';

const module = new WebAssembly.Module(readFileSync(new URL('../../build/gatelet.wasm', import.meta.url)));

describe('a plan', () => {
  const plan = new MemoryPlan({ B: 3, N: 7, U: 5 });
  const blocks: Block[] = [
    plan.reserve('io', 'steps', 12),
    plan.matrix('h', 'N', 5),
    plan.reserve('parameters', 'weight', 20),
    plan.matrix('state', 'B', 9, 'state'),
    plan.reserve('gradients', 'd weight', 20),
    plan.reserve('parameters', 'bias', 4),
    plan.scratch(100),
    plan.matrix('x', 'U', 8),
    plan.reserve('gradients', 'd bias', 4),
  ];
  plan.scratch(200);
  const { pages, regions } = plan.layOut();
  const bytesOf = (block: Block) => (block.name === 'scratch' ? 800 : block.bytes);

  test('leaves page 0 to the kernels and no block over another', () => {
    const sorted = [...blocks].sort((a, b) => a.pointer - b.pointer);
    expect(sorted[0].pointer).toBeGreaterThanOrEqual(65_536);
    sorted.slice(1).forEach((block, i) => {
      expect(block.pointer).toBeGreaterThanOrEqual(sorted[i].pointer + bytesOf(sorted[i]));
    });
    const end = Math.max(...blocks.map((block) => block.pointer + bytesOf(block)));
    expect(pages).toBe(Math.ceil(end / 65_536));
  });

  test('keeps regions in order, each block in its own', () => {
    let end = 65_536;
    for (const region of REGIONS) {
      expect(regions[region].start).toBeGreaterThanOrEqual(end);
      end = regions[region].start + regions[region].bytes;
      for (const block of blocks.filter((block) => block.region === region)) {
        expect(block.pointer).toBeGreaterThanOrEqual(regions[region].start);
        expect(block.pointer + bytesOf(block)).toBeLessThanOrEqual(end);
      }
    }
  });

  test('lays parameters and gradients without gaps, everything else to whole vectors', () => {
    const at = (name: string) => blocks.find((block) => block.name === name)!.pointer;
    expect(at('bias') - at('weight')).toBe(20);
    expect(at('d bias') - at('d weight')).toBe(20);
    for (const { region, pointer } of blocks) {
      if (region !== 'parameters' && region !== 'gradients') expect(pointer % 64).toBe(0);
    }
  });

  test('gives a matrix its rows at the limit and its columns at their stride', () => {
    expect(blocks[1].bytes).toBe(7 * 8 * 4);
    expect(blocks[3].bytes).toBe(3 * 16 * 4);
    expect([1, 8, 9, 16, 17].map(stride)).toEqual([8, 8, 16, 16, 24]);
  });
});

test('blocks lie over one another where no call finds both in use', () => {
  const plan = new MemoryPlan({ B: 1, N: 1, U: 1 });
  const [early, long, late, idle] = ['early', 'long', 'late', 'idle'].map((name, i) =>
    plan.reserve('overlaid', name, 64 * (i + 1)),
  );
  const calls = [
    [early],
    [early, long],
    [long],
    [{ block: late, offset: 32 }],
    [late, { block: long, offset: 0 }],
  ];
  plan.runs(calls.map((args) => ({ kernel: 'densePack', args })));
  const { start, bytes } = plan.layOut().regions.overlaid;
  const placed = (block: Block) => [block.pointer - start, block.pointer - start + block.bytes];
  expect(placed(idle)).toEqual([0, 256]); // no call says when it is in use
  expect(placed(late)).toEqual([256, 448]);
  expect(placed(early)).toEqual([256, 320]);
  expect(placed(long)).toEqual([448, 576]);
  expect(bytes).toBe(576);
});

test('a block that is read behind the last call shares nothing with those after it', () => {
  const plan = new MemoryPlan({ B: 1, N: 1, U: 1 });
  const [kept, late] = ['kept', 'late'].map((name) => plan.reserve('overlaid', name, 64));
  const calls = [[kept], [late]].map((args) => ({ kernel: 'densePack', args }) as const);
  plan.runs(calls);
  expect(plan.layOut().regions.overlaid.bytes).toBe(64);
  plan.runs(calls, [kept]);
  expect(plan.layOut().regions.overlaid.bytes).toBe(128);
});

describe('a plan for three threads', () => {
  const shared = new WebAssembly.Module(
    readFileSync(new URL('../../build/gatelet-shared.wasm', import.meta.url)),
  );
  const plan = new MemoryPlan({ B: 3, N: 7, U: 5 }, 3);
  const common = plan.reserve('parameters', 'weight', 20);
  const own = [
    plan.reserve('gradients', 'd weight', 20),
    plan.matrix('h', 'N', 5),
    plan.reserve('io', 'steps', 12),
  ];
  const machine = machineOf(shared, plan);
  const views = [machine, ...machine.others];

  test('gives each what is its own, and all the parameters', () => {
    for (const [i, view] of views.entries()) {
      view.floats(common).fill(7 + i);
      for (const block of own) view.floats(block).fill(i);
      view.set('B', i);
    }
    for (const [i, view] of views.entries()) {
      expect(view.floats(common)).toEqual(new Float32Array(5).fill(9));
      for (const block of own) {
        expect(new Set(view.floats(block))).toEqual(new Set([i]));
        if (block.region !== 'gradients') expect(view.address(block) % 64).toBe(0);
      }
      expect(view.dimensions[0]).toBe(i);
    }
    expect(views).toHaveLength(3);
    expect(machine.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test('resolves its calls for each', () => {
    const calls = [{ kernel: 'drain', args: [common, { block: own[1], offset: 8 }, 'N'] } as const];
    const lines = views.map((view) => view.lines(calls)[0]);
    expect(new Set(lines.map(({ args }) => args[0]))).toEqual(new Set([common.pointer]));
    expect(lines.map(({ args }) => args[1])).toEqual(views.map((view) => view.address(own[1]) + 8));
    expect(lines[2].slots).toEqual([[2, 2, 1]]);
  });
});

test('a plan beyond what wasm addresses is refused, in words', () => {
  const plan = new MemoryPlan({ B: 1, N: 1, U: 1 });
  plan.reserve('activations', 'huge', 5 * 2 ** 30);
  expect(() => machineOf(module, plan)).toThrow(GateletError);
  expect(() => machineOf(module, plan)).toThrow(/does not fit.*at most 4 GiB.*got 5\.0 GiB/);
  expect(fitsMemory(65_535)).toBe(true);
  expect(fitsMemory(65_536)).toBe(false);
  expect(fitsMemory(Number.NaN)).toBe(false);
});

describe('a program', () => {
  const plan = new MemoryPlan({ B: 2, N: 4, U: 4 });
  const x = plan.matrix('x', 'N', 3);
  const calls = [
    { kernel: 'reluForward', args: [x, x, { dimension: 'N', times: 8 }] },
    { kernel: 'reluForward', args: [{ block: x, offset: 32 }, x, 8] },
  ] as const;
  const machine = machineOf(module, plan);
  const run = machine.program(calls);

  test('fills dimensions in as they are set', () => {
    const values = machine.floats(x);
    for (const rows of [1, 3]) {
      values.fill(-1);
      machine.set('N', rows);
      run();
      expect(values.indexOf(-1)).toBe(8 * Math.max(2, rows));
    }
  });

  test('prints one call a line', () => {
    expect(printCalls(calls)).toBe('reluForward(x, x, 8·N)\nreluForward(x+32, x, 8)');
  });
});

describe('random numbers for the host', () => {
  const random = randomSource(module, 1000);

  test('an order holds every row once, and each seed, stream and step has its own', () => {
    const draws = [
      [1, 2, 3],
      [2, 2, 3],
      [1, 3, 3],
      [1, 2, 4],
    ].map(([seed, stream, step]) => random.permutation(1000, seed, stream, step).slice());
    for (const order of draws)
      expect(order.slice().sort()).toEqual(Int32Array.from({ length: 1000 }, (_, i) => i));
    expect(new Set(draws.map(String)).size).toBe(4);
    expect(random.permutation(1000, 1, 2, 3)).toEqual(draws[0]);
  });

  test('a mask has about the share asked for', () => {
    const ones = random
      .mask(1000, 0.3, 1, 2, 3)
      .subarray(0, 1000)
      .reduce((sum, bit) => sum + bit, 0);
    expect(ones).toBeGreaterThan(240);
    expect(ones).toBeLessThan(360);
  });
});

describe('errors', () => {
  test('say what, expected, got, cause', () => {
    const detail = { expected: 'a column "label"', got: 'id, text', cause: 'Is it the right file?' };
    expect(new GateletError('reviews.csv', detail).message).toBe(
      'reviews.csv: expected a column "label", got id, text. Is it the right file?',
    );
    expect(new GateletError('reviews.csv is empty').message).toBe('reviews.csv is empty');
  });

  test('show any value in few words', () => {
    expect([Number.NaN, -0.5, 'a "b"', undefined, null, [1]].map(show)).toEqual([
      'NaN',
      '-0.5',
      '"a \\"b\\""',
      'nothing',
      'null',
      '[1]',
    ]);
    expect(show('x'.repeat(1000)).length).toBeLessThan(70);
    expect(show(10n)).toBe('10');
    expect(show(() => 1)).toBe('a function');
    const round: { self?: unknown } = {};
    round.self = round;
    expect(show(round)).toBe('[object Object]');
  });
});
