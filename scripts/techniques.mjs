// Writes docs/techniques.md from the declarations, the techniques and the runs that are kept.
// node scripts/techniques.mjs
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const outfile = join(root, 'build/techniques.mjs');
await build({
  stdin: {
    contents: `export { CATALOGUE } from './src/cli/catalogue.generated.ts';
      export { techniquesPage } from './bench/ablation/report.ts';
      export { readDatasets } from './bench/ablation/runs.ts';`,
    resolveDir: root,
    loader: 'ts',
  },
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  external: ['#module', '#threads'],
  outfile,
});
const { CATALOGUE, readDatasets, techniquesPage } = await import(pathToFileURL(outfile).href);
writeFileSync(join(root, 'docs/techniques.md'), techniquesPage(CATALOGUE, readDatasets(root)));
