import type { Argument, Block, KernelCall } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import { at, call } from './layer.ts';
import { type Direction, nextStream, type Weights } from './recurrent.ts';

/** What a recurrent layer may be told against overfitting; it acts in training. */
export const recurrentDropoutOptions = {
  /** Share of the state that no product sees, the same numbers at all steps of a text (Gal & Ghahramani 2016). Default 0. */
  recurrentDropout: { is: 'share', default: 0 },
  /** Share of the recurrent weights that are zero throughout a step of training (Merity et al. 2018). Default 0. */
  weightDrop: { is: 'share', default: 0 },
  /** Probability that a number of the state stays what it was a word before (Krueger et al. 2017). Default 0. */
  zoneout: { is: 'share', default: 0 },
} as const;

/** The same of a cell that has a candidate. */
export const candidateDropoutOptions = {
  ...recurrentDropoutOptions,
  /** Share of the candidate that is zero, drawn anew for each word (Semeniuta et al. 2016). Default 0. */
  candidateDropout: { is: 'share', default: 0 },
} as const;

/** Zeros with that probability, 1 / (1 − rate) elsewhere; 0, which stands for ones, where nothing is dropped. */
export function dropMask(direction: Direction, name: string, rows: 'B' | 'N', columns: number, rate: number) {
  return mask(direction, name, rows, columns, rate, 0, 1 / (1 - rate));
}

/** Ones with that probability, zeros elsewhere; 0 where nothing stays or its expectation is to be taken. */
export function keepMask(direction: Direction, name: string, columns: number, rate: number) {
  return mask(direction, name, 'N', columns, rate, 1, 0);
}

function mask(
  direction: Direction,
  name: string,
  rows: 'B' | 'N',
  columns: number,
  rate: number,
  hit: number,
  miss: number,
): Block | 0 {
  const { context } = direction;
  if (context.mode !== 'train' || rate === 0) return 0;
  const block = context.matrix(name, rows, columns);
  const count = { dimension: rows, times: stride(columns) };
  context.forward('drawMask', block, count, rate, hit, miss, context.seed, nextStream(direction), 'step');
  return block;
}

/** Recurrent weights as a cell reads them, and where their gradient goes. */
export interface RecurrentWeights {
  readonly weights: Weights;
  /** Where products add the gradient, at a row of the matrix. */
  gradientFrom(row: number): Argument;
  /** Calls that follow them. */
  readonly finish: readonly KernelCall[];
}

/** The recurrent weight matrix, in training without a random share of its weights. */
export function recurrentWeights(direction: Direction, weightDrop: number): RecurrentWeights {
  const { context } = direction;
  const weights = context.parameter('weightHH');
  const { value, gradient, shape, size } = weights;
  const from = (block: Block) => (row: number) => at(block, row * shape[1] * 4);
  if (context.mode !== 'train' || weightDrop === 0) {
    return { weights, gradientFrom: from(gradient!), finish: [] };
  }
  const dropped = context.floats('weightHH.dropped', stride(size));
  const dDropped = context.floats('weightHH.dDropped', stride(size));
  const draw = [size, weightDrop, context.seed, nextStream(direction), 'step'] as const;
  context.prepare('weightDropForward', dropped, dDropped, value, ...draw);
  return {
    weights: { value: dropped },
    gradientFrom: from(dDropped),
    finish: [call('weightDropBackward', gradient!, dDropped, ...draw)],
  };
}
