// Runs suites and prints their rows: bench.mjs suite … [--json] [--save] [--quick], the arguments checked by main.mjs.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FULL, Meter, QUICK } from './measure.ts';
import { hasRelaxed, relaxedRemark } from './relaxed.ts';
import { type Measurement, type Row, table } from './rows.ts';

/** What a file in suites/ exports by default. The first meter is for the plain build, a second for the relaxed one. */
export type Suite = (meters: readonly Meter[]) => AsyncIterable<Measurement>;

const flag = { type: 'boolean' } as const;
const options = { json: flag, save: flag, quick: flag };
const { values, positionals } = parseArgs({ allowPositionals: true, options });
const effort = values.quick ? QUICK : FULL;
const meters = [new Meter(effort, 'plain'), ...(hasRelaxed ? [new Meter(effort, 'relaxed')] : [])];
const asJson = (rows: readonly Row[]) => `${JSON.stringify(rows, null, 1)}\n`;
const all: Row[] = [];
for (const suite of positionals) {
  const { default: run }: { default: Suite } = await import(`./suites/${suite}.ts`);
  const rows: Row[] = [];
  for (const meter of meters) {
    const remark = meter.build === 'relaxed' ? relaxedRemark : {};
    rows.push({ suite, ...(await meter.peakRow()), ...remark });
  }
  for await (const row of run(meters)) {
    process.stderr.write(`${suite}: ${row.name}\n`);
    rows.push({ suite, ...row });
  }
  // Beside the sources: the bundle lies in build/bench/.
  if (values.save) writeFileSync(new URL(`../../bench/results/${suite}.json`, import.meta.url), asJson(rows));
  all.push(...rows);
}
process.stdout.write(values.json ? asJson(all) : table(all));
