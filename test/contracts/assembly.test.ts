import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { find, importsOf, linesOf, parse, root, sourceFiles } from '../support/source.ts';

/** What each stratum may use. */
const STRATA: Record<string, readonly string[]> = {
  'assembly/simd': [],
  'assembly/math': ['assembly/simd'],
  'assembly/called': ['assembly/math'],
  'assembly/vectors': ['assembly/simd', 'assembly/math'],
  'assembly/cell': ['assembly/simd', 'assembly/vectors'],
  'assembly/random': ['assembly/simd'],
  'assembly/rows': [],
  'assembly/moments': ['assembly/simd', 'assembly/rows'],
  'assembly/normal': ['assembly/simd', 'assembly/vectors'],
  'assembly/panels': [],
  'assembly/tile': ['assembly/simd'],
  'assembly/matmul': ['assembly/simd', 'assembly/tile'],
  'assembly/strassen': ['assembly/simd', 'assembly/tile', 'assembly/matmul'],
  'assembly/transposed': ['assembly/simd', 'assembly/panels', 'assembly/tile'],
  'assembly/dot': ['assembly/simd'],
  'assembly/quantise': ['assembly/simd', 'assembly/dot'],
  'assembly/matvec': ['assembly/simd', 'assembly/dot'],
  'assembly/packed': ['assembly/simd', 'assembly/vectors', 'assembly/matmul', 'assembly/quantise'],
  'assembly/sequence': ['assembly/simd'],
  'assembly/softmax': ['assembly/simd', 'assembly/math', 'assembly/vectors'],
  'assembly/tags': ['assembly/simd'],
};

/** Strata that export nothing to the host. */
const INNER = [
  'simd',
  'math',
  'called',
  'vectors',
  'cell',
  'random',
  'rows',
  'moments',
  'normal',
  'tile',
  'dot',
  'matvec',
  'packed',
  'sequence',
  'softmax',
  'tags',
].map((name) => `assembly/${name}`);

const DOORS = ['assembly/index.ts', 'assembly/infer.ts'];
const files = sourceFiles('assembly').filter((path) => !DOORS.includes(path));
const nameOf = (path: string) => path.replace(/\.ts$/, '');

const offences = (isWrong: (node: ts.Node) => boolean) => linesOf(find(files, isWrong));

describe('assembly/', () => {
  test('has strata, each using those before it, and kernels, which use strata alone', () => {
    const wrong = files.flatMap((path) => {
      const allowed = STRATA[nameOf(path)] ?? Object.keys(STRATA);
      return importsOf(path)
        .map(({ to }) => to)
        .filter((to) => !allowed.includes(to))
        .map((to) => `${path} imports ${to}`);
    });
    expect(wrong).toEqual([]);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(10);
  });

  test('keeps every file in a stratum, or among the kernels and optimisers', () => {
    const others = files.filter((path) => !(nameOf(path) in STRATA));
    for (const path of others) expect(path).toMatch(/^assembly\/(kernels|optim)\/[a-z]+\.ts$/);
  });

  test('a door opens on every kernel, optimiser and matrix product', () => {
    const doors = files.map(nameOf).filter((name) => !INNER.includes(name));
    const [opened, forOneText] = DOORS.map((door) => importsOf(door).map(({ to }) => to));
    const alone = forOneText.filter((name) => !opened.includes(name));
    expect([...opened, ...alone].sort()).toEqual(doors.sort());
    expect(alone).toEqual(['assembly/kernels/densetext', 'assembly/kernels/lstmtext']);
  });

  test('makes no objects', () => {
    expect(offences(ts.isNewExpression)).toEqual([]);
    expect(offences(ts.isClassDeclaration)).toEqual([]);
    expect(offences(ts.isObjectLiteralExpression)).toEqual([]);
  });

  test('has no arrays', () => {
    // memory.data([…]) is a table in page 0, written by the compiler.
    const isTable = ({ parent }: ts.Node) =>
      ts.isCallExpression(parent) && parent.expression.getText() === 'memory.data';
    expect(offences((node) => ts.isArrayLiteralExpression(node) && !isTable(node))).toEqual([]);
    const names = /^(Array|StaticArray|Map|Set|(Int|Uint|Float)\d+Array|ArrayBuffer)$/;
    expect(offences((node) => ts.isIdentifier(node) && names.test(node.text))).toEqual([]);
  });

  test('has no strings', () => {
    const isText = (node: ts.Node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
    const isModule = (node: ts.Node) =>
      ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent);
    expect(offences((node) => isText(node) && !isModule(node))).toEqual([]);
  });

  test('has no global that changes', () => {
    const wrong = (node: ts.Node) =>
      ts.isVariableStatement(node) &&
      ts.isSourceFile(node.parent) &&
      !(node.declarationList.flags & ts.NodeFlags.Const);
    expect(offences(wrong)).toEqual([]);
  });
});

test('every kernel is named by a test of kernels', () => {
  const declared = parse('src/runtime/kernels.generated.ts').statements.filter(ts.isInterfaceDeclaration);
  expect(declared).toHaveLength(2);
  const kernels = declared.flatMap(({ members }) => members.map((member) => member.name!.getText()));
  const tests = ['test/kernels', 'test/infer']
    .flatMap(sourceFiles)
    .map((path) => readFileSync(join(root, path), 'utf8'));
  // These run kernels for them.
  for (const name of ['lstm', 'lstm-predict', 'cell-suite'])
    tests.push(readFileSync(join(root, `test/support/${name}.ts`), 'utf8'));
  const untested = kernels.filter((kernel) => {
    const [stem] = kernel.split(/(?=Forward|Backward)/);
    // In full, or as one of several that a test goes through: 'relu' and `${name}Forward`.
    const inParts = (text: string) =>
      text.includes(`'${stem}'`) && text.includes(`}${kernel.slice(stem.length)}`);
    return !tests.some((text) => new RegExp(`\\b${kernel}\\b`).test(text) || inParts(text));
  });
  expect(untested).toEqual([]);
  expect(kernels.length).toBeGreaterThan(30);
});
