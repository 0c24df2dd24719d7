import type { Block, KernelCall } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import { at, call, filled, type ParameterSpec } from './layer.ts';
import { type Direction, gateRow } from './recurrent.ts';

/** Added to each variance, which may be zero: layerNorm()'s, batchNorm()'s and PyTorch's default. */
export const EPSILON = 1e-5;

/** How far a step moves running statistics towards those of its batch: batchNorm()'s default. */
export const MOMENTUM = 0.1;

/** How an LSTM may be normalised inside. */
export const LSTM_NORMS = ['none', 'layer', 'input', 'batch'] as const;
export type LstmNorm = (typeof LSTM_NORMS)[number];

/**
 * Gains of one direction: γ of W_ih·x; but for norm `input` of W_hh·h, too, and γ and β of the c that tanh sees. The one
 * bias serves both products. Batch norms have running statistics of W_ih·x.
 */
export function normParameters(H: number, norm: LstmNorm): ParameterSpec[] {
  if (norm === 'none') return [];
  // 0.1 keeps tanh where it has a slope: Cooijmans et al. 2016. Of W_hh·h it does so with layer norm, too, where Ba et al.
  // have 1: from there gradients grow step by step, and of 120 words nothing was learnt (docs/techniques.md has 0.1).
  const ofState = 0.1;
  const initial = norm === 'batch' ? ofState : 1;
  const statistic = { momentum: MOMENTUM };
  const ofInput = [filled('gammaIH', [4 * H], initial)];
  if (norm !== 'layer') {
    ofInput.push(
      { ...filled('meanIH', [4 * H]), statistic },
      { ...filled('varianceIH', [4 * H], 1), statistic },
    );
  }
  if (norm === 'input') return ofInput;
  return [
    ...ofInput,
    filled('gammaHH', [4 * H], ofState),
    filled('gammaC', [H], initial),
    filled('betaC', [H]),
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
  return norm === 'layer' ? byRows(direction, raw, H) : byColumns(direction, raw, H);
}

function byRows(direction: Direction, raw: Block, H: number): NormalInput {
  const { context, dH, x } = direction;
  const width = 4 * stride(H);
  const projected = dH ? context.matrix('normalInput', x.rows, width) : raw;
  const inverse = context.matrix('inverse', x.rows, 1);
  const gain = gateRow(direction, 'gammaIH', 4, H);
  context.forward('gatesNormForward', projected, raw, inverse, gain, x.rows, H, 4, EPSILON);
  return {
    projected,
    undo(gradient) {
      const dGain = context.floats('dGammaIH', width);
      return [
        call('gatesNormBackward', gradient, dGain, raw, inverse, gain, x.rows, H, 4),
        call('gatesBiasGradient', context.parameter('gammaIH').gradient!, dGain, 1, H, 4),
      ];
    },
  };
}

function byColumns(direction: Direction, raw: Block, H: number): NormalInput {
  const { context, dH, x } = direction;
  const width = 4 * stride(H);
  const table = context.floats('inputTable', 3 * width);
  if (!dH) {
    const [gamma, mean, variance] = ['gammaIH', 'meanIH', 'varianceIH'].map(context.parameter);
    context.prepare('gatesBatchPrepare', table, gamma.value, mean.value, variance.value, H, 4, EPSILON);
    context.forward('batchNormForward', raw, raw, table, x.rows, width);
    return { projected: raw, undo: () => [] };
  }
  const projected = context.matrix('normalInput', x.rows, width);
  const gain = gateRow(direction, 'gammaIH', 4, H);
  const running = gateRow(direction, 'varianceIH', 4, H);
  const sizes = ['N', x.rows, width] as const;
  context.forward('gatesBatchForward', projected, raw, table, x.index ?? 0, gain, ...sizes, EPSILON);
  return {
    projected,
    undo(gradient) {
      const dGain = context.floats('dGammaIH', width);
      const own = context.floats('ownIH', 2 * width);
      const inputs = [raw, table, x.index ?? 0, gain, running] as const;
      const add = (name: string, from: Block, offset: number) =>
        call('gatesBiasGradient', context.parameter(name).gradient!, at(from, offset), 1, H, 4);
      return [
        call('gatesBatchBackward', gradient, dGain, own, ...inputs, ...sizes, 'shareN'),
        add('gammaIH', dGain, 0),
        add('meanIH', own, 0),
        add('varianceIH', own, width * 4),
      ];
    },
  };
}

/** Gains inside the recurrence as kernels read them, [6·H8]. */
export function gainsOf({ context }: Direction, H: number): Block {
  const gains = context.floats('gains', 6 * stride(H));
  for (const { name, row, G } of GAINS) {
    context.prepare('gatesRow', at(gains, row * stride(H) * 4), context.parameter(name).value, H, G);
  }
  return gains;
}

/** Calls that add the gradients of the gains, which lie as the gains do, to those of their parameters. */
export function gainGradients({ context }: Direction, dGains: Block, H: number): KernelCall[] {
  return GAINS.map(({ name, row, G }) =>
    call('gatesBiasGradient', context.parameter(name).gradient!, at(dGains, row * stride(H) * 4), 1, H, G),
  );
}

/** Where each of the gains lies, in rows of H8, and how many of them it has. */
const GAINS = [
  { name: 'gammaHH', row: 0, G: 4 },
  { name: 'gammaC', row: 4, G: 1 },
  { name: 'betaC', row: 5, G: 1 },
] as const;
