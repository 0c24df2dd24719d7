// Runs suites and prints their rows: bench.mjs suite … [--json] [--quick], the arguments checked by main.mjs.
import { parseArgs } from 'node:util';
import { FULL, Meter, QUICK } from './measure.ts';
import { hasRelaxed, relaxedRemark } from './relaxed.ts';
import { type Measurement, type Row, table } from './rows.ts';

/** What a file in suites/ exports by default. The first meter is for the plain build, a second for the relaxed one. */
export type Suite = (meters: readonly Meter[]) => AsyncIterable<Measurement>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' } },
});
const effort = values.quick ? QUICK : FULL;
const meters = [new Meter(effort, 'plain'), ...(hasRelaxed ? [new Meter(effort, 'relaxed')] : [])];
const rows: Row[] = [];
for (const suite of positionals) {
  const { default: run }: { default: Suite } = await import(`./suites/${suite}.ts`);
  for (const meter of meters) {
    const remark = meter.build === 'relaxed' ? relaxedRemark : {};
    rows.push({ suite, ...(await meter.peakRow()), ...remark });
  }
  for await (const row of run(meters)) {
    process.stderr.write(`${suite}: ${row.name}\n`);
    rows.push({ suite, ...row });
  }
}
process.stdout.write(values.json ? `${JSON.stringify(rows, null, 1)}\n` : table(rows));
