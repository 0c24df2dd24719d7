import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packPackage, remove } from './scratch.ts';

let folder: string;
let bytes: Uint8Array<ArrayBuffer>;
/** Paths in the package. */
let paths: readonly string[];
beforeAll(() => {
  const packed = packPackage();
  folder = packed.folder;
  bytes = new Uint8Array(readFileSync(packed.tarball));
  execFileSync('tar', ['-xzf', packed.tarball], { cwd: folder });
  const listed = execFileSync('tar', ['-tzf', packed.tarball], { encoding: 'utf8' });
  paths = listed
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''));
});
afterAll(() => remove(folder));

const textOf = (path: string) => readFileSync(join(folder, 'package', path), 'utf8');

test('publint finds nothing to say', async () => {
  const { messages } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  expect(messages).toEqual([]);
});

/**
 * The package is ES modules alone: resolution as of CommonJS, and as of before there were `exports`, is not asked for. A
 * wasm file has no types.
 */
test('the types are those of what is imported', async () => {
  const manifest = JSON.parse(textOf('package.json'));
  const entrypoints = Object.keys(manifest.exports).filter((path) => !path.endsWith('.wasm'));
  const checked = await checkPackage(createPackageFromTarballData(bytes), { entrypoints });
  const problems = checked.types ? checked.problems : ['no types'];
  const isOurs = (problem: unknown) =>
    !['node10', 'node16-cjs'].includes((problem as { resolutionKind: string }).resolutionKind);
  expect(problems.filter(isOurs)).toEqual([]);
  expect(entrypoints).toContain('.');
});

test('it holds what users need, and nothing else', () => {
  const needed = [
    /^(LICENSE|README\.md|package\.json)$/,
    /^dist\/[\w.-]+\.js(\.map)?$/,
    /^dist\/cli\/[\w-]+\.js$/,
    /^dist\/[\w-]+\.wasm$/,
    /^dist\/types\/[\w/.-]+\.d\.ts$/,
  ];
  for (const pattern of needed) expect(paths.some((path) => pattern.test(path))).toBe(true);
  expect(paths.filter((path) => !needed.some((pattern) => pattern.test(path)))).toEqual([]);
});

test('it names no place of the machine that built it', () => {
  const text = paths.filter((path) => !path.endsWith('.wasm'));
  expect(text.filter((path) => textOf(path).includes(process.cwd()))).toEqual([]);
});

/** The command line, and the doors for Node. */
const isForNode = (path: string) => /^dist\/(cli\.js|cli\/.*|\w+\.node\.js)$/.test(path);

test('only the command line and the doors for Node import anything of Node', () => {
  const scripts = paths.filter((path) => path.endsWith('.js'));
  const importing = scripts.filter((path) => importsOf(path).some((from) => from.startsWith('node:')));
  expect(importing.filter((path) => !isForNode(path))).toEqual([]);
  expect(importing.length).toBeGreaterThan(3);
});

test('nothing runs text as code', () => {
  const scripts = paths.filter((path) => path.endsWith('.js'));
  const running = scripts.flatMap((path) =>
    nodesOf(path, isCodeFromText).map((node) => `${path}: ${node.getText().slice(0, 80)}`),
  );
  expect(running).toEqual([]);
  const caught = [
    'eval("1")',
    'new Function("1")',
    'Function("1")',
    'globalThis.eval("1")',
    '(0, eval)("1")',
  ];
  for (const text of caught) expect(nodesIn(parse(text), isCodeFromText)).toHaveLength(1);
});

function importsOf(path: string): string[] {
  return ts.preProcessFile(textOf(path), true, true).importedFiles.map(({ fileName }) => fileName);
}

/** eval wherever it is named, and Function where it is called. */
function isCodeFromText(node: ts.Node): boolean {
  if (!ts.isIdentifier(node)) return false;
  if (node.text === 'eval') return true;
  const { parent } = node;
  const isCalled = (ts.isCallExpression(parent) || ts.isNewExpression(parent)) && parent.expression === node;
  return node.text === 'Function' && isCalled;
}

function nodesOf(path: string, is: (node: ts.Node) => boolean): ts.Node[] {
  return nodesIn(parse(textOf(path)), is);
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('script.js', text, ts.ScriptTarget.ESNext, true);
}

function nodesIn(file: ts.SourceFile, is: (node: ts.Node) => boolean): ts.Node[] {
  const found: ts.Node[] = [];
  const walk = (node: ts.Node) => {
    if (is(node)) found.push(node);
    node.forEachChild(walk);
  };
  walk(file);
  return found;
}
