// Functions of a module that resemble each other, side by side: gzip finds what repeats the cheaper the nearer it lies.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const bin = join(dirname(createRequire(import.meta.url).resolve('binaryen/package.json')), 'bin');
/** Lines of text that count as one when functions are compared. */
const LINES = 2;

/** Writes the module anew, each function followed by the one that is most like it, by way of its text. */
export function orderFunctions(wasmFile) {
  const textFile = `${wasmFile}.wat`;
  binaryen('wasm-dis', wasmFile, textFile);
  const text = readFileSync(textFile, 'utf8');
  const start = text.indexOf('\n (func ');
  const end = text.lastIndexOf('\n)');
  const functions = text.slice(start, end).split(/(?=\n \(func )/);
  writeFileSync(textFile, text.slice(0, start) + chain(functions).join('') + text.slice(end));
  binaryen('wasm-as', textFile, wasmFile);
  rmSync(textFile);
}

const binaryen = (tool, from, to) =>
  execFileSync(process.execPath, [join(bin, tool), from, '-o', to, '--all-features']);

function chain(functions) {
  const left = new Map(functions.map((text) => [text, pieces(text)]));
  const chained = [];
  for (let next = functions[0]; next; ) {
    const own = left.get(next);
    left.delete(next);
    chained.push(next);
    next = nearest(own, left);
  }
  return chained;
}

/** The text whose pieces are most like these; none of none. */
function nearest(own, left) {
  let best;
  let most = -1;
  for (const [text, others] of left) {
    const likeness = jaccard(own, others);
    if (likeness > most) [best, most] = [text, likeness];
  }
  return best;
}

/** Every few lines of a function that follow each other, where they are more than a bracket. */
function pieces(text) {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== ')')
    .slice(2);
  return new Set(lines.map((_, i) => lines.slice(i, i + LINES).join()));
}

function jaccard(a, b) {
  let common = 0;
  for (const piece of a) if (b.has(piece)) common++;
  return common / (a.size + b.size - common);
}
