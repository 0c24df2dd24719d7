import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every TypeScript file below a folder of the project, by its path from the root. */
export function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith('.ts'))
    .sort();
}

const parsed = new Map<string, ts.SourceFile>();

export function parse(path: string): ts.SourceFile {
  const known = parsed.get(path);
  if (known) return known;
  const text = readFileSync(join(root, path), 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  parsed.set(path, file);
  return file;
}

/** The nodes of some files that are of a kind. */
export function find<Kind extends ts.Node>(
  paths: readonly string[],
  is: (node: ts.Node) => node is Kind,
): Kind[];
export function find(paths: readonly string[], is: (node: ts.Node) => boolean): ts.Node[];
export function find(paths: readonly string[], is: (node: ts.Node) => boolean): ts.Node[] {
  const found: ts.Node[] = [];
  const walk = (node: ts.Node) => {
    if (is(node)) found.push(node);
    node.forEachChild(walk);
  };
  for (const path of paths) walk(parse(path));
  return found;
}

/** Nodes as lines to read: where, and what stands there. */
export function linesOf(nodes: readonly ts.Node[]): string[] {
  return nodes.map((node) => `${node.getSourceFile().fileName}: ${node.getText().slice(0, 80)}`);
}

export interface Import {
  /** A path from the root for files of ours, a name for packages. */
  readonly to: string;
  /** Nothing of it is left when the types are gone. */
  readonly isTypeOnly: boolean;
}

/** What a file imports or exports from. */
export function importsOf(path: string): Import[] {
  return find([path], isImport).map((node) => {
    const from = specifierOf(node);
    if (!from || !ts.isStringLiteral(from)) throw new Error(`${path} imports what only running it tells`);
    const to = from.text.startsWith('.') ? relative(root, join(root, path, '..', from.text)) : from.text;
    return { to, isTypeOnly: isTypeOnly(node) };
  });
}

type ImportNode = ts.ImportDeclaration | ts.ExportDeclaration | ts.CallExpression | ts.ImportTypeNode;

function isImport(node: ts.Node): node is ImportNode {
  if (ts.isExportDeclaration(node)) return node.moduleSpecifier !== undefined;
  if (ts.isCallExpression(node)) return node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return ts.isImportDeclaration(node) || ts.isImportTypeNode(node);
}

function specifierOf(node: ImportNode): ts.Node | undefined {
  if (ts.isCallExpression(node)) return node.arguments[0];
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  return node.moduleSpecifier;
}

function isTypeOnly(node: ImportNode): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (!ts.isImportDeclaration(node) || !node.importClause) return false;
  const { isTypeOnly, name, namedBindings } = node.importClause;
  const elements = namedBindings && ts.isNamedImports(namedBindings) ? namedBindings.elements : undefined;
  return isTypeOnly || (!name && elements !== undefined && elements.every((element) => element.isTypeOnly));
}
