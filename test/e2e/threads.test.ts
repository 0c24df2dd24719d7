import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { save } from '../../src/io/save.ts';
import { smallModel, toyRows, trainOn } from '../support/models.ts';
import { root } from '../support/source.ts';
import { csv, samples, TINY, workFolder } from './cli.ts';

const options = { epochs: 2, batchSize: 8, threads: 2 };

/** Trains by what is built, in a process that ends by itself, and prints the file. */
const script = (before: string) => `
  ${before}
  const { textClassifier, train, save } = await import('gatelet');
  const { labels, rows, options } = ${JSON.stringify({ labels: ['negative', 'positive'], rows: toyRows(40), options })};
  const shape = { embedding: 6, lstm: 5, bidirectional: true, maxLength: 12, tokenizer: { buckets: 40 } };
  const model = await textClassifier({ labels, ...shape, dropout: 0.2 });
  const training = train(model, rows, options);
  for await (const epoch of training) if (!Number.isFinite(epoch.loss)) throw new Error('no number');
  console.log(JSON.stringify({ threads: training.threads, bytes: Buffer.from(save(model)).toString('base64') }));
`;

/** Makes Node look like a browser to the door of browsers: what workers and fetch do there, they do here. */
const asBrowser = (isIsolated: boolean) => `
  import { readFileSync } from 'node:fs';
  import { register } from 'node:module';
  import { Worker as Thread } from 'node:worker_threads';
  const door = new URL('../dist/threads.web.js', import.meta.url).href;
  const hook = 'export const resolve = (name, context, next) => ' +
    'name === "#threads" ? { url: "' + door + '", shortCircuit: true } : next(name, context);';
  register('data:text/javascript,' + encodeURIComponent(hook));
  globalThis.crossOriginIsolated = ${isIsolated};
  globalThis.fetch = async (url) =>
    new Response(readFileSync(url), { headers: { 'content-type': 'application/wasm' } });
  globalThis.Worker = class {
    constructor(url) {
      const listen = "(_, listener) => parentPort.once('message', (data) => listener({ data }))";
      const code = "const { parentPort } = require('node:worker_threads');" +
        'globalThis.addEventListener = ' + listen + '; import(' + JSON.stringify(url.href) + ');';
      this.thread = new Thread(code, { eval: true });
    }
    addEventListener() {}
    postMessage(data) { this.thread.postMessage(data); }
    terminate() { this.thread.terminate(); }
  };
`;

/** Runs a script beside the package, where its own name leads to what is built. */
function run(name: string, before = '') {
  const file = join(root, 'build', name);
  writeFileSync(file, script(before));
  const { stdout, stderr, status } = spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('what is built trains to the bytes of the sources', () => {
  const bytesBy = async (threads: number) => {
    const model = await smallModel({ dropout: 0.2 });
    await trainOn(model, toyRows(40), { ...options, threads });
    return Buffer.from(save(model)).toString('base64');
  };

  test('with two threads in Node', async () => {
    expect(run('threads-node.mjs')).toEqual({ threads: { count: 2 }, bytes: await bytesBy(2) });
  });

  test('with two threads through the door of browsers', async () => {
    const said = run('threads-web.mjs', asBrowser(true));
    expect(said).toEqual({ threads: { count: 2 }, bytes: await bytesBy(2) });
  });

  test('with one thread in a page that is not isolated, and says why', async () => {
    const { threads, bytes } = run('threads-web-alone.mjs', asBrowser(false));
    expect(threads).toEqual({ count: 1, note: expect.stringContaining('cross-origin isolated') });
    expect(bytes).toBe(await bytesBy(1));
  });
});

describe('--threads', () => {
  const { put, run, sha256 } = workFolder();
  beforeAll(() => put('reviews.csv', csv(samples(60))));

  test('trains, to the same bytes each time', async () => {
    const command = (output: string, ...more: string[]) =>
      run(['train', 'reviews.csv', '-o', output, ...TINY, '--epochs', '2', ...more]);
    for (const output of ['a.safetensors', 'b.safetensors']) {
      expect(await command(output, '--threads', '2')).toMatchObject({ code: 0, err: '' });
    }
    expect(sha256('a.safetensors')).toBe(sha256('b.safetensors'));
    await command('alone.safetensors');
    expect(sha256('a.safetensors')).not.toBe(sha256('alone.safetensors'));
  });

  test('cannot be more than the rows of a batch', async () => {
    const { code, err } = await run([
      'train',
      'reviews.csv',
      '-o',
      'c.safetensors',
      ...TINY,
      '--threads',
      '9',
    ]);
    expect([code, err]).toEqual([2, 'gatelet: --threads: expected at most 8, the rows of a batch, got 9\n']);
  });
});
