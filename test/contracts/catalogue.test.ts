import ts from 'typescript';
import { expect, test } from 'vitest';
import { CATALOGUE } from '../../src/cli/catalogue.generated.ts';
import type { EntryOption } from '../../src/cli/catalogue.ts';
import * as gatelet from '../../src/index.ts';
import { LAYERS } from '../../src/model/registry.ts';
import type { Declared } from '../../src/runtime/declared.ts';
import { find, sourceFiles } from '../support/source.ts';

/** What tells a thing that a function makes from others. */
const MARKS = { layer: 'plan', optimizer: 'plan', schedule: 'factor', average: 'share' } as const;

const made = CATALOGUE.filter(({ kind }) => kind in MARKS);
const isDeclared = (option: EntryOption): option is EntryOption & Declared => 'is' in option;
const namesOf = (kind: string) => CATALOGUE.filter((entry) => entry.kind === kind).map(({ name }) => name);

/** A value in an option's range. */
function anyValueOf(option: EntryOption): unknown {
  if (!isDeclared(option)) throw new Error(`${option.name} is not declared`);
  if (Array.isArray(option.is)) return option.is[0];
  if ('from' in option) return option.from;
  return option.is === 'flag' ? true : 0.5;
}

test('every layer of the registry is listed, and no other', () => {
  expect(namesOf('layer').sort()).toEqual(Object.keys(LAYERS).sort());
});

test('every public function that checks options is listed', () => {
  const calls = find(sourceFiles('src'), ts.isCallExpression).filter(
    ({ expression }) => expression.getText() === 'checkOptions',
  );
  const checked = calls.flatMap(({ arguments: [name] }) => (ts.isStringLiteral(name) ? [name.text] : []));
  expect(checked.length).toBeGreaterThan(8);
  expect(CATALOGUE.map(({ name }) => name)).toEqual(expect.arrayContaining(checked));
});

test.each(made.map((entry) => [entry.name, entry] as const))('%s() is as it is listed', (name, entry) => {
  expect(entry.says).not.toBe('');
  const needed = entry.options.filter((option) => !isDeclared(option) || option.default === undefined);
  const given = Object.fromEntries(needed.map((option) => [option.name, anyValueOf(option)]));
  const make = (gatelet as unknown as Record<string, (options: object) => Record<string, unknown>>)[name];
  const thing = make(given);
  expect(thing[MARKS[entry.kind as keyof typeof MARKS]]).toBeTypeOf('function');
  const listed = entry.options.map((option) => [
    option.name,
    option.name in given ? given[option.name] : (option as Declared).default,
  ]);
  expect(thing.options).toEqual(Object.fromEntries(listed));
});

test('every option has a line, and a comment that names its default', () => {
  const silent = CATALOGUE.flatMap(({ name, options }) =>
    options.filter(({ says }) => says === '').map((option) => `${name} ${option.name}`),
  );
  expect(silent).toEqual([]);
  // What train() and createModel() check has its comments in their interfaces.
  const isPublic = (node: ts.Node): boolean =>
    ts.isVariableDeclaration(node)
      ? /Options$/.test(node.name.getText())
      : !!node.parent && isPublic(node.parent);
  const isDeclaration = (node: ts.Node): node is ts.PropertyAssignment =>
    ts.isPropertyAssignment(node) &&
    /^\{ is: .*default: /s.test(node.initializer.getText()) &&
    isPublic(node);
  const declarations = find(sourceFiles('src'), isDeclaration);
  expect(declarations.length).toBeGreaterThan(8);
  for (const node of declarations) {
    const [, said] = node.getFullText().match(/Default ([^ ]+)\.\s*\*\//) ?? [];
    const [, value] = node.initializer.getText().match(/default: (.+?),?\s*\}$/s)!;
    const isSame = said === value.replace(/'/g, '') || Number(said) === Number(value.replace(/_/g, ''));
    expect(isSame || (value === 'null' && said === 'none'), node.getFullText()).toBe(true);
  }
});
