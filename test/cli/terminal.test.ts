import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { commandLine, resumeArguments } from '../../src/cli/command-line.ts';
import { abortOnInterrupt } from '../../src/cli/interrupt.ts';
import { barLine } from '../../src/cli/progress.ts';

// Whatever has started the tests.
beforeEach(() => void vi.stubEnv('npm_command', undefined));
afterEach(() => void vi.unstubAllEnvs());

describe('the progress bar', () => {
  const progress = {
    epoch: 9,
    step: 25,
    steps: 50,
    loss: 12.3456,
    accuracy: 1,
    tokens: 1,
    tokensPerSecond: 1234567,
  };

  test('fits 80 columns with room for ^C, and shows the share done', () => {
    const line = barLine(progress, 100, '1:02:03', 80);
    expect(line).toHaveLength(77);
    expect(line).toMatch(
      /^░+ epoch {2}10\/100 {2}loss 12\.3456 {2}accuracy 100\.0 % 1235k tokens\/s {2}1:02:03 left$/,
    );
    const half = barLine({ ...progress, epoch: 1, step: 0 }, 2, '0:03', 80);
    const [full, empty] = ['█', '░'].map((block) => half.split(block).length - 1);
    expect(Math.abs(full - empty)).toBeLessThanOrEqual(1);
  });

  test('goes without blocks where there is no room', () => {
    expect(barLine(progress, 100, '0:03', 20)).toMatch(/^ epoch/);
  });
});

describe('Ctrl-C', () => {
  test('aborts with the exit code, and leaves the second to the system', () => {
    const before = ['SIGINT', 'SIGTERM'].map((name) => process.listeners(name as NodeJS.Signals));
    const controller = new AbortController();
    const { signal } = controller;
    abortOnInterrupt(controller);
    const added = process.listeners('SIGTERM').at(-1) as (name: string) => void;
    expect(signal.aborted).toBe(false);
    added('SIGTERM');
    expect([signal.aborted, signal.reason]).toEqual([true, 143]);
    const after = ['SIGINT', 'SIGTERM'].map((name) => process.listeners(name as NodeJS.Signals));
    expect(after).toEqual(before);
  });
});

describe('lines to type', () => {
  const called = (script: string, ...args: string[]) => {
    const before = process.argv[1];
    process.argv[1] = script;
    try {
      return commandLine(args);
    } finally {
      process.argv[1] = before;
    }
  };

  test('call the program as it was called', () => {
    expect(called('/usr/bin/gatelet', 'inspect')).toBe('gatelet inspect');
    expect(called('/x/node_modules/gatelet/dist/cli.js', 'inspect')).toBe('gatelet inspect');
    expect(called(`${process.cwd()}/dist/cli.js`, 'inspect')).toBe('node dist/cli.js inspect');
    vi.stubEnv('npm_command', 'exec');
    expect(called('/x/node_modules/.bin/gatelet', 'inspect')).toBe('npx gatelet inspect');
  });

  test('quote what a shell would read otherwise', () => {
    const args = ['a-b/c.csv', 'a b', '|', '$5', "it's $5", ''];
    expect(called('gatelet', ...args)).toBe(`gatelet a-b/c.csv "a b" "|" '$5' 'it'\\''s $5' ''`);
  });

  test('resume from the newest checkpoint only', () => {
    const args = ['train', 'a.csv', '--resume', 'old', '--resume=older', '-o', 'm'];
    expect(resumeArguments(args, 'new')).toEqual(['train', 'a.csv', '-o', 'm', '--resume', 'new']);
  });
});
