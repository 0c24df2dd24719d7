import { beforeAll, describe, expect, test } from 'vitest';
import { csv, printed, result, samples, TINY, workFolder } from './cli.ts';

const { put, run, start } = workFolder();

beforeAll(async () => {
  put('reviews.csv', csv(samples(80)));
  await run(['train', 'reviews.csv', '-o', 'mood.safetensors', ...TINY, '--max-length', '20']);
});

describe('predict on standard input', () => {
  test('answers a line before the next is written', async () => {
    const child = start('predict', 'mood.safetensors');
    const ended = result(child);
    child.stdin.write('a joy to watch\n');
    expect(await printed(child, /\n/)).toMatch(/^good\t0\.\d{4}\ta joy to watch\n$/);
    child.stdin.write('awf');
    child.stdin.end('ul');
    const { code, out, err } = await ended;
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/\nbad\t0\.\d{4}\tawful\n$/);
  });

  test('answers empty lines, CRLF, emoji and long lines, and says once that it cuts', async () => {
    const long = 'word '.repeat(400_000).trimEnd();
    const lines = ['', 'a joy', '😀', long, '', long, 'awful'];
    const { code, out, err } = await run(['predict', 'mood.safetensors'], `${lines.join('\r\n')}\r\n`);
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.split('\t')[2])).toEqual([...lines, undefined]);
    expect(err).toBe('gatelet: text 4 is longer than 20 words: only the beginning is read (said once)\n');
  });

  test('answers many lines as it answers each alone', async () => {
    const texts = samples(3000, 3).map(({ text }) => text);
    const { out } = await run(['predict', 'mood.safetensors', '--json'], texts.join('\n'));
    const answers = out.trim().split('\n');
    expect(answers.map((line) => JSON.parse(line).text)).toEqual(texts);
    const alone = await run(['predict', 'mood.safetensors', '--json', ...texts.slice(0, 20)]);
    expect(answers.slice(0, 20)).toEqual(alone.out.trim().split('\n'));
  });

  test('ends quietly when its reader has seen enough', async () => {
    const child = start('predict', 'mood.safetensors');
    const ended = result(child);
    child.stdin.on('error', () => {});
    const lines = 'a joy to watch\n'.repeat(1000);
    const feed = () => {
      while (child.exitCode === null && child.stdin.writable) if (!child.stdin.write(lines)) return;
    };
    child.stdin.on('drain', feed);
    feed();
    await printed(child, /\n/);
    child.stdout.destroy();
    const { code, err } = await ended;
    expect([code, err]).toEqual([0, '']);
  });

  test('refuses bytes that are not UTF-8', async () => {
    const child = start('predict', 'mood.safetensors');
    child.stdin.end(Buffer.from('fine\ncafé\n', 'latin1'));
    const { code, err } = await result(child);
    expect(code).toBe(1);
    expect(err).toMatch(/^gatelet: standard input, behind line 0: expected UTF-8, got other bytes\. /);
  });
});
