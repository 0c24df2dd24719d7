import { UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import { call, constant, type ParameterSpec } from './layer.ts';
import { gatedParameters, LSTM_GATES, type LstmBeginning } from './lstm-general.ts';
import { EPSILON, gainGradients, gainsOf, MOMENTUM, normaliseInput, normParameters } from './lstm-norm.ts';
import type { Direction } from './recurrent.ts';

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
      cause:
        'Its statistics are of steps from where reading begins, and the ends of texts are at different steps.',
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
  const running = (name: string, shape: readonly number[], count: number) => {
    return { name, shape, initial: [constant(count, 0)], statistic };
  };
  return [
    ...gatedParameters(D, H, H, beginning),
    ...normParameters(H, 'batch'),
    running('mean', [S, 5, H], S * 5 * H),
    running('variance', [S, 5, H], S * 5 * H),
    running('seen', [S], S),
  ];
}

/** Lays it into a plan. */
export function planBatch(direction: Direction, H: number, S: number): void {
  const { context, h, dH, x } = direction;
  const { steps } = context.batch;
  const H8 = stride(H);
  const weightHH = direction.parameter('weightHH');
  const { projected, undo } = normaliseInput(direction, direction.project(4, H), H, 'batch');
  const panelsHH = direction.panels('panelsHH', weightHH, H, H, 4);
  const bias = direction.row('bias', 4, H);
  const gains = gainsOf(direction, H);
  const statistics = ['mean', 'variance', 'seen'].map((name) => direction.parameter(name));
  const values = statistics.map(({ value }) => value);
  const running = direction.floats('running', S * 10 * H8);
  const own = dH ? direction.floats('own', S * 15 * H8) : 0;
  const c = direction.matrix('c', 'N', H);
  const gates = direction.matrix('gates', 'N', 4 * H8);
  const previous = direction.matrix('previous', 'N', H);
  const normal = direction.matrix('normal', 'N', 5 * H8);
  const clock = context.mode === 'stream' ? context.state('clock', 1) : 0;
  const states = { h: direction.streamed('h', h, H), c: direction.streamed('c', c, H) };
  const written = [h, c, gates, previous, normal, own, clock] as const;
  const inputs = [projected, x.index ?? 0, steps, states.h.initial, states.c.initial, running] as const;
  const packed = [panelsHH, direction.quantisedScratch(H), bias, gains] as const;
  context.prepare('lstmBatchPrepare', running, ...values, S, H, EPSILON);
  context.forward('lstmBatchForward', ...written, ...inputs, ...packed, 'T', H, S, EPSILON);
  states.h.leave();
  states.c.leave();
  if (!dH || own === 0) return;

  direction.show(H, gates, LSTM_GATES);
  const back = direction.panelsBackward('panelsHHBackward', weightHH, H, H, 4);
  const dGains = direction.floats('dGains', 6 * H8);
  const carries = ['carryH', 'carryC', 'before', 'dShown'].map((name) => direction.matrix(name, 'B', H));
  const read = [dH, c, own, running, steps, back.panels, gains] as const;
  const gradients = statistics.map(({ gradient }) => gradient!);
  context.backward(
    back.pack,
    call('lstmBatchBackward', gates, normal, dGains, ...carries, ...read, 'T', 'B', 'N', H, S),
    call('lstmBatchFollow', ...gradients, own, ...values, steps, 'T', H, S, 'shareN'),
    direction.weightGradient(weightHH.gradient!, normal, previous, 'N', H, H, 4, 5 * H8),
    ...gainGradients(direction, dGains, H),
    ...direction.projectBackward(gates, projected, 4, H, undo),
  );
}
