import { UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import { call, filled, type ParameterSpec } from './layer.ts';
import { gatedParameters, LSTM_GATES, type LstmBeginning } from './lstm-general.ts';
import { EPSILON, gainGradients, gainsOf, MOMENTUM, normaliseInput, normParameters } from './lstm-norm.ts';
import {
  type Direction,
  gateGradient,
  gatePanels,
  gatePanelsBackward,
  gateRow,
  project,
  projectBackward,
  scratchFor,
  showFlow,
  streamed,
} from './recurrent.ts';

/** Steps with statistics of their own where nothing is said. */
const STEPS = 64;

/** How many steps have statistics of their own. @throws UsageError where something is given that norm `batch` has not */
export function batchSteps(
  bidirectional: boolean,
  normSteps: number | null,
  additions: Readonly<Record<string, unknown>>,
): number {
  if (bidirectional) {
    throw new UsageError("a bidirectional lstm() cannot have norm 'batch'", {
      cause: 'Its statistics are of steps, and texts end at different ones.',
    });
  }
  const other = Object.keys(additions).find((name) => name !== 'norm' && additions[name]);
  if (other === undefined) return normSteps ?? STEPS;
  throw new UsageError(`lstm ${other} cannot act with norm 'batch'`, {
    cause: "The norms 'layer' and 'input' go with every addition.",
  });
}

/** Parameters of the recurrently batch-normalised LSTM over D features. */
export function batchParameters(D: number, H: number, S: number, beginning: LstmBeginning): ParameterSpec[] {
  const statistic = { momentum: MOMENTUM };
  return [
    ...gatedParameters(D, H, H, beginning),
    ...normParameters(H, 'batch'),
    { ...filled('mean', [S, 5, H]), statistic },
    { ...filled('variance', [S, 5, H]), statistic },
    { ...filled('seen', [S]), statistic },
  ];
}

/** Lays it into a plan. */
export function planBatch(direction: Direction, H: number, S: number): void {
  const { context, h, dH, x } = direction;
  const { steps } = context.batch;
  const H8 = stride(H);
  const weightHH = context.parameter('weightHH');
  const { projected, undo } = normaliseInput(direction, project(direction, 4, H), H, 'batch');
  const panelsHH = gatePanels(direction, 'panelsHH', weightHH, H, H, 4);
  const bias = gateRow(direction, 'bias', 4, H);
  const gains = gainsOf(direction, H);
  const statistics = ['mean', 'variance', 'seen'].map(context.parameter);
  const values = statistics.map(({ value }) => value);
  const running = context.floats('running', S * 10 * H8);
  const own = dH ? context.floats('own', S * 15 * H8) : 0;
  const c = context.matrix('c', 'N', H);
  const gates = context.matrix('gates', 'N', 4 * H8);
  const previous = context.matrix('previous', 'N', H);
  const normal = context.matrix('normal', 'N', 5 * H8);
  const clock = context.mode === 'stream' ? context.state('clock', 1) : 0;
  const states = [streamed(direction, 'h', h, H), streamed(direction, 'c', c, H)] as const;
  const written = [h, c, gates, previous, normal, own, clock] as const;
  const inputs = [projected, x.index ?? 0, steps, ...states.map(({ initial }) => initial), running] as const;
  const packed = [panelsHH, scratchFor(direction, weightHH, H), bias, gains] as const;
  context.prepare('lstmBatchPrepare', running, ...values, S, H, EPSILON);
  context.forward('lstmBatchForward', ...written, ...inputs, ...packed, 'T', H, S, EPSILON);
  for (const { leave } of states) leave();
  if (!dH || own === 0) return;

  showFlow(direction, H, gates, LSTM_GATES);
  const back = gatePanelsBackward(direction, 'panelsHH', weightHH, H, H, 4);
  const dGains = context.floats('dGains', 6 * H8);
  const carries = ['carryH', 'carryC', 'before', 'dShown'].map((name) => context.matrix(name, 'B', H));
  const read = [dH, c, own, running, steps, back.panels, gains] as const;
  const gradients = statistics.map(({ gradient }) => gradient!);
  context.backward(
    back.pack,
    call('lstmBatchBackward', gates, normal, dGains, ...carries, ...read, 'T', 'B', 'N', H, S),
    call('lstmBatchFollow', ...gradients, own, ...values, steps, 'T', H, S, 'shareN'),
    gateGradient(direction, weightHH.gradient!, normal, previous, 'N', H, H, 4, 5 * H8),
    ...gainGradients(direction, dGains, H),
    ...projectBackward(direction, gates, projected, 4, H, undo),
  );
}
