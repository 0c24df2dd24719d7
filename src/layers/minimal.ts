import type { Made } from '../runtime/declared.ts';
import { stride } from '../runtime/stride.ts';
import { initializerOptions } from './initializers.ts';
import { call, filled, linearMaps, type Recurrence } from './layer.ts';
import {
  cellOptions,
  gateRow,
  project,
  projectBackward,
  type RecurrentLayer,
  recurrent,
  showFlow,
  streamed,
} from './recurrent.ts';

/** What a recurrence without recurrent weights may be told. */
export const minimalOptions = { ...cellOptions, ...initializerOptions } as const;

/** A recurrence without recurrent weights; its parameters in each direction are those of its gates, the candidate last. */
export function minimal(
  made: Made<typeof minimalOptions>,
  activations: Recurrence['activations'],
): RecurrentLayer {
  const { size: H, initializer } = made.options;
  const G = Object.keys(activations).length;
  return recurrent({
    ...made,
    parameters: (D) => [linearMaps('weightIH', H, D, G, initializer), filled('bias', [G * H])],
    plan(direction) {
      const { context, x, h, dH, reverse } = direction;
      const { steps } = context.batch;
      const projected = project(direction, G, H);
      const bias = gateRow(direction, 'bias', G, H);
      const gates = context.matrix('gates', 'N', G * stride(H));
      const { initial, leave } = streamed(direction, 'h', h, H);
      const inputs = [projected, x.index ?? 0, steps, initial, bias] as const;
      context.forward('minimalForward', h, gates, ...inputs, 'T', H, reverse, G);
      leave();
      if (!dH) return;

      showFlow(direction, H, gates, activations);
      const [carry, before] = ['carry', 'before'].map((name) => context.matrix(name, 'B', H));
      context.backward(
        call('minimalBackward', gates, carry, before, dH, h, steps, 0, 'T', 'B', H, reverse, G),
        ...projectBackward(direction, gates, projected, G, H),
      );
    },
  });
}
