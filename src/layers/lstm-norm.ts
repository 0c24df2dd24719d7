import type { Block, KernelCall } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import { call, constant, type ParameterSpec } from './layer.ts';
import type { Direction } from './recurrent.ts';

/** Added to each variance, which may be zero: layerNorm()'s and PyTorch's default. */
export const EPSILON = 1e-5;

/** How an LSTM is normalised inside. */
export type LstmNorm = 'none' | 'layer';

/** Gains of one direction: γ of W_ih·x and of W_hh·h, γ and β of the c that tanh sees. The one bias serves both products. */
export function normParameters(H: number, norm: LstmNorm): ParameterSpec[] {
  if (norm === 'none') return [];
  const gain = (name: string, count: number) => ({ name, shape: [count], initial: [constant(count, 1)] });
  return [
    gain('gammaIH', 4 * H),
    gain('gammaHH', 4 * H),
    gain('gammaC', H),
    { name: 'betaC', shape: [H], initial: [constant(H, 0)] },
  ];
}

/** What the input projects to, normalised, and calls that take the gradient of it back to the product itself. */
export interface NormalInput {
  readonly projected: Block;
  undo(gradient: Block): readonly KernelCall[];
}

/** Plans the normalisation of what the input projects to. */
export function normaliseInput(direction: Direction, raw: Block, H: number, norm: LstmNorm): NormalInput {
  if (norm === 'none') return { projected: raw, undo: () => [] };
  const { context, dH, x } = direction;
  const width = 4 * stride(H);
  const projected = dH ? direction.matrix('normalInput', x.rows, width) : raw;
  const inverse = direction.matrix('inverse', x.rows, 1);
  const gain = direction.row('gammaIH', 4, H);
  context.forward('gatesNormForward', projected, raw, inverse, gain, x.rows, H, 4, EPSILON);
  return {
    projected,
    undo(gradient) {
      const dGain = direction.floats('dGammaIH', width);
      return [
        call('gatesNormBackward', gradient, dGain, raw, inverse, gain, x.rows, H, 4),
        call('gatesBiasGradient', direction.parameter('gammaIH').gradient!, dGain, 1, H, 4),
      ];
    },
  };
}

/** What the kernels of a normalised cell need; zeros where there is no normalisation inside the recurrence. */
export interface NormalCell {
  /** [6·H8] */
  readonly gains: Block | 0;
  /** A row for each packed row. */
  readonly normal: Block | 0;
  readonly normalWidth: number;
}

/** Reserves what the normalisation inside the recurrence needs. */
export function normaliseCell(direction: Direction, H: number, norm: LstmNorm): NormalCell {
  const H8 = stride(H);
  const normalWidth = 5 * H8 + 8;
  if (norm === 'none') return { gains: 0, normal: 0, normalWidth };
  const gains = direction.floats('gains', 6 * H8);
  const put = (name: string, at: number, G: number) => {
    const row = { block: gains, offset: at * H8 * 4 };
    direction.context.prepare('gatesRow', row, direction.parameter(name).value, H, G);
  };
  put('gammaHH', 0, 4);
  put('gammaC', 4, 1);
  put('betaC', 5, 1);
  return { gains, normal: direction.matrix('normal', 'N', normalWidth), normalWidth };
}

/** Calls that add the gradients of the gains, which lie as the gains do, to those of their parameters. */
export function gainGradients(direction: Direction, dGains: Block | 0, H: number): KernelCall[] {
  if (dGains === 0) return [];
  const add = (name: string, at: number, G: number) => {
    const from = { block: dGains, offset: at * stride(H) * 4 };
    return call('gatesBiasGradient', direction.parameter(name).gradient!, from, 1, H, G);
  };
  return [add('gammaHH', 0, 4), add('gammaC', 4, 1), add('betaC', 5, 1)];
}
