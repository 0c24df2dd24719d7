import type { LstmParameters, LstmState } from '../reference/lstm.ts';
import { type Arena, stride } from './arena.ts';
import { stepsOf } from './packed.ts';
import type { QuantisedWeights } from './quantised.ts';

/** Rows of the table whose projection is kept. */
const KEPT = 5;

export interface LstmPrediction {
  /** Of each sequence, longest first. */
  lengths: number[];
  parameters: LstmParameters;
  /** Weights that are int8; `parameters` are then what they stand for. */
  quantised?: { weightIH: QuantisedWeights; weightHH: QuantisedWeights } | undefined;
  /** Rows of x [rows,D], dense; with `index` they are distinct. */
  x: ArrayLike<number>;
  index?: number[] | undefined;
  reverse?: boolean | undefined;
  /** State before the first step of each sequence, as of a stream. */
  initial?: LstmState[] | undefined;
}

/** One direction of the LSTM's kernels for predictions: h of each packed row, and the last states. */
export function predictLstm(arena: Arena, prediction: LstmPrediction) {
  const { lengths, parameters, quantised, x, index, reverse, initial } = prediction;
  const { kernels } = arena;
  const D = parameters.weightIH[0].length;
  const H = parameters.weightHH[0].length;
  const [B, T] = [lengths.length, lengths[0]];
  const N = lengths.reduce((sum, length) => sum + length, 0);
  const rows = x.length / D;
  const width = 4 * stride(H);
  const state = (name: 'h' | 'c') =>
    arena.putMatrix(
      B,
      H,
      initial?.flatMap((of) => of[name]),
    );
  const h = arena.putMatrix(N, H);
  const c = state('c');
  const h0 = initial ? state('h') : 0;
  const z = arena.putFloats(B * width);
  const projected = arena.putFloats(rows * width);
  const biasRow = arena.putFloats(width);
  const bias = arena.putFloats(parameters.bias);
  const panels = (C: number) =>
    quantised ? arena.putBytes((width / 8) * kernels.quantisedPanelBytes(C)) : arena.putFloats(width * C);
  const [panelsIH, panelsHH] = [panels(D), panels(H)];
  const xPtr = arena.putMatrix(rows, D, x);
  const sizes = [T, B, H, Number(reverse ?? false)] as const;
  const kept = arena.putFloats(KEPT * width);
  const known = arena.putInts(KEPT);
  kernels.lstmPredictForget(known, KEPT);
  kernels.gatesRow(biasRow, bias, H, 4);
  for (const [panels, matrix, of, C] of [
    [panelsIH, parameters.weightIH, quantised?.weightIH, D],
    [panelsHH, parameters.weightHH, quantised?.weightHH, H],
  ] as const) {
    if (of) kernels.gatesPackQuantised(panels, ...of.pointers, C, H, 4);
    else kernels.gatesPack(panels, arena.putFloats(matrix.flat()), C, H, 4);
  }
  const q = quantised ? arena.putFloats(kernels.matmulQuantisedScratch(H)) : 0;
  const weights = [panelsIH, biasRow] as const;
  const home = index ? arena.putInts(rows) : 0;
  if (index) {
    // Token u shows row 2u of a table, but the first, which shows two rows.
    const starts = arena.putInts(Array.from({ length: rows + 1 }, (_, u) => (u === 0 ? 0 : u + 1)));
    const ids = arena.putInts([0, 1, ...Array.from({ length: rows - 1 }, (_, u) => 2 * (u + 1))]);
    const scratch = arena.putFloats(kernels.lstmPredictScratch(D));
    const sizes = [rows, KEPT, D, H, Number(quantised !== undefined)] as const;
    const into = [home, kept, known, projected] as const;
    kernels.lstmPredictDistinct(...into, xPtr, starts, ids, ...weights, scratch, ...sizes);
    // Of rows that are known, x is not read again.
    if (rows > 1) arena.poison(xPtr + 4 * stride(D), D);
    kernels.lstmPredictDistinct(...into, xPtr, starts, ids, ...weights, scratch, ...sizes);
  } else {
    const scratch = quantised ? arena.putFloats(kernels.matmulQuantisedScratch(D)) : 0;
    kernels.lstmPredictProject(projected, xPtr, ...weights, scratch, rows, D, H);
  }
  const inputs = [
    projected,
    home,
    index ? arena.putInts(index) : 0,
    arena.putInts(stepsOf(lengths)),
  ] as const;
  kernels.lstmPredict(h, c, h0, z, q, ...inputs, panelsHH, ...sizes);
  return {
    h: arena.takeMatrix(h, N, H),
    c: arena.takeMatrix(c, B, H),
    hLast: h0 ? arena.takeMatrix(h0, B, H) : undefined,
  };
}
