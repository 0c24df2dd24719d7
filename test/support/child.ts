import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';
import { root } from './source.ts';

/**
 * Runs a script over the sources in a process of its own, where nobody else allocates and gc() is to be had.
 * @param script TypeScript; imports are relative to the root of the project
 * @returns what it printed, as JSON
 */
export async function inChild(script: string): Promise<unknown> {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
    logLevel: 'silent',
  });
  // Room for all that is young, so that no collection falls between two measurements.
  const flags = ['--expose-gc', '--max-semi-space-size=64', '--min-semi-space-size=64'];
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '--input-type=module', '-'], {
    cwd: root,
    env: { ...process.env, GATELET_WASM: 'build/gatelet.wasm' }, // its files have no place of their own
    input: outputFiles[0].text,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
