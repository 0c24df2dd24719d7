import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { importsOf, root } from '../support/source.ts';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What a user's bundler makes of some lines that use the package. */
async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    external: ['#module', '#threads', '#infer', '@assemblyscript/loader'],
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0].text;
}

describe('the package', () => {
  test('depends on the loader alone', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['@assemblyscript/loader']);
    for (const kind of ['peerDependencies', 'optionalDependencies', 'bundledDependencies']) {
      expect(manifest[kind]).toBeUndefined();
    }
  });

  test('runs nothing when it is installed', () => {
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
      expect(manifest.scripts[script]).toBeUndefined();
    }
  });

  test('imports its dependency and its platform doors, and nothing else', () => {
    const imports = new Set(importsOf('dist/index.js').map(({ to }) => to));
    expect([...imports].sort()).toEqual(['#module', '#threads', '@assemblyscript/loader']);
    expect(importsOf('dist/infer.js').map(({ to }) => to)).toEqual(['#infer']);
  });

  test('holds what is built, and says what it is', () => {
    const [{ files }] = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
        cwd: root,
        encoding: 'utf8',
      }),
    );
    const paths = files.map(({ path }: { path: string }) => path);
    const rest = paths.filter((path: string) => !path.startsWith('dist/'));
    expect(rest.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
    const workers = ['worker.node.js', 'worker.web.js', 'gatelet-shared.wasm'];
    const infer = ['infer.js', 'browser-infer.js', 'gatelet-infer.wasm', 'types/infer.d.ts'];
    for (const path of ['index.js', 'cli.js', 'gatelet.wasm', 'types/index.d.ts', ...workers, ...infer]) {
      expect(paths).toContain(`dist/${path}`);
    }
  });

  test('every path it names is there', () => {
    const named = JSON.stringify([manifest.exports, manifest.imports, manifest.bin]).match(
      /(?<=:")\.\/[^"]+/g,
    )!;
    expect(named.length).toBeGreaterThan(6);
    for (const path of named) expect(() => readFileSync(join(root, path))).not.toThrow();
  });

  // Next.js would deploy such files with the function, compile those that are wasm, and ask a `document` where they are.
  test.each(['workerd', 'edge-light'])('names no file by its address for %s', (condition) => {
    const doors = Object.values<Record<string, string>>(manifest.imports).map((door) => door[condition]);
    expect(doors).toHaveLength(3);
    for (const door of [...doors, 'dist/index.js', 'dist/infer.js']) {
      expect(readFileSync(join(root, door), 'utf8')).not.toContain('import.meta');
    }
  });
});

describe('bundling load and predict', () => {
  /** Words that only training, only evaluating, or only saving says. */
  const ABSENT = [
    'no longer a number',
    'does not belong to this training',
    'beta1',
    'needs rows to validate on',
    'stepDecay',
    'CrossEntropy',
    'macroF1',
    'Remove the row or',
    'Intl.Segmenter',
    'the header of the safetensors file',
    'finished model, not a checkpoint',
  ];

  test('leaves training, evaluation and saving behind', async () => {
    const small = await bundle("import { load, predict } from 'gatelet'; console.log(load, predict);");
    const all = await bundle("import * as gatelet from 'gatelet'; console.log(gatelet);");
    for (const words of ABSENT) {
      expect(all).toContain(words);
      expect(small).not.toContain(words);
    }
    expect(small).toContain('softmaxForward');
    expect(small.length).toBeLessThan(0.75 * all.length);
  });

  test('importing for nothing leaves nothing', async () => {
    const nothing = await bundle("import 'gatelet'; import { train } from 'gatelet';");
    expect(nothing.replace(/import\s*"[^"]+";/g, '').trim()).toBe('');
  });
});
