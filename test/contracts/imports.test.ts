import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { find, importsOf, linesOf, sourceFiles } from '../support/source.ts';

/** The rooms that each room may reach, beside itself. */
const REACH: Record<string, readonly string[]> = {
  runtime: [],
  text: [],
  data: ['text'],
  layers: ['runtime'],
  model: ['layers', 'runtime', 'data', 'text'],
  train: ['model', 'layers', 'runtime', 'data', 'text'],
  io: ['train', 'model', 'layers', 'runtime', 'data', 'text'],
  explain: ['train', 'model', 'layers', 'runtime', 'data', 'text'],
  infer: ['io', 'model', 'layers', 'runtime', 'text'],
  cli: ['explain', 'io', 'train', 'model', 'layers', 'runtime', 'data', 'text'],
};
/** Rooms that never see wasm memory, and the files of runtime they may use. */
const APART = ['text', 'data'];
const HARMLESS = ['src/runtime/errors.ts', 'src/runtime/options.ts', 'src/runtime/declared.ts'];

const paths = sourceFiles('src');
const files = paths.map((path) => {
  const all = importsOf(path);
  const values = all.filter(({ isTypeOnly }) => !isTypeOnly);
  return { path, imports: all.map(({ to }) => to), values: values.map(({ to }) => to) };
});
const roomOf = (path: string) => path.split('/')[1];
const isOurs = (path: string) => path.startsWith('src/');
const isEntry = (path: string) => path === 'src/index.ts' || path === 'src/infer.ts';

/** Every import of a file that breaks a rule, as a line to read. */
function breaches(isWrong: (path: string, to: string) => boolean): string[] {
  return files.flatMap(({ path, imports }) =>
    imports.filter((to) => isWrong(path, to)).map((to) => `${path} imports ${to}`),
  );
}

describe('imports', () => {
  test('are found', () => {
    const lstm = files.find(({ path }) => path === 'src/layers/lstm.ts')!;
    expect(lstm.imports).toContain('src/runtime/stride.ts');
    expect(lstm.imports).toContain('src/layers/layer.ts');
    expect(files.length).toBeGreaterThan(50);
  });

  test('know every room', () => {
    const rooms = new Set(files.map(({ path }) => roomOf(path)).filter((room) => !room.endsWith('.ts')));
    expect([...rooms].sort()).toEqual(Object.keys(REACH).sort());
  });

  test('go one way through the rooms', () => {
    expect(
      breaches((path, to) => {
        if (!isOurs(to) || isEntry(path)) return false;
        const [from, room] = [roomOf(path), roomOf(to)];
        if (APART.includes(from) && HARMLESS.includes(to)) return false;
        return room !== from && !REACH[from].includes(room);
      }),
    ).toEqual([]);
  });

  test('of the command line and of an index there are none', () => {
    const wrong = (path: string, to: string) =>
      isEntry(to) || (roomOf(path) !== 'cli' && isOurs(to) && roomOf(to) === 'cli');
    expect(breaches(wrong)).toEqual([]);
  });

  test('name a platform only in the command line and the doors', () => {
    const isDoor = (path: string) => /^src\/runtime\/(module|infer|threads|worker)\.node\.ts$/.test(path);
    const wrong = (path: string, to: string) =>
      to.startsWith('node:') && roomOf(path) !== 'cli' && !isDoor(path);
    expect(breaches(wrong)).toEqual([]);
  });

  test('of packages: the loader, in one place; any others in the command line', () => {
    const isPackage = (to: string) => !isOurs(to) && !to.startsWith('node:') && !to.startsWith('#');
    const packages = breaches((path, to) => isPackage(to) && roomOf(path) !== 'cli');
    expect(packages).toEqual(['src/runtime/kernels.ts imports @assemblyscript/loader']);
  });

  test('of gatelet/infer reach neither training nor data nor the command line, whatever is on the way', () => {
    const of = new Map(files.map(({ path, values }) => [path, values.filter(isOurs)]));
    const reached = new Set(['src/infer.ts']);
    for (const path of reached) for (const to of of.get(path)!) reached.add(to);
    const rooms = new Set([...reached].map(roomOf));
    expect([...rooms].sort()).toEqual(['infer', 'infer.ts', 'io', 'layers', 'model', 'runtime', 'text']);
  });

  test('make no circle', () => {
    const of = new Map(files.map(({ path, values }) => [path, values.filter(isOurs)]));
    const done = new Set<string>();
    const circles: string[] = [];
    const walk = (path: string, trail: readonly string[]) => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      if (trail.includes(path) || done.has(path)) return;
      for (const to of of.get(path) ?? []) walk(to, [...trail, path]);
      done.add(path);
    };
    for (const { path } of files) walk(path, []);
    expect(circles).toEqual([]);
  });
});

describe('the numeric path', () => {
  /** Their results are exact by the language's standard, so every engine gives the same bits. */
  const EXACT = [
    'abs',
    'ceil',
    'clz32',
    'floor',
    'fround',
    'imul',
    'max',
    'min',
    'round',
    'sign',
    'sqrt',
    'trunc',
  ];

  // Charts are drawn; no number of theirs goes anywhere else.
  const numeric = paths.filter((path) => path !== 'src/cli/chart.ts');
  const offences = (isWrong: (node: ts.Node) => boolean) => linesOf(find(numeric, isWrong));

  test('uses of Math only what is exact', () => {
    const wrong = (node: ts.Node) =>
      ts.isIdentifier(node) &&
      node.text === 'Math' &&
      !(ts.isPropertyAccessExpression(node.parent) && EXACT.includes(node.parent.name.text));
    expect(offences(wrong)).toEqual([]);
  });

  test('raises only whole numbers to whole numbers', () => {
    const isPower = (node: ts.Node) =>
      node.kind === ts.SyntaxKind.AsteriskAsteriskToken ||
      node.kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken;
    const isWhole = (node: ts.Node) => ts.isNumericLiteral(node) && Number.isInteger(Number(node.text));
    const wrong = (node: ts.Node) =>
      isPower(node) &&
      !(ts.isBinaryExpression(node.parent) && isWhole(node.parent.left) && isWhole(node.parent.right));
    expect(offences(wrong)).toEqual([]);
    expect(offences(isPower).length).toBeGreaterThan(0);
  });

  test('runs no text as code', () => {
    const wrong = (node: ts.Node) =>
      (ts.isIdentifier(node) && (node.text === 'eval' || node.text === 'Function')) ||
      (ts.isCallExpression(node) &&
        /^set(Timeout|Interval)$/.test(node.expression.getText()) &&
        ts.isStringLiteralLike(node.arguments[0]));
    expect(offences(wrong)).toEqual([]);
  });

  test('makes views of wasm memory only in the machine', () => {
    const wrong = (node: ts.Node) =>
      ts.isPropertyAccessExpression(node) &&
      node.getText() === 'WebAssembly.Memory' &&
      ts.isNewExpression(node.parent);
    expect(offences(wrong).map((line) => line.split(':')[0])).toEqual([
      'src/runtime/kernels.ts', // for kernels that are asked for numbers, and read no memory
      'src/runtime/machine.ts',
      'src/runtime/prediction-memory.ts',
    ]);
  });
});
