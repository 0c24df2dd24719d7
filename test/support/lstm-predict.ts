import type { LstmParameters, LstmState } from '../reference/lstm.ts';
import { type Arena, stride } from './arena.ts';
import { stepsOf } from './packed.ts';
import type { QuantisedWeights } from './quantised.ts';

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
  const z = arena.putFloats(B * 32);
  const projected = arena.putFloats(rows * width);
  const biasRow = arena.putFloats(width);
  const bias = arena.putFloats(parameters.bias);
  const panels = (C: number) =>
    quantised ? arena.putBytes((width / 8) * kernels.quantisedPanelBytes(C)) : arena.putFloats(width * C);
  const [panelsIH, panelsHH] = [panels(D), panels(H)];
  const xPtr = arena.putMatrix(rows, D, x);
  const inputs = [projected, index ? arena.putInts(index) : 0, arena.putInts(stepsOf(lengths))] as const;
  const sizes = [T, B, H, Number(reverse ?? false)] as const;
  if (quantised) {
    const weights = [...quantised.weightIH.pointers, ...quantised.weightHH.pointers] as const;
    const scratch = arena.putFloats(kernels.matmulQuantisedScratch(D));
    const q = arena.putBytes(B * kernels.quantisedRowBytes(H));
    kernels.lstmPredictPackQuantised(panelsIH, panelsHH, biasRow, ...weights, bias, D, H);
    kernels.lstmPredictProjectQuantised(projected, xPtr, panelsIH, biasRow, scratch, rows, D, H);
    kernels.lstmPredictQuantised(h, c, h0, z, q, ...inputs, panelsHH, ...sizes);
  } else {
    const [weightIH, weightHH] = [parameters.weightIH, parameters.weightHH].map((matrix) =>
      arena.putFloats(matrix.flat()),
    );
    kernels.lstmPredictPack(panelsIH, panelsHH, biasRow, weightIH, weightHH, bias, D, H);
    kernels.lstmPredictProject(projected, xPtr, panelsIH, biasRow, rows, D, H);
    kernels.lstmPredict(h, c, h0, z, ...inputs, panelsHH, ...sizes);
  }
  return {
    h: arena.takeMatrix(h, N, H),
    c: arena.takeMatrix(c, B, H),
    hLast: h0 ? arena.takeMatrix(h0, B, H) : undefined,
  };
}
