import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const readme = readFileSync('README.md', 'utf8');
const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);

interface Measured {
  readonly name: string;
  readonly value: number;
}
const results = (suite: string): Measured[] =>
  JSON.parse(readFileSync(`bench/results/${suite}.json`, 'utf8'));
const measured = (suite: string, name: RegExp) => results(suite).find((row) => name.test(row.name))!.value;

/** What the code of the README takes for granted. */
const GIVEN = `
import type { Row } from 'gatelet';
declare const rows: Row[];
declare const testRows: Row[];
`;

describe('the code of the README', () => {
  test('is found', () => expect(blocks).toHaveLength(2));

  test.each(blocks.map((code, i) => [i, code] as const))('satisfies strict types: block %d', (i, code) => {
    const file = `build/readme-${i}.mts`; // inside the package, where its own name leads to what is built
    writeFileSync(file, GIVEN + code);
    const program = ts.createProgram([file], {
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
      types: [],
    });
    const problems = ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText);
    expect(problems).toEqual([]);
  });
});

describe('a number of the README comes from bench/results', () => {
  test.each([
    ['kernels', /^recurrent step/],
    ['kernels', /^input projection/],
    ['kernels', /^input gradient/],
    ['kernels', /^recurrent weight gradient/],
    ['kernels', /^input weight gradient/],
    ['step', /^train step, share of peak/],
  ])('%s: %s', (suite, name) => {
    const start = String(name)
      .slice(2, -1)
      .replace('train step, share of peak', 'the same, as a share of the peak');
    const line = readme.split('\n').find((line) => line.startsWith(`| ${start}`))!;
    expect(line).toContain(`| ${Math.round(measured(suite, name))} % |`);
  });

  test('step: ms', () => {
    expect(readme).toContain(`| **${Math.round(measured('step', /^train step$/))}** | 115 |`);
    expect(readme).toContain(
      `texts of 10 to 100 words | ${Math.round(measured('step', /10 to 100 words/))} |`,
    );
    expect(readme).toContain(`100 words a text | ${Math.round(measured('step', /small model/))} |`);
  });
});
