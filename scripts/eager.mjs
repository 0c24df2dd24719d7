// V8 compiles a function in parentheses together with the file that has it; any other it reads twice, and compiles at its first
// call, for which a first answer would wait.
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';

/** Puts the functions of a bundle in parentheses, all but methods, which cannot be. */
export function compileWithFile(path) {
  const text = readFileSync(path, 'utf8');
  const insertions = [];
  const insert = (at, what) => void insertions.push({ at, what });
  const visit = (node) => {
    const isDeclared = ts.isFunctionDeclaration(node) && ts.isSourceFile(node.parent);
    const isFunction = isDeclared || ts.isArrowFunction(node) || ts.isFunctionExpression(node);
    if (isFunction) insert(node.getStart(), isDeclared ? `var ${node.name.text} = (` : '(');
    ts.forEachChild(node, visit);
    if (isFunction) insert(node.end, isDeclared ? ');' : ')');
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true));
  insertions.sort((a, b) => a.at - b.at);
  const pieces = insertions.map(({ at, what }, i) => text.slice(insertions[i - 1]?.at ?? 0, at) + what);
  writeFileSync(path, pieces.join('') + text.slice(insertions.at(-1).at));
}
