/**
 * Mixing over the graph of a text, in which each node has an edge to itself:
 *   d_u = 1 + Σ_v A_uv      Â = D^(−½)·(A + I)·D^(−½)
 * Of a window the nodes are the text's distinct words, and A_uv is how often u and v stand at most `window` places apart. A
 * node's features are the mean over the places of its word; all these places receive the node's result.
 * Of given edges the nodes are the places, and A_uv is 1 where there is an edge.
 * Source  Kipf & Welling 2017; a text as a graph of its words: Yao et al. 2019, Huang et al. 2019; of its dependencies:
 *         Marcheggiani & Titov 2017
 */
import { addScaled, setScaled, stride } from '../simd';

/** Floats of scratch that graphMix needs for texts of at most T words and C features. */
export function graphScratch(T: i32, C: i32): i32 {
  return 5 * stride(T) + 2 * stride(T) * stride(C);
}

/**
 *   y = S·Â·M·x, M the mean over a word's places, S its result for each of them; with `back` the transpose,
 *   Mᵀ·Â·Sᵀ, which takes dY to dX
 * Writes  y [N,C8]
 * Reads   x [N,C8] · index [N], equal for equal words, below U · steps [T] · lengths [B]
 * Error   ≤ 4e-7 of the largest element (measured)
 * Cost    2·N·C8·(window + 2) additions
 */
export function graphMix(
  y: usize, x: usize, index: usize, steps: usize, lengths: usize, scratch: usize,
  B: i32, U: i32, C: i32, window: i32, back: i32,
): void {
  const C8 = stride(C);
  const row = <usize>C8 << 2;
  const nodeOf = scratch; // of each word of the batch; −1: not in this text
  memory.fill(nodeOf, 0xff, <usize>U << 2);
  for (let b = 0; b < B; b++) {
    const L = load<i32>(lengths + (<usize>b << 2));
    const places = nodeOf + (<usize>U << 2); // the packed row of each place
    const nodes = places + (<usize>L << 2); // the node of each place
    const counts = nodes + (<usize>L << 2); // places of each node
    const degrees = counts + (<usize>L << 2);
    const features = degrees + (<usize>L << 2);
    const results = features + <usize>L * row;
    memory.fill(counts, 0, 2 * (<usize>L << 2));
    let K = 0;
    for (let t = 0, n = b; t < L; n += load<i32>(steps + (<usize>t << 2)), t++) {
      const word = nodeOf + (<usize>load<i32>(index + (<usize>n << 2)) << 2);
      if (load<i32>(word) < 0) store<i32>(word, K++);
      const node = load<i32>(word);
      store<i32>(places + (<usize>t << 2), n);
      store<i32>(nodes + (<usize>t << 2), node);
      increase(counts + (<usize>node << 2), 1);
      increase(degrees + (<usize>node << 2), <f32>(min(t, window) + min(L - 1 - t, window)));
    }
    memory.fill(features, 0, <usize>K * row);
    for (let t = 0; t < L; t++) {
      const node = at(nodes, t);
      addScaled(features + <usize>node * row, x + <usize>at(places, t) * row, C8, share(counts, degrees, node, !back));
    }
    memory.copy(results, features, <usize>K * row);
    for (let t = 0; t < L; t++) {
      const to = results + <usize>at(nodes, t) * row;
      for (let s = max(0, t - window), last = min(L - 1, t + window); s <= last; s++) {
        if (s != t) addScaled(to, features + <usize>at(nodes, s) * row, C8, 1);
      }
    }
    for (let t = 0; t < L; t++) {
      const node = at(nodes, t);
      const to = y + <usize>at(places, t) * row;
      memory.fill(to, 0, row);
      addScaled(to, results + <usize>node * row, C8, share(counts, degrees, node, back != 0));
      store<i32>(nodeOf + (<usize>load<i32>(index + (<usize>at(places, t) << 2)) << 2), -1);
    }
  }
}

/**
 *   y = Â·x over given edges; Â is its own transpose, so the same call takes dY to dX
 * Writes  y [N,C8]
 * Reads   x [N,C8] · edgeStart [N+1] · edgeEnds: row n has edges to the rows edgeEnds[edgeStart[n], edgeStart[n+1])
 * Error   ≤ 2e-7 of the largest element (measured)
 * Cost    C8·(3·N + 4·edges) flop
 */
export function edgeMix(
  y: usize, x: usize, edgeStart: usize, edgeEnds: usize,
  N: i32, C: i32,
): void {
  const C8 = stride(C);
  const row = <usize>C8 << 2;
  for (let n = 0; n < N; n++) {
    const to = y + <usize>n * row;
    const own = root(edgeStart, n);
    memory.fill(to, 0, row);
    addScaled(to, x + <usize>n * row, C8, own);
    for (let k = at(edgeStart, n), end = at(edgeStart, n + 1); k < end; k++) {
      const m = at(edgeEnds, k);
      addScaled(to, x + <usize>m * row, C8, root(edgeStart, m));
    }
    setScaled(to, to, C8, own);
  }
}

/** 1/√d of a row with given edges. */
@inline function root(edgeStart: usize, n: i32): f32 {
  return <f32>1 / sqrt<f32>(1 + <f32>(at(edgeStart, n + 1) - at(edgeStart, n)));
}

/** 1/√d, and for a mean by the number of places, too. */
@inline function share(counts: usize, degrees: usize, node: i32, isMean: bool): f32 {
  const root = <f32>1 / sqrt<f32>(1 + load<f32>(degrees + (<usize>node << 2)));
  return isMean ? root / load<f32>(counts + (<usize>node << 2)) : root;
}

@inline function at(integers: usize, k: i32): i32 {
  return load<i32>(integers + (<usize>k << 2));
}

@inline function increase(to: usize, value: f32): void {
  store<f32>(to, load<f32>(to) + value);
}
