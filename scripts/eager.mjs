// Functions in parentheses are compiled together with the file that has them, and not each at its first call, for which V8
// would read it once more: so a first answer does not wait for its compiler.
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';

/** Puts every function of a bundle in parentheses, but for methods, which cannot be. */
export function compileWithFile(path) {
  const text = readFileSync(path, 'utf8');
  const insertions = [];
  const put = (at, what) => void insertions.push([at, what]);
  const visit = (node) => {
    if (ts.isFunctionDeclaration(node) && ts.isSourceFile(node.parent)) {
      put(node.getStart(), `var ${node.name.text} = (`);
      ts.forEachChild(node, visit);
      return put(node.end, ');');
    }
    const isFunction = ts.isArrowFunction(node) || ts.isFunctionExpression(node);
    if (isFunction) put(node.getStart(), '(');
    ts.forEachChild(node, visit);
    if (isFunction) put(node.end, ')');
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true));
  const pieces = insertions
    .sort(([a], [b]) => a - b)
    .map(([at, what], i) => text.slice(insertions[i - 1]?.[0] ?? 0, at) + what);
  writeFileSync(path, pieces.join('') + text.slice(insertions.at(-1)?.[0] ?? 0));
}
