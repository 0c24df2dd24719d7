// npm run bench -- [suite …] [--json] [--save | --quick]
// npm run bench -- ablation --data <file> [--test <file>] …
// Compiles what only a benchmark needs, then measures in a process of its own, on one core where the system allows.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { install } from '../scripts/install.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'build', 'bench');

/** Every file is a suite. */
const suites = readdirSync(join(root, 'bench', 'suites')).map((file) => parse(file).name);
/** Installs other libraries, so it is never run unasked. */
const ON_REQUEST = 'peers';
/** Measures what techniques are worth, not how long anything takes; it has arguments of its own. */
if (process.argv[2] === 'ablation') {
  await bundle(['bench/ablation/ablation.ts']);
  process.exit(run([join(out, 'ablation.mjs'), ...process.argv.slice(3)]));
}
const chosen = readArguments();
if (chosen.includes(ON_REQUEST)) install(join(root, 'bench', 'peers'), ['--ignore-scripts']);
compileProbe();
// What measures, and what runs in processes of its own.
await bundle(['bench/bench.ts', 'bench/serve.ts', 'bench/gatelet.ts', 'bench/gatelet-infer.ts']);
measure();

function readArguments() {
  try {
    const flag = { type: 'boolean' };
    const options = { json: flag, save: flag, quick: flag };
    const { positionals, values } = parseArgs({ options, allowPositionals: true });
    if (values.save && values.quick) throw new Error('--quick measures nothing worth to --save');
    const unknown = positionals.find((name) => !suites.includes(name));
    if (unknown !== undefined) throw new Error(`there is no suite '${unknown}'`);
    return positionals.length > 0 ? positionals : suites.filter((name) => name !== ON_REQUEST);
  } catch (error) {
    console.error(`bench: ${error.message}`);
    console.error(
      `Usage: npm run bench -- [suite …] [--json] [--save | --quick]\nSuites: ${suites.join(', ')}` +
        `\nWithout a name all run but ${ON_REQUEST}, which installs other libraries` +
        '\n--save writes bench/results, and what the documentation says of them',
    );
    process.exit(2);
  }
}

/** As asconfig.json compiles the kernels, plain and relaxed. */
function compileProbe() {
  const require = createRequire(import.meta.url);
  const compiler = join(dirname(require.resolve('assemblyscript/package.json')), 'bin', 'asc.js');
  const flags =
    '--config none --runtime stub --use abort= --importMemory --enable simd -O3 --noAssert --disableWarning 112';
  for (const [build, more] of Object.entries({ plain: [], relaxed: ['--enable', 'relaxed-simd'] })) {
    const files = ['bench/probe.as.ts', '--outFile', join(out, `probe-${build}.wasm`)];
    const args = [compiler, ...files, ...flags.split(' '), ...more];
    // Standard output belongs to the rows.
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
    if (status !== 0) process.exit(1);
  }
}

async function bundle(entryPoints) {
  await build({
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    logLevel: 'warning',
    entryPoints,
    outdir: out,
    outExtension: { '.js': '.mjs' },
    packages: 'external',
    // tsconfig.json says where the sources of these are.
    external: ['#module', '#threads', '#infer', 'gatelet/infer'],
  });
}

function measure() {
  // The last core: interrupts and other work tend to the first.
  const core = String(cpus().length - 1);
  const canPin = spawnSync('taskset', ['-c', core, 'true'], { stdio: 'ignore' }).status === 0;
  const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
  const pinned = canPin ? ['taskset', '-c', core] : [];
  const status = run([join(out, 'bench.mjs'), ...chosen, ...flags], pinned, {
    GATELET_BENCH_CORE: canPin ? core : 'any',
  });
  if (status === 0 && flags.includes('--save')) run([join(root, 'bench', 'report.mjs')]);
  process.exit(status);
}

/** Runs a script to its end. @returns its exit code */
function run(script, before = [], more = {}) {
  const [command, ...args] = [...before, process.execPath, ...script];
  const { status } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...more } });
  return status ?? 1;
}
