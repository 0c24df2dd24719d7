// Runs suites and prints their rows: bench.mjs suite … [--json] [--quick], the arguments checked by main.mjs.
import { parseArgs } from 'node:util';
import { FULL, Meter, QUICK } from './measure.ts';
import { type Measurement, type Row, table } from './rows.ts';

/** What a file in suites/ exports by default. */
export type Suite = (meter: Meter) => AsyncIterable<Measurement>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' } },
});
const meter = new Meter(values.quick ? QUICK : FULL);
const rows: Row[] = [];
for (const suite of positionals) {
  const { default: run }: { default: Suite } = await import(`./suites/${suite}.ts`);
  rows.push({ suite, ...(await meter.peakRow()) });
  for await (const row of run(meter)) {
    process.stderr.write(`${suite}: ${row.name}\n`);
    rows.push({ suite, ...row });
  }
}
process.stdout.write(values.json ? `${JSON.stringify(rows, null, 1)}\n` : table(rows));
