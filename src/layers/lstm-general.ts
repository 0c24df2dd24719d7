import { stride } from '../runtime/stride.ts';
import { call, constant, filled, linearMaps, type ParameterSpec } from './layer.ts';
import {
  EPSILON,
  gainGradients,
  gainsOf,
  type LstmNorm,
  normaliseInput,
  normParameters,
} from './lstm-norm.ts';
import {
  type Beginning,
  type Direction,
  gateGradient,
  gatePanels,
  gatePanelsBackward,
  gateParameters,
  gateRow,
  project,
  projectBackward,
  scratchFor,
  showFlow,
  streamed,
} from './recurrent.ts';
import { dropMask, keepMask, recurrentWeights } from './recurrent-dropout.ts';

/** What lstm() is told beyond size and direction. */
export interface LstmAdditions {
  readonly peepholes: boolean;
  readonly projection: number | null;
  readonly norm: LstmNorm;
  readonly recurrentDropout: number;
  readonly weightDrop: number;
  readonly zoneout: number;
  readonly zoneoutCell: number;
  readonly candidateDropout: number;
}

/** Whether anything is added, so that the general kernels are needed. */
export function isGeneral({ peepholes, projection, norm, ...shares }: LstmAdditions): boolean {
  const isShaped = peepholes || projection !== null || norm !== 'none';
  return isShaped || Object.values(shares).some((share) => share > 0);
}

/** Parameters of one direction over D features, gates in the order i f g o. */
export function generalParameters(
  D: number,
  H: number,
  { peepholes, projection, norm }: LstmAdditions,
  beginning: LstmBeginning,
): ParameterSpec[] {
  const specs = gatedParameters(D, H, projection ?? H, beginning);
  if (peepholes) specs.push(filled('peepholes', [3 * H]));
  if (projection !== null) specs.push(linearMaps('weightHR', projection, H));
  return [...specs, ...normParameters(H, norm)];
}

/** How the parameters of an LSTM begin. */
export interface LstmBeginning extends Beginning {
  readonly forgetBias: number;
}

/** weightIH, weightHH over states of P numbers, bias. */
export function gatedParameters(D: number, H: number, P: number, beginning: LstmBeginning): ParameterSpec[] {
  const [weightIH, weightHH] = gateParameters(4, H, D, beginning, P);
  const initial = [constant(4 * H, 0), constant(H, beginning.forgetBias, H)];
  return [weightIH, weightHH, { name: 'bias', shape: [4 * H], initial }];
}

/** What follows each gate of an LSTM, in their order. */
export const LSTM_GATES = {
  input: 'sigmoid',
  forget: 'sigmoid',
  candidate: 'tanh',
  output: 'sigmoid',
} as const;

/** Lays one direction into a plan. */
export function planGeneral(direction: Direction, H: number, additions: LstmAdditions): void {
  const { recurrentDropout, candidateDropout, weightDrop, zoneout, zoneoutCell, projection, norm } =
    additions;
  const { context, x, h, dH, reverse } = direction;
  const { steps } = context.batch;
  const H8 = stride(H);
  const P = projection ?? H;
  const { weights, gradientFrom, finish } = recurrentWeights(direction, weightDrop);
  const { projected, undo } = normaliseInput(direction, project(direction, 4, H), H, norm);
  const isNormal = norm === 'layer';
  const gains = isNormal ? gainsOf(direction, H) : 0;
  const normalWidth = 5 * H8 + 8;
  const normal = isNormal ? context.matrix('normal', 'N', normalWidth) : 0;
  const panelsHH = gatePanels(direction, 'panelsHH', weights, P, H, 4);
  const bias = gateRow(direction, 'bias', 4, H);
  const peepholes = additions.peepholes ? gateRow(direction, 'peepholes', 3, H) : 0;
  const weightHR = projection === null ? undefined : context.parameter('weightHR');
  const panelsHR = weightHR ? gatePanels(direction, 'panelsHR', weightHR, H, P, 1) : 0;
  const c = context.matrix('c', 'N', H);
  const gates = context.matrix('gates', 'N', 4 * H8);
  const previous = context.matrix('previous', 'N', P);
  const r = weightHR ? context.matrix('r', 'N', H) : h;
  const masks = [
    dropMask(direction, 'mask', 'B', P, recurrentDropout),
    dropMask(direction, 'drop', 'N', H, candidateDropout),
    keepMask(direction, 'keep', P, zoneout),
    keepMask(direction, 'keepC', H, zoneoutCell),
  ] as const;
  const states = [streamed(direction, 'h', h, P), streamed(direction, 'c', c, H)] as const;
  const inputs = [projected, x.index ?? 0, steps, ...states.map(({ initial }) => initial), ...masks] as const;
  const scratch = scratchFor(direction, weights, Math.max(H, P));
  const packed = [panelsHH, scratch, bias, peepholes, panelsHR, gains] as const;
  const sizes = ['T', H, P, reverse, zoneout, zoneoutCell, EPSILON] as const;
  context.forward('lstmGeneralForward', h, c, gates, previous, r, normal, ...inputs, ...packed, ...sizes);
  for (const { leave } of states) leave();
  if (!dH) return;

  showFlow(direction, P, gates, LSTM_GATES, H);
  const backHH = gatePanelsBackward(direction, 'panelsHH', weights, P, H, 4);
  const backHR = weightHR && gatePanelsBackward(direction, 'panelsHR', weightHR, H, P, 1);
  const dPeepholes = peepholes && context.floats('dPeepholes', 3 * H8);
  const dGains = isNormal ? context.floats('dGains', 6 * H8) : 0;
  const dShown = context.floats('dShown', 2 * H8);
  const dHidden = weightHR ? context.matrix('dHidden', 'N', P) : 0;
  const perSequence = (name: string, columns: number) => context.matrix(name, 'B', columns);
  const carries = [perSequence('carryH', P), perSequence('carryC', H), perSequence('pastH', P)] as const;
  const cells = [
    perSequence('pastC', H),
    perSequence('before', H),
    weightHR ? perSequence('dR', H) : 0,
  ] as const;
  const written = [gates, normal, dPeepholes, dGains, dHidden, ...carries, ...cells, dShown] as const;
  const read = [dH, c, steps, 0, ...masks, backHH.panels, peepholes, backHR?.panels ?? 0, gains] as const;
  const dGates = normal || gates;
  context.backward(
    backHH.pack,
    ...(backHR ? [backHR.pack] : []),
    call('lstmGeneralBackward', ...written, ...read, 'T', 'B', H, P, reverse),
    gateGradient(direction, gradientFrom(0), dGates, previous, 'N', P, H, 4, normal ? normalWidth : 4 * H8),
    ...finish,
    ...(dPeepholes
      ? [call('gatesBiasGradient', context.parameter('peepholes').gradient!, dPeepholes, 1, H, 3)]
      : []),
    ...(weightHR ? [gateGradient(direction, weightHR.gradient!, dHidden, r, 'N', H, P, 1)] : []),
    ...(dGains ? gainGradients(direction, dGains, H) : []),
    ...projectBackward(direction, gates, projected, 4, H, undo),
  );
}
