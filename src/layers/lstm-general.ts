import type { Block } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import { call, constant, linearMaps, type ParameterSpec } from './layer.ts';
import {
  EPSILON,
  gainGradients,
  gainsOf,
  type LstmNorm,
  normaliseInput,
  normParameters,
} from './lstm-norm.ts';
import { type Beginning, type Direction, gateParameters } from './recurrent.ts';
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
  if (peepholes) specs.push({ name: 'peepholes', shape: [3 * H], initial: [constant(3 * H, 0)] });
  if (projection !== null) {
    specs.push(linearMaps('weightHR', projection, H));
  }
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
  const { context, h, dH, reverse } = direction;
  const { steps } = context.batch;
  const P = projection ?? H;
  const { weights, gradientFrom, finish } = recurrentWeights(direction, 'weightHH', weightDrop);
  const { projected, undo } = normaliseInput(direction, direction.project(4, H), H, norm);
  const isNormal = norm === 'layer';
  const gains = isNormal ? gainsOf(direction, H) : 0;
  const normalWidth = 5 * stride(H) + 8;
  const normal = isNormal ? direction.matrix('normal', 'N', normalWidth) : 0;
  const panelsHH = direction.panels('panelsHH', weights, P, H, 4);
  const bias = direction.row('bias', 4, H);
  const peepholes = additions.peepholes ? direction.row('peepholes', 3, H) : 0;
  const weightHR = projection === null ? undefined : direction.parameter('weightHR');
  const panelsHR = weightHR ? direction.panels('panelsHR', weightHR, H, P, 1) : 0;
  const c = direction.matrix('c', 'N', H);
  const gates = direction.matrix('gates', 'N', 4 * stride(H));
  const previous = direction.matrix('previous', 'N', P);
  const r = weightHR ? direction.matrix('r', 'N', H) : h;
  const masks = [
    dropMask(direction, 'mask', 'B', P, recurrentDropout),
    dropMask(direction, 'drop', 'N', H, candidateDropout),
    keepMask(direction, 'keep', P, zoneout),
    keepMask(direction, 'keepC', H, zoneoutCell),
  ] as const;
  const states = { h: direction.streamed('h', h, P), c: direction.streamed('c', c, H) };
  const initial = [states.h.initial, states.c.initial] as const;
  const inputs = [projected, direction.x.index ?? 0, steps, ...initial, ...masks] as const;
  const scratch = direction.quantisedScratch(Math.max(H, P));
  const packed = [panelsHH, scratch, bias, peepholes, panelsHR, gains] as const;
  const sizes = ['T', H, P, reverse, zoneout, zoneoutCell, EPSILON] as const;
  context.forward('lstmGeneralForward', h, c, gates, previous, r, normal, ...inputs, ...packed, ...sizes);
  states.h.leave();
  states.c.leave();
  if (!dH) return;

  direction.show(P, gates, LSTM_GATES, H);
  const backHH = direction.panelsBackward('panelsHHBackward', weights, P, H, 4);
  const backHR = weightHR && direction.panelsBackward('panelsHRBackward', weightHR, H, P, 1);
  const dPeepholes = peepholes === 0 ? 0 : direction.floats('dPeepholes', 3 * stride(H));
  const dGains = isNormal ? direction.floats('dGains', 6 * stride(H)) : 0;
  const dShown = direction.floats('dShown', 2 * stride(H));
  const dHidden = weightHR ? direction.matrix('dHidden', 'N', P) : 0;
  const perSequence = (name: string, columns: number): Block => direction.matrix(name, 'B', columns);
  const carries = [perSequence('carryH', P), perSequence('carryC', H), perSequence('pastH', P)] as const;
  const cells = [
    perSequence('pastC', H),
    perSequence('before', H),
    weightHR ? perSequence('dR', H) : 0,
    dShown,
  ] as const;
  const read = [dH, c, steps, 0, ...masks, backHH.panels, peepholes, backHR?.panels ?? 0, gains] as const;
  context.backward(
    backHH.pack,
    ...(backHR ? [backHR.pack] : []),
    call(
      'lstmGeneralBackward',
      ...([
        gates,
        normal,
        dPeepholes,
        dGains,
        dHidden,
        ...carries,
        ...cells,
        ...read,
        'T',
        'B',
        H,
        P,
        reverse,
      ] as const),
    ),
    normal === 0
      ? direction.weightGradient(gradientFrom(0), gates, previous, 'N', P, H, 4, 4 * stride(H))
      : direction.weightGradient(gradientFrom(0), normal, previous, 'N', P, H, 4, normalWidth),
    ...finish,
    ...(dPeepholes === 0
      ? []
      : [call('gatesBiasGradient', direction.parameter('peepholes').gradient!, dPeepholes, 1, H, 3)]),
    ...(weightHR ? [direction.weightGradient(weightHR.gradient!, dHidden, r, 'N', H, P, 1, stride(P))] : []),
    ...(dGains === 0 ? [] : gainGradients(direction, dGains, H)),
    ...direction.projectBackward(gates, projected, 4, H, undo),
  );
}
