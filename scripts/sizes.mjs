// npm run sizes [-- --save]
// What a user's bundle weighs, gzipped: JavaScript as esbuild bundles and minifies it for browsers, and its wasm. With --save
// the table in README.md says so, too.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** What is imported, the wasm that belongs to it, and the goal in kB. */
const BUNDLES = [
  { name: '`gatelet/infer`', code: "export * from 'gatelet/infer'", wasm: 'gatelet-infer.wasm', goalKb: 15 },
  { name: '`load` and `predict` of `gatelet`', code: "export { load, predict } from 'gatelet'" },
  { name: '`gatelet`, everything', code: "export * from 'gatelet'", goalKb: 60 },
];

/** Where the table stands in README.md. */
const PART = /(<!-- sizes -->)[\s\S]*(<!-- \/sizes -->)/;

/** The bundles and their sizes in bytes, gzipped. */
export function sizes() {
  return Promise.all(
    BUNDLES.map(async ({ wasm = 'gatelet.wasm', ...bundle }) => {
      const javascript = gzipped(await bundled(bundle.code));
      const kernels = gzipped(readFileSync(join(root, 'dist', wasm)));
      return { ...bundle, javascript, kernels, total: javascript + kernels };
    }),
  );
}

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;

async function bundled(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    tsconfigRaw: '{}', // as it is for users: ours leads past the doors of package.json
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0].contents;
}

/** The sizes as a table of Markdown; what meets its goal is bold. */
export function sizeTable(rows) {
  const kb = (bytes) => (bytes / 1000).toFixed(1);
  const lines = rows.map(({ name, javascript, kernels, total, goalKb }) => {
    const isMet = goalKb !== undefined && total <= goalKb * 1000;
    const sum = `${isMet ? `**${kb(total)}**` : kb(total)}${goalKb === undefined ? '' : ` (${goalKb})`}`;
    return `| ${name} | ${kb(javascript)} | ${kb(kernels)} | ${sum} |`;
  });
  return ['| kB, gzipped | JavaScript | wasm | sum |', '|---|--:|--:|--:|', ...lines, ''].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const table = sizeTable(await sizes());
  console.log(table);
  if (process.argv.includes('--save')) {
    const page = join(root, 'README.md');
    const text = readFileSync(page, 'utf8');
    writeFileSync(
      page,
      text.replace(PART, (_, open, close) => `${open}\n${table}${close}`),
    );
  }
}
