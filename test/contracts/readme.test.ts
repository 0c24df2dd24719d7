import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const readme = readFileSync('README.md', 'utf8');
const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);

/** What the code of the README takes for granted. */
const GIVEN = `
import type { Row } from 'gatelet';
declare const rows: Row[];
declare const testRows: Row[];
`;

describe('the code of the README', () => {
  test('is found', () => expect(blocks).toHaveLength(3));

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
