/**
 * Multi-head self-attention of one sequence after another in float64, from rows q | k | v (3C numbers): with
 * d = C/heads, head h of word t answers  Σ_s P_ts·v_s,  P_t = softmax over s of q_t·k_s / √d.
 */
import type { Matrix, Vector } from './lstm.ts';

const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, k) => sum + value * b[k], 0);

export const softmax = (scores: Vector): Vector => {
  const most = Math.max(...scores);
  const e = scores.map((score) => Math.exp(score - most));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / sum);
};

/** Gradient of the scores, given the probabilities and their gradients. */
export const softmaxBackward = (p: Vector, dP: Vector): Vector => {
  const mean = dot(p, dP);
  return p.map((value, k) => value * (dP[k] - mean));
};

/** The three parts of head h: each [L,d]. */
const partsOf = (qkv: Matrix, heads: number, h: number): [q: Matrix, k: Matrix, v: Matrix] => {
  const C = qkv[0].length / 3;
  const d = C / heads;
  const part = (p: number) => qkv.map((row) => row.slice(p * C + h * d, p * C + (h + 1) * d));
  return [part(0), part(1), part(2)];
};

/** [heads][query][key] of one sequence. */
export const attentionWeights = (qkv: Matrix, heads: number): Matrix[] =>
  Array.from({ length: heads }, (_, h) => {
    const [q, k] = partsOf(qkv, heads, h);
    return q.map((query) => softmax(k.map((key) => dot(query, key) / Math.sqrt(query.length))));
  });

/** What all queries of a sequence q | k ask of each word in the mean: [L][heads]. */
export const attentionMeanForward = (qk: Matrix[], heads: number): Matrix[] =>
  qk.map((sequence) => {
    const weights = weightsOf(sequence, heads);
    return sequence.map((_, s) => weights.map((P) => P.reduce((sum, row) => sum + row[s] / P.length, 0)));
  });

export const attentionMeanBackward = (qk: Matrix[], dWeights: Matrix[], heads: number): Matrix[] =>
  qk.map((sequence, b) => {
    const C = sequence[0].length / 2;
    const d = C / heads;
    const gradient = sequence.map((row) => row.map(() => 0));
    weightsOf(sequence, heads).forEach((P, h) => {
      const dP = dWeights[b].map((row) => row[h] / P.length);
      P.forEach((row, t) => {
        softmaxBackward(row, dP).forEach((dScore, s) => {
          for (let j = h * d; j < (h + 1) * d; j++) {
            gradient[t][j] += (dScore * sequence[s][C + j]) / Math.sqrt(d);
            gradient[s][C + j] += (dScore * sequence[t][j]) / Math.sqrt(d);
          }
        });
      });
    });
    return gradient;
  });

/** [heads][query][key] of rows q | k. */
const weightsOf = (qk: Matrix, heads: number): Matrix[] => {
  const C = qk[0].length / 2;
  return attentionWeights(
    qk.map((row) => [...row, ...new Array<number>(C).fill(0)]),
    heads,
  );
};

export const attentionForward = (qkv: Matrix[], heads: number): Matrix[] =>
  qkv.map((sequence) => {
    const weights = attentionWeights(sequence, heads);
    return sequence.map((_, t) =>
      weights.flatMap((P, h) => {
        const [, , v] = partsOf(sequence, heads, h);
        return v[0].map((_, j) => P[t].reduce((sum, p, s) => sum + p * v[s][j], 0));
      }),
    );
  });

export const attentionBackward = (qkv: Matrix[], dO: Matrix[], heads: number): Matrix[] =>
  qkv.map((sequence, b) => {
    const C = sequence[0].length / 3;
    const d = C / heads;
    const gradient = sequence.map((row) => row.map(() => 0));
    attentionWeights(sequence, heads).forEach((P, h) => {
      const [q, k, v] = partsOf(sequence, heads, h);
      sequence.forEach((_, t) => {
        const dOut = dO[b][t].slice(h * d, (h + 1) * d);
        const dP = v.map((value) => dot(value, dOut));
        softmaxBackward(P[t], dP).forEach((dScore, s) => {
          for (let j = 0; j < d; j++) {
            gradient[t][h * d + j] += (dScore * k[s][j]) / Math.sqrt(d);
            gradient[s][C + h * d + j] += (dScore * q[t][j]) / Math.sqrt(d);
            gradient[s][2 * C + h * d + j] += P[t][s] * dOut[j];
          }
        });
      });
    });
    return gradient;
  });
