import type { Edges } from '../../src/data/edges.ts';
import { stepsOf } from './packed.ts';

/** Of each packed row of sequences, longest first, the packed rows that it has edges to, in the order of the text. */
export function packEdges(lengths: readonly number[], edges: readonly Edges[]): number[][] {
  const steps = stepsOf([...lengths]);
  const rowOf = (b: number, t: number) => steps.slice(0, t).reduce((sum, alive) => sum + alive, 0) + b;
  const hasEdge = (b: number, t: number, s: number) =>
    t !== s && edges[b].some((edge) => edge.includes(t) && edge.includes(s));
  return steps.flatMap((alive, t) =>
    Array.from({ length: alive }, (_, b) =>
      Array.from({ length: lengths[b] }, (_, s) => s)
        .filter((s) => hasEdge(b, t, s))
        .map((s) => rowOf(b, s)),
    ),
  );
}

/** Edges that spell a window. */
export const windowEdges = (length: number, window: number): number[][] =>
  Array.from({ length }, (_, t) => t).flatMap((t) =>
    Array.from({ length: window }, (_, k) => [t, t + k + 1]).filter(([, s]) => s < length),
  );
