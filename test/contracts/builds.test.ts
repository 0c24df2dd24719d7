import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { load } from '../../src/io/load.ts';
import { save } from '../../src/io/save.ts';
import { predictAll } from '../../src/model/predict.ts';
import { smallModel, toyRows, trainOn } from '../support/models.ts';
import { root, sourceFiles } from '../support/source.ts';

const compile = (name: string) =>
  new WebAssembly.Module(readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url)));
const builds = { plain: compile('gatelet'), shared: compile('gatelet-shared') };
const infer = compile('gatelet-infer');

describe.each(Object.entries({ ...builds, infer }))('the %s build', (_, module) => {
  test('imports its memory and nothing else', () => {
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
  });

  test('exports functions and its memory alone', () => {
    const others = WebAssembly.Module.exports(module).filter(({ kind }) => kind !== 'function');
    expect(others).toEqual([{ name: 'memory', kind: 'memory' }]);
  });
});

test('both builds have the same kernels', () => {
  const [plain, shared] = Object.values(builds).map((module) => WebAssembly.Module.exports(module));
  expect(shared).toEqual(plain);
});

test('the build for predictions has the kernels that src/infer calls, and no other', () => {
  const called = sourceFiles('src/infer').flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/\bkernels\.(\w+)\(/g)].map(([, name]) => name),
  );
  const chosen = ['reluForward', 'tanhForward', 'sigmoidForward', 'softmaxForward']; // by name, while planning
  const kernels = WebAssembly.Module.exports(infer).flatMap(({ kind, name }) =>
    kind === 'function' ? name : [],
  );
  expect(kernels.sort()).toEqual([...new Set([...called, ...chosen])].sort());
});

describe('a training on the shared build', () => {
  const { Memory } = WebAssembly;
  afterEach(() => {
    WebAssembly.Memory = Memory;
  });

  /** Memories that several threads could see. */
  class SharedMemory extends Memory {
    constructor({ initial, maximum = initial }: WebAssembly.MemoryDescriptor) {
      super({ initial, maximum, shared: true });
    }
  }

  test('ends in the same bytes and says the same', async () => {
    const rows = toyRows(30);
    const texts = toyRows(20, { seed: 2 }).map(({ text }) => text);
    const run = async (module: WebAssembly.Module) => {
      const model = await smallModel({ module, dropout: 0.3, lstmLayers: 2, pool: 'mean' } as never);
      await trainOn(model, rows, { epochs: 2, batchSize: 8, wordDropout: 0.2, validation: 0.2 });
      const bytes = save(model);
      return { bytes, said: predictAll(await load(bytes, { module }), texts) };
    };
    const plain = await run(builds.plain);
    WebAssembly.Memory = SharedMemory;
    expect(await run(builds.shared)).toEqual(plain);
  });
});
