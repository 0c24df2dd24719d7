import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { csv, printed, result, samples, TINY, workFolder } from './cli.ts';

const { path, folder, put, run, start, sha256 } = workFolder();
const shell = promisify(execFile);

beforeAll(() => {
  put('reviews.csv', csv(samples(1000)));
  put('dev.csv', csv(samples(60, 2)));
});

/** A training of more than a second, so that a signal surely finds it under way. */
const command = (output: string, ...more: string[]) => [
  ...['train', 'reviews.csv', '-o', output, ...TINY, '--lstm', '24', '--epochs', '40', '--dropout', '0.3'],
  ...['--word-dropout', '0.1', ...more],
];

/** Starts a training, and stops it once an epoch has been printed. */
async function interrupt(args: string[], signal: NodeJS.Signals) {
  const child = start(...args);
  const ended = result(child);
  await printed(child, /\n +\d+\/40 .*\n/);
  child.kill(signal);
  return ended;
}

describe('Ctrl-C', () => {
  test.each<[string, string[]]>([
    ['plain', []],
    ['early stopping', ['--validation', 'dev.csv', '--early-stopping', '30', '--metric', 'accuracy']],
  ])('and resuming, twice, ends in the bytes of a training never interrupted: %s', async (name, more) => {
    const output = `${name.replace(' ', '-')}.safetensors`;
    const checkpoint = `${output}.checkpoint`;
    expect((await run(command('whole.safetensors', ...more))).code).toBe(0);

    const first = await interrupt(command(output, ...more), 'SIGINT');
    expect([first.code, first.err]).toEqual([130, '']);
    expect(first.out).toMatch(
      new RegExp(`\\n\\nInterrupted after step [\\d,]+\\. Wrote ${checkpoint}\\nResume: .*\\n$`),
    );
    expect(existsSync(path(output))).toBe(false);

    // The printed line is run as it stands: once it is interrupted again, once it ends.
    const resume = /\nResume: (.*)\n/.exec(first.out)![1];
    expect(resume).toMatch(new RegExp(` train reviews.csv -o ${output} .* --resume ${checkpoint}$`));
    const second = await interrupt([...command(output, ...more), '--resume', checkpoint], 'SIGTERM');
    expect(second.code).toBe(143);
    expect(second.out).toContain(`\nResume: ${resume}\n`);
    const { stdout } = await shell('sh', ['-c', resume], { cwd: folder });
    expect(stdout).toContain(`\nWrote ${output} (`);
    expect(sha256(output)).toBe(sha256('whole.safetensors'));
    expect(readdirSync(folder).filter((file) => /checkpoint|tmp/.test(file))).toEqual([]);
  });
});

describe('--resume refuses', () => {
  beforeAll(async () => {
    await interrupt(command('mood.safetensors'), 'SIGINT');
  });
  const resume = (...more: string[]) =>
    run([...command('mood.safetensors', ...more), '--resume', 'mood.safetensors.checkpoint']);

  const advice = 'Give the same rows and options as before; only --epochs may differ.';
  test.each([
    [['--lstm', '9'], 'layer 2 lstm(size 24), as in the checkpoint, got lstm(size 9)'],
    [['--layers', '2'], 'layer 3 pool(over last), as in the checkpoint, got dropout(rate 0.3, per word)'],
    [['--seed', '2'], 'seed 1, as in the checkpoint, got 2'],
  ])('another model: %j', async (args, expected) => {
    const { code, err } = await resume(...args);
    const message = `gatelet: --resume mood.safetensors.checkpoint: expected ${expected}. ${advice}\n`;
    expect([code, err]).toEqual([2, message]);
  });

  test('another batch size, and keeps the checkpoint', async () => {
    const { code, err } = await resume('--batch-size', '9');
    expect(code).toBe(1);
    expect(err).toContain('the checkpoint does not belong to this training');
    expect(existsSync(path('mood.safetensors.checkpoint'))).toBe(true);
  });

  test('a finished model', async () => {
    await run(command('done.safetensors', '--epochs', '1'));
    const { code, err } = await run([...command('new.safetensors'), '--resume', 'done.safetensors']);
    expect([code, err]).toEqual([
      1,
      'gatelet: done.safetensors: the file is a finished model, not a checkpoint\n',
    ]);
    expect(existsSync(path('done.safetensors'))).toBe(true);
  });
});
