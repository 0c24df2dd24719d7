import { distinctEdges, type Edges } from '../data/edges.ts';
import { DataError, show } from '../runtime/errors.ts';
import type { ModelConfig } from './config.ts';
import { edgesOf } from './network-plan.ts';

/** @throws DataError when there is no list of edges */
export function edgesIn(edges: unknown, where: string): Edges {
  if (Array.isArray(edges)) return edges;
  throw new DataError(`${where} has no edges`, {
    expected: 'a list of pairs of places, such as [[0, 1]], beside words',
    got: show(edges),
    cause: "graphConvolution({ edges: 'given' }) mixes over them; a text without any has [].",
  });
}

/**
 * @param length of the row, in words
 * @throws DataError when edges are no pairs of places of the row, or more than the model takes
 */
export function checkEdges(
  { layers, maxLength }: ModelConfig,
  edges: Edges,
  length: number,
  where: string,
): void {
  const isPlace = (place: unknown) => Number.isInteger(place) && Number(place) >= 0 && Number(place) < length;
  const odd = edges.findIndex((edge) => !Array.isArray(edge) || edge.length !== 2 || !edge.every(isPlace));
  if (odd >= 0) {
    throw new DataError(`${where}, edge ${odd + 1}`, {
      expected: `two places from 0 to ${length - 1}`,
      got: show(edges[odd]),
    });
  }
  const most = edgesOf(layers);
  const read = Math.min(length, maxLength);
  if (edges.length <= most * read) return; // so are the distinct ones
  const count = distinctEdges(edges, read).length;
  if (count <= most * read) return;
  throw new DataError(`${where} has ${count} edges`, {
    expected: `at most ${most * read}, ${most} for each of ${read} words`,
    cause: 'Leave some out, or give graphConvolution() a larger maxEdges.',
  });
}
