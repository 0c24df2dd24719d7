import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load } from './load.ts';
import type { CpuMs, Serving } from './processes.ts';
import { installExamples, remove } from './scratch.ts';
import { SERVERS } from './servers.ts';

let folder: string;
beforeAll(() => {
  folder = installExamples();
});
afterAll(() => remove(folder));

const REQUESTS = 10_000;
/** Of a text that hosts are asked to read within their limits. */
const WORDS = 100;
/** What an engine's own heap may move by between two readings. */
const SLACK_MIB = 40;

describe.each(SERVERS)('examples/$name', ({ name, start, isVariant, maxCpuMs }) => {
  if (!start) console.log(`examples/${name}: skipped; npm has no such engine for this system`);
  const run = test.skipIf(!start);
  let serving: Serving;
  beforeAll(async () => {
    serving = await start!(folder);
  });
  afterAll(() => serving.stop());

  run('classifies', async () => {
    const { status, json } = await serving.send(JSON.stringify({ text: 'a joy to watch' }));
    expect([status, json]).toEqual([200, expect.objectContaining({ label: 'positive', truncated: false })]);
  });

  run.each([
    ['what is not JSON', 'joy', 400, 'not JSON'],
    ['JSON without a text', '{"texts":[]}', 400, 'expected {"text"'],
    ['null', 'null', 400, 'expected {"text"'],
    ['nothing', '', 400, 'not JSON'],
    ['a text that is a number', '{"text":1}', 400, 'a string'],
    ['100 kB', JSON.stringify({ text: 'x'.repeat(100_000) }), 413, 'larger than'],
  ])('refuses %s with a reason', async (_, body, status, reason) => {
    const answer = await serving.send(body);
    expect(answer).toEqual({ status, json: { error: expect.stringContaining(reason) } });
  });

  run('refuses another method, and takes any text', async () => {
    expect(await serving.send('', 'GET')).toEqual({ status: 405, json: { error: expect.any(String) } });
    for (const text of ['', '\u0000', '\ud800', 'joy '.repeat(9000), '日本語 🎬']) {
      expect((await serving.send(JSON.stringify({ text }))).status).toBe(200);
    }
  });

  if (maxCpuMs !== undefined) {
    run(`takes less than ${maxCpuMs} ms of the processor for ${WORDS} words`, async () => {
      const fresh = await start!(folder);
      const first = await cpuMsOf(fresh, 1);
      const later = await cpuMsOf(fresh, REQUESTS / 20);
      await fresh.stop();
      const idle = await serving.idle!();
      const ownFirst = await cpuMsOf(idle, 1);
      const ownLater = await cpuMsOf(idle, REQUESTS / 20);
      await idle.stop();
      const told = ({ all, answering }: CpuMs, own: CpuMs) =>
        `${answering.toFixed(1)} ms of the processor on the thread that answers, ${own.answering.toFixed(1)} of them ` +
        `the engine's own (on all threads ${all.toFixed(1)}, ${own.all.toFixed(1)})`;
      console.log(
        `examples/${name}, ${WORDS} words: the first request takes ${told(first, ownFirst)}, each after it ${told(later, ownLater)}`,
      );
      expect(later.all).toBeLessThan(maxCpuMs);
    });
  }

  if (isVariant) return;
  run(`answers ${REQUESTS} requests in flat memory`, { timeout: 300_000 }, async () => {
    // The heap of Node 24 takes 10,000 to find its size. Where it never does, the engine is held against itself, idle.
    const warmUp = serving.idle ? REQUESTS / 5 : REQUESTS;
    const grown = await growth(serving, warmUp, (line) => console.log(`examples/${name}: ${line}`));
    const idle = await serving.idle?.();
    const own = idle
      ? await growth(idle, warmUp, (line) => console.log(`the same engine, idle: ${line}`))
      : 0;
    await idle?.stop();
    expect(grown - Math.max(own, 0)).toBeLessThan(SLACK_MIB);
  });
});

/** What a request takes of the processor, in the mean. */
async function cpuMsOf({ send, cpuMs }: Serving, requests: number): Promise<CpuMs> {
  const before = cpuMs();
  const { failed } = await load(send, requests, { words: WORDS, together: 1 });
  expect(failed).toBe(0);
  const after = cpuMs();
  const mean = (of: keyof CpuMs) => (after[of] - before[of]) / requests;
  return { all: mean('all'), answering: mean('answering') };
}

/** MiB that a server grows by under load, once it is warm. Says how fast it was. */
async function growth(
  { send, memoryMiB }: Serving,
  warmUp: number,
  say: (line: string) => void,
): Promise<number> {
  await load(send, warmUp);
  const before = memoryMiB();
  const { requestsPerSecond, p99Ms, failed } = await load(send, (4 * REQUESTS) / 5);
  const grown = memoryMiB() - before;
  say(
    `${requestsPerSecond.toFixed(0)} requests/s, p99 ${p99Ms.toFixed(1)} ms; ` +
      `${before.toFixed(0)} MiB warm, ${grown.toFixed(0)} MiB more at the end`,
  );
  expect(failed).toBe(0);
  return grown;
}
