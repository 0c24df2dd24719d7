import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BROWSERS, closeBrowsers } from './browsers.ts';
import { CONSOLES } from './consoles.ts';
import { edgeRuntime } from './edge.ts';
import type { Said } from './engine.ts';
import { installPackage, remove } from './scratch.ts';
import { workerd } from './workers.ts';

/** Of the file that job.mjs trains: the same on every engine, with any processor. */
const SHA256 = 'ff6dd6c1c465ef6e2ca2fc8f9c35c958a392dfccf36f699756a9c127814edabd';

/** What gatelet/infer says by that file and by its int8 version: the same on every engine, too. */
const INFERRED = [0.9996732473373413, 0.9996742010116577];

let folder: string;
beforeAll(() => {
  folder = installPackage();
});
afterAll(async () => {
  remove(folder);
  await closeBrowsers();
});

describe.each([...CONSOLES, ...BROWSERS, workerd, edgeRuntime])('$name', (engine) => {
  const { missing } = engine;
  if (missing !== undefined) console.log(`${engine.name}: skipped; ${missing}`);

  test.skipIf(missing !== undefined)(
    'trains to the same bits, saves, loads, predicts and streams',
    async () => {
      const said = await engine.run(folder);
      console.log(`${engine.name}, ${await engine.version()}: ${said.sha256}`);
      expect(said.sha256).toBe(SHA256);
      checkAnswers(said);
      if (engine.hasThreads) expect(said.threads).toEqual({ count: 2 });
      else
        expect(said.threads).toEqual({
          count: 1,
          note: expect.stringMatching(/^Threads need|^Edge workers start no/),
        });
    },
  );
});

function checkAnswers(said: Said): void {
  const { steps, losses, predicted, loaded, together, quantised, streamed, inferred } = said;
  expect(steps).toBe(20);
  expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]);
  expect(predicted).toBeGreaterThan(0.9);
  expect(loaded).toBe(predicted);
  expect(together).toBe(predicted);
  // Int8 rounds weights to 1/127 of the largest of their row; the text is read in 13 steps.
  expect(Math.abs(quantised - predicted)).toBeLessThan(0.01);
  for (const [pieces, whole] of streamed) expect(pieces).toBe(whole);
  expect(inferred).toEqual(INFERRED);
  expect(inferred[0]).toBeCloseTo(predicted, 6);
  expect(Math.abs(inferred[1] - quantised)).toBeLessThan(0.01);
}
