import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';

/** What job.mjs says, in any engine. */
export interface Said {
  readonly sha256: string;
  readonly steps: number;
  readonly losses: readonly number[];
  readonly predicted: number;
  readonly loaded: number;
  readonly together: number;
  readonly quantised: number;
  /** By a stream, and by predict(): of the whole package, and of gatelet/infer. */
  readonly streamed: readonly (readonly [number, number])[];
  /** By gatelet/infer, which has plain SIMD alone: with f32, with int8. */
  readonly inferred: readonly [number, number];
  readonly threads: { readonly count: number; readonly note?: string };
}

/** An engine that can boot the package. */
export interface Engine {
  readonly name: string;
  /** Why it cannot be had here, if it cannot. */
  readonly missing?: string;
  /** Whether a training can have more threads than one. */
  readonly hasThreads: boolean;
  version(): Promise<string>;
  /** Runs the job. @param folder of installPackage() */
  run(folder: string): Promise<Said>;
}

/** What a program prints. @throws when it fails, with what it says of it */
export async function output(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { timeout: 120_000 });
  return stdout.trim();
}

/** What is asked of esbuild beyond what all engines want. */
export interface Bundling {
  readonly format?: 'esm' | 'iife';
  readonly plugins?: Plugin[];
  readonly define?: Record<string, string>;
}

/** One file of JavaScript, as a user's bundler would make it for an engine. */
export async function bundle(
  folder: string,
  contents: string,
  conditions: readonly string[],
  { format = 'esm', plugins = [], define = {} }: Bundling = {},
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    format,
    platform: 'neutral',
    target: 'es2022',
    conditions: [...conditions],
    plugins,
    define,
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0].text;
}

/** How bundlers for edge workers treat a wasm file: `code` says where its module comes from. */
export function wasmModules(code: (file: string) => { external: string } | { contents: string }): Plugin {
  return {
    name: 'wasm-modules',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => {
        const file = path.replace(/^.*\//, '').replace('?module', '');
        const treated = code(file);
        return 'external' in treated
          ? { path: treated.external, external: true }
          : { path: file, namespace: 'wasm-modules', pluginData: treated.contents };
      });
      onLoad({ filter: /./, namespace: 'wasm-modules' }, ({ pluginData }) => ({ contents: pluginData }));
    },
  };
}
