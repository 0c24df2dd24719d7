import type { Command } from 'commander';
import { type GradientFlow, gradientFlow } from '../explain/gradient-flow.ts';
import type { LayerFlow } from '../explain/recurrence-probe.ts';
import { addDataFlags, type DataFlags, ROWS } from './data-flags.ts';
import { checkWritable, writeFileWhole } from './files.ts';
import { toNumber } from './flags.ts';
import { formatCount, formatShare, formatTable } from './format.ts';
import { checkLabels } from './labels.ts';
import { readModel } from './model-file.ts';
import { print } from './output.ts';
import { readRows } from './read.ts';
import { inFlags } from './train-flags.ts';

const HELP = `
Examples:
  gatelet gradients mood.safetensors test.tsv
  gatelet gradients mood.safetensors test.tsv --svg gradients.svg`;

const AXES = {
  title: 'Norm of the gradient at each state',
  x: 'states before the last one read',
  y: '‖∂L/∂h‖',
};

interface Flags extends DataFlags {
  batchSize?: number;
  clipNorm?: number;
  svg?: string;
  json?: true;
}

/** Adds the verb `gradients`. */
export function addGradients(program: Command): void {
  const command = program
    .command('gradients')
    .summary('show how gradients flow back')
    .description('Shows whether gradients reach the first words of a text, vanish or explode.')
    .argument('<model>', 'a file that train wrote')
    .argument('<rows>', ROWS)
    .option('--batch-size <rows>', 'rows of a step (default 32)', toNumber)
    .option('--clip-norm <norm>', 'norm whose crossings are counted (default 1)', toNumber)
    .option('--svg <file>', 'write the curves as a picture, too')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP);
  addDataFlags(command).action(async (path: string, file: string, flags: Flags) => {
    try {
      await run(path, file, flags);
    } catch (error) {
      throw inFlags(error);
    }
  });
}

async function run(path: string, file: string, { svg, json, ...flags }: Flags): Promise<void> {
  if (svg !== undefined) checkWritable(svg);
  const { batchSize, clipNorm = 1, ...data } = flags;
  const model = await readModel(path);
  const { rows } = readRows(file, data);
  checkLabels(file, rows, model.config);
  const flow = gradientFlow(model, rows, { clipNorm, ...(batchSize !== undefined && { batchSize }) });
  // The picture's library is large: it is loaded where it is wanted.
  const { svgChart, terminalChart } = await import('./chart.ts');
  if (svg !== undefined) {
    const curves = flow.layers.map(({ name, norms }) => ({ name, values: norms }));
    writeFileWhole(svg, svgChart(curves, AXES));
  }
  if (json) return print(JSON.stringify(flow, null, 2));
  print(`${file}: ${formatCount(flow.rows)} rows`);
  print(clipping(flow, clipNorm));
  for (const layer of flow.layers) {
    const title = `${layer.name}: ${AXES.y}`;
    print(`\n${terminalChart({ name: layer.name, values: layer.norms }, { ...AXES, title })}`);
    print(`\n${reach(layer)}\n\n${saturation(layer)}`);
  }
  if (svg !== undefined) print(`\nWrote ${svg}`);
}

function clipping({ gradientNorm: { mean, largest }, clipped }: GradientFlow, clipNorm: number): string {
  return `Gradient norm of a batch: ${mean.toPrecision(3)}, at most ${largest.toPrecision(3)}; --clip-norm ${clipNorm} would act on ${formatShare(clipped)}.`;
}

function reach({ norms }: LayerFlow): string {
  const [last, first] = [norms[0], norms[norms.length - 1]];
  const parts = `${last.toExponential(1)} at the last state, ${first.toExponential(1)} at the first of the longest texts`;
  return `From ${parts}.`;
}

function saturation({ gates }: LayerFlow): string {
  const rows = Object.entries(gates).map(([name, { low, high }]) => [
    name,
    formatShare(low),
    formatShare(high),
  ]);
  return formatTable([['gate', 'near its lower end', 'near its upper end'], ...rows]);
}
