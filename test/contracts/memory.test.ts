import { describe, expect, test } from 'vitest';
import { inChild } from '../support/child.ts';

const PRELUDE = `
  import { readFileSync } from 'node:fs';
  import { predict, predictAll } from './src/model/predict.ts';
  import { stream } from './src/model/stream.ts';
  import { train } from './src/train/train.ts';
  import { smallModel, toyRows } from './test/support/models.ts';
  const module = new WebAssembly.Module(readFileSync('build/gatelet.wasm'));
  /** Bytes that JavaScript holds, memory of wasm and of arrays included. */
  const held = () => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const settled = () => {
    for (let i = 0; i < 3; i++) gc();
    return held();
  };
  const measured = (value) => console.log(JSON.stringify(value));
`;

describe('a training step', () => {
  /** Bytes that a step leaves for the collector, for rows of so many words, and as many again that no other has. */
  const perStep = (words: number, rare: number, more = '') =>
    inChild(`${PRELUDE}
      const tokenizer = { buckets: 5000 };
      const model = await smallModel({ module, maxLength: 512, dropout: 0.2, tokenizer });
      const rareWords = (row) => Array.from({ length: ${rare} }, (_, k) => 'w' + row + 'x' + k).join(' ');
      const rows = toyRows(64).map(({ text, label }, row) =>
        ({ text: (text + ' ').repeat(${words}) + rareWords(row), label }));
      const seen = new Float64Array(400);
      const kept = [];
      let steps = 0;
      const onStep = () => {
        ${more}
        if (steps === 99) gc();
        seen[steps++] = held();
      };
      const options = { epochs: 50, batchSize: 8, wordDropout: 0.2, clipNorm: 1, onStep };
      for await (const _ of train(model, rows, options)) if (steps === 400) break;
      // The least of several stretches: the compiler and the epochs allocate, too, now and then.
      const stretches = [];
      for (let at = 101; at + 7 < 400; at += 8) stretches.push((seen[at + 6] - seen[at]) / 6);
      stretches.sort((a, b) => a - b);
      measured(stretches[stretches.length >> 1]);`) as Promise<number>;

  // What the engine itself takes for some 150 kernel calls, a promise and our measuring. Measured: 4,300 to
  // 4,800 bytes. One batch of the long texts is 100 kB of activations for each layer, and one with rare words touches
  // some thousand rows of the embedding.
  const LIMIT = 8000;

  test('allocates next to nothing, however long the texts are and however many words they have', async () => {
    const [short, long, rare] = [await perStep(1, 0), await perStep(40, 0), await perStep(1, 40)];
    expect(short).toBeLessThan(LIMIT);
    expect(long).toBeLessThan(LIMIT);
    expect(rare).toBeLessThan(LIMIT);
    expect(Math.max(long, rare) - short).toBeLessThan(2000);
  });

  test('would be caught if it did', async () => {
    const caught = await perStep(1, 0, 'kept[0] = new Array(4096).fill(steps);');
    expect(caught).toBeGreaterThan(2 * LIMIT);
  });
});

describe('memory stays flat', () => {
  const growth = (work: string) =>
    inChild(`${PRELUDE}
      const model = await smallModel({ module });
      for await (const _ of train(model, toyRows(24), { epochs: 1 }));
      const texts = toyRows(200, { seed: 3 }).map(({ text }) => text);
      const work = ${work};
      work(2000);
      const before = settled();
      work(20_000);
      measured(settled() - before);`) as Promise<number>;

  test('over 20,000 predictions', async () => {
    expect(
      await growth('(n) => { for (let i = 0; i < n; i++) predict(model, texts[i % 200]); }'),
    ).toBeLessThan(300_000);
  });

  test('over 20,000 predictions, many at once', async () => {
    expect(
      await growth('(n) => { for (let i = 0; i < n; i += 200) predictAll(model, texts); }'),
    ).toBeLessThan(1e6);
  });

  test('over 44,000 unknown words: only so many are remembered', async () => {
    const work = `(n) => { for (let i = 0; i < n * 2; i += 4) predict(model, [i, i + 1, i + 2, i + 3].map((k) => 'w' + k).join(' ')); }`;
    expect(await growth(work)).toBeLessThan(12e6);
  });

  test('and growth would be caught', async () => {
    const work = `((kept) => (n) => { for (let i = 0; i < n; i++) kept.push(predict(model, texts[i % 200])); })([])`;
    expect(await growth(work)).toBeGreaterThan(1e6);
  });
});
