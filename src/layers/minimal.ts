import { stride } from '../runtime/stride.ts';
import type { Initializer } from './initializers.ts';
import { call, constant, linearMaps, type ParameterSpec } from './layer.ts';
import type { Direction } from './recurrent.ts';

/** Parameters of one direction over D features: G − 1 gates, then the candidate. */
export function minimalParameters(D: number, H: number, G: 2 | 3, initializer: Initializer): ParameterSpec[] {
  return [
    linearMaps('weightIH', H, D, G, initializer),
    { name: 'bias', shape: [G * H], initial: [constant(G * H, 0)] },
  ];
}

/** Lays one direction of a recurrence without recurrent weights into a plan. */
export function planMinimal(direction: Direction, H: number, G: 2 | 3): void {
  const { context, h, dH, reverse } = direction;
  const { steps } = context.batch;
  const projected = direction.project(G, H);
  const bias = direction.row('bias', G, H);
  const gates = direction.matrix('gates', 'N', G * stride(H));
  const { initial, leave } = direction.streamed('h', h, H);
  const inputs = [projected, direction.x.index ?? 0, steps, initial, bias] as const;
  context.forward('minimalForward', h, gates, ...inputs, 'T', H, reverse, G);
  leave();
  if (!dH) return;

  if (G === 2) direction.show(H, gates, { update: 'sigmoid', candidate: 'none' });
  else direction.show(H, gates, { forget: 'sigmoid', input: 'sigmoid', candidate: 'none' });
  const [carry, before] = ['carry', 'before'].map((name) => direction.matrix(name, 'B', H));
  context.backward(
    call('minimalBackward', gates, carry, before, dH, h, steps, 0, 'T', 'B', H, reverse, G),
    ...direction.projectBackward(gates, projected, G, H),
  );
}
