/**
 * A linear-chain CRF by its definition, in float64: every way to tag a sequence is listed, scored, and weighed by its
 * probability. Nothing is recursive, so sequences must be short.
 */
import type { Matrix, Vector } from './lstm.ts';

export interface CrfParameters {
  transitions: Matrix; // [from][to]
  start: Vector;
  end: Vector;
}

export interface CrfResult {
  loss: number; // −ln p(tags)
  dLogits: Matrix;
  gradient: CrfParameters;
  marginals: Matrix; // [t][k]
  best: number[];
}

/** Every list of `length` numbers below K. */
function pathsOf(K: number, length: number): number[][] {
  if (length === 0) return [[]];
  return pathsOf(K, length - 1).flatMap((path) => Array.from({ length: K }, (_, k) => [...path, k]));
}

/** One sequence: logits [T][K], its true tags [T]. */
export function crf(logits: Matrix, tags: number[], { transitions, start, end }: CrfParameters): CrfResult {
  const K = start.length;
  const last = logits.length - 1;
  const score = (path: number[]) =>
    path.reduce((sum, k, t) => sum + logits[t][k] + (t > 0 ? transitions[path[t - 1]][k] : 0), 0) +
    start[path[0]] +
    end[path[last]];

  const paths = pathsOf(K, logits.length);
  const scores = paths.map(score);
  const most = scores.reduce((a, b) => Math.max(a, b));
  const sum = scores.reduce((total, one) => total + Math.exp(one - most), 0);

  const marginals = logits.map(() => start.map(() => 0));
  const gradient = {
    transitions: transitions.map((row) => row.map(() => 0)),
    start: start.map(() => 0),
    end: end.map(() => 0),
  };
  const count = (path: number[], weight: number) => {
    path.forEach((k, t) => {
      if (t > 0) gradient.transitions[path[t - 1]][k] += weight;
    });
    gradient.start[path[0]] += weight;
    gradient.end[path[last]] += weight;
  };
  paths.forEach((path, i) => {
    const p = Math.exp(scores[i] - most) / sum;
    count(path, p);
    path.forEach((k, t) => {
      marginals[t][k] += p;
    });
  });
  count(tags, -1);
  const dLogits = marginals.map((row, t) => row.map((p, k) => p - (tags[t] === k ? 1 : 0)));
  const loss = Math.log(sum) + most - score(tags);
  return { loss, dLogits, gradient, marginals, best: paths[scores.indexOf(most)] };
}
