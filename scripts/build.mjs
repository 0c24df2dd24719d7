// Builds everything that is generated: kernels → build/, their typed handle → src/runtime/, the catalogue of what
// there is → src/cli/, bundles and declarations → dist/. `node scripts/build.mjs kernels` stops before dist/.
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeCatalogue } from './catalogue.mjs';
import { compileWithFile } from './eager.mjs';
import { orderFunctions } from './order.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const run = (script, ...args) =>
  execFileSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
const binary = (name, bin) => join(dirname(require.resolve(`${name}/package.json`)), bin);

const asc = binary('assemblyscript', 'bin/asc.js');
const wasmOpt = binary('binaryen', 'bin/wasm-opt');
/**
 * What asc leaves out where it compiles for size, and an eighth of an LSTM's time: constants in memory are read once an
 * iteration, not once a use.
 */
const PASSES = ['--local-cse', '--coalesce-locals', '--reorder-locals', '--reorder-functions'];
/**
 * Before them, for all but predictions alone, which asc has made small. A function of more than a few lines stays one where
 * a single other calls it: it has registers of its own. What follows is not to shrink: for size, constants would be read at each
 * use again, which costs int8 predictions 2 %.
 */
const SHRINK = ['--one-caller-inline-max-function-size=40', '-Oz', '--shrink-level=0'];
const { targets } = JSON.parse(readFileSync(join(root, 'asconfig.json'), 'utf8'));
await Promise.all(Object.keys(targets).map(compile));
writeHandles();
await writeCatalogue(root);
if (process.argv[2] !== 'kernels') await bundle();

/** Compiles the kernels for one target of asconfig.json. */
async function compile(target) {
  const door = target === 'infer' ? 'assembly/infer.ts' : 'assembly/index.ts';
  const node = async (...args) => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root });
    process.stderr.write(stdout + stderr);
  };
  await node(asc, door, '--target', target);
  const { outFile } = targets[target];
  const passes = target === 'infer' ? PASSES : [...SHRINK, ...PASSES];
  await node(wasmOpt, outFile, '-o', outFile, '--all-features', ...passes);
  orderFunctions(join(root, outFile));
}

/** The exports' types, from what the compiler says of them. */
function writeHandles() {
  const handles = [
    '// Written by scripts/build.mjs from the compiled kernels.\n',
    '/** Every kernel, over one memory. */',
    `export interface Kernels {${exportsOf('gatelet')}\n}\n`,
    '/** Those of gatelet-infer.wasm. */',
    `export interface InferKernels {${exportsOf('gatelet-infer')}\n}\n`,
  ];
  writeFileSync(join(root, 'src/runtime/kernels.generated.ts'), handles.join('\n'));
}

/** What a module exports, as members of an interface. */
function exportsOf(name) {
  const declared = readFileSync(join(root, `build/${name}.d.ts`), 'utf8');
  return declared
    .slice(declared.indexOf('{') + 1, declared.indexOf('\n}'))
    .replace(/\s*\/\*\* Exported memory \*\/\s*export const memory: WebAssembly\.Memory;/, '')
    .replaceAll('export function ', '')
    .replaceAll('export const ', 'readonly ');
}

async function bundle() {
  const { build } = await import('esbuild');
  const dist = join(root, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  for (const target of Object.values(targets)) {
    copyFileSync(join(root, target.outFile), join(dist, basename(target.outFile)));
  }
  const common = {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    sourcemap: true,
    logLevel: 'warning',
  };
  const inRuntime = (...names) => Object.fromEntries(names.map((name) => [name, `src/runtime/${name}.ts`]));
  // The library: its one dependency and its platform doors stay imports, for the user's bundler to resolve.
  await build({
    ...common,
    platform: 'neutral',
    entryPoints: {
      ...{ index: 'src/index.ts', infer: 'src/infer.ts' },
      ...inRuntime('module.web', 'threads.web', 'infer.web'),
    },
    outdir: 'dist',
    external: ['@assemblyscript/loader', '#module', '#threads', '#infer'],
  });
  // Edge workers import the wasm files, for their hosts to compile.
  await build({
    ...common,
    platform: 'neutral',
    entryPoints: inRuntime('module.workers', 'module.edge', 'threads.workers', 'infer.workers'),
    outdir: 'dist',
    external: ['*.wasm?module'],
  });
  await build({
    ...common,
    platform: 'node',
    entryPoints: inRuntime('module.node', 'threads.node', 'infer.node', 'worker.node'),
    outdir: 'dist',
  });
  // For pages without a bundler: files that need nothing but the wasm files and the worker beside them.
  await build({
    ...common,
    platform: 'browser',
    entryPoints: { browser: 'src/index.ts', 'browser-infer': 'src/infer.ts' },
    minify: true,
    outdir: 'dist',
    alias: {
      '#module': './src/runtime/module.web.ts',
      '#threads': './src/runtime/threads.web.ts',
      '#infer': './src/runtime/infer.web.ts',
    },
  });
  // All that is in there a first answer needs, but for errors and streams.
  for (const file of ['infer.js', 'browser-infer.js']) compileWithFile(join(dist, file));
  // A worker in a browser finds no package by its name: it carries the loader.
  await build({
    ...common,
    platform: 'browser',
    entryPoints: inRuntime('worker.web'),
    outdir: 'dist',
  });
  // The command line: its libraries are bundled, so that users of the package do not install them. What it loads when
  // it wants it, such as the charts, is a file of its own.
  await build({
    ...common,
    platform: 'node',
    entryPoints: { cli: 'src/cli/main.ts' },
    outdir: 'dist',
    splitting: true,
    chunkNames: 'cli/[name]-[hash]',
    minify: true,
    sourcemap: false,
    external: ['#module', '#threads', '@assemblyscript/loader'],
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as gateletRequire } from 'node:module';\nconst require = gateletRequire(import.meta.url);",
    },
  });
  chmodSync(join(dist, 'cli.js'), 0o755);
  run(binary('typescript', 'bin/tsc'), '-p', 'tsconfig.types.json');
}
