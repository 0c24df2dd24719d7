import type { Argument, Block, KernelCall, RowCount } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import type { Initializer } from './initializers.ts';
import {
  at,
  call,
  filled,
  type Layer,
  linearMaps,
  type Parameter,
  type ParameterSpec,
  type PlanContext,
  quantisedPanels,
  quantisedScratch,
  type Recurrence,
  refuseStream,
  sequenceOf,
  type Value,
  walkedShape,
  weightScratch,
} from './layer.ts';

/** What every recurrent layer may be told. */
export const cellOptions = {
  /** Hidden size of each direction (H). Default 64. */
  size: { is: 'whole', from: 1, to: 4096, default: 64 },
  /** Reads the text backward too, and yields both states side by side. Default false. */
  bidirectional: { is: 'flag', default: false },
} as const;

/** A recurrent cell: what a layer of it needs beyond what all recurrent layers have in common. */
export interface Cell {
  readonly kind: string;
  readonly options: Layer['options'] & { readonly size: number; readonly bidirectional: boolean };
  /** Features that each direction yields, if not as many as its size. */
  readonly features?: number;
  /** Parameters of one direction over D features. */
  parameters(D: number): readonly ParameterSpec[];
  /** Lays one direction into a plan. */
  plan(direction: Direction): void;
}

/** A layer that walks over a sequence with a cell. */
export type RecurrentLayer = Layer;

/** The layer that follows from its cell: one direction, or two side by side. */
export function recurrent(cell: Cell): RecurrentLayer {
  const { kind, options } = cell;
  const { bidirectional, size } = options;
  const H = cell.features ?? size;
  const names = bidirectional ? (['forward', 'reverse'] as const) : (['forward'] as const);
  return {
    kind,
    options,
    output: (input) => walkedShape(kind, input, names.length, H),
    parameters(input) {
      const { features: D } = sequenceOf(kind, input);
      return names.flatMap((name) =>
        cell.parameters(D).map((spec) => ({ ...spec, name: `${name}.${spec.name}` })),
      );
    },
    plan(outer, x) {
      if (bidirectional) {
        const cause = 'It reads the text from its end, too. Train with bidirectional: false.';
        refuseStream(outer, `a bidirectional ${kind}`, cause);
      }
      const y = outer.output(this.output(x.shape), 'N');
      // The direction whose backward runs second adds to the gradient of the input.
      const directions = names.map((name, d): Direction => {
        const context = outer.within(name);
        const own = (block: string) => (bidirectional ? context.matrix(block, 'N', H) : undefined);
        return {
          context,
          x,
          D: sequenceOf(kind, x.shape).features,
          h: own('h') ?? y.block,
          dH: y.gradient && (own('dH') ?? y.gradient),
          reverse: name === 'reverse' ? 1 : 0,
          accumulate: bidirectional && d === 0 ? 1 : 0,
          draws: 0,
        };
      });
      for (const direction of directions) cell.plan(direction);
      if (bidirectional) {
        const [one, other] = directions;
        outer.forward('concatForward', y.block, one.h, other.h, 'N', H, H);
        outer.backward(call('concatBackward', one.dH!, other.dH!, y.gradient!, 'N', H, H));
      }
      return y;
    },
  };
}

/** One direction of a recurrent layer in a plan; what it reserves bears its name. */
export interface Direction {
  readonly context: PlanContext;
  readonly x: Value;
  /** Features of the input. */
  readonly D: number;
  readonly h: Block;
  /** Of the loss with respect to h; in training only. */
  readonly dH: Block | undefined;
  readonly reverse: 0 | 1;
  /** Whether the gradient of the input is added to what is there. */
  readonly accumulate: 0 | 1;
  /** Kinds of random draws that it has so far. */
  draws: number;
}

/**
 * A number for each kind of draw, which no other layer or direction has: layers are numbered from 0, so their
 * numbers stay below the first of these.
 */
export function nextStream(direction: Direction): number {
  return direction.context.stream + (2 * ++direction.draws + direction.reverse) * 0x4000;
}

/** In a stream the state that a piece of text begins with, and the call that leaves it for the next piece. */
export function streamed(
  { context }: Direction,
  name: string,
  state: Block,
  columns: number,
): { initial: Block | 0; leave: () => void } {
  if (context.mode !== 'stream') return { initial: 0, leave: () => undefined };
  const initial = context.state(name, columns);
  const { steps } = context.batch;
  return { initial, leave: () => context.forward('lastState', initial, state, steps, 'T', columns) };
}

/** Shows a direction, in training, to gradientFlow(). */
export function showFlow(
  { context, reverse, dH }: Direction,
  size: number,
  gates: Block,
  activations: Recurrence['activations'],
  gateSize = size,
): void {
  context.recurrence({ isReverse: reverse === 1, dStates: dH!, size, gateSize, gates, activations });
}

/** Scratch for products with int8 weights over up to so many columns; 0 where they are f32. */
export function scratchFor({ context }: Direction, { scales }: Weights, columns: number): Block | 0 {
  return scales ? quantisedScratch(context, columns) : 0;
}

/** Panels, as forward products read them, of gates `from` and after of a weight matrix [·,C]. */
export function gatePanels(
  { context }: Direction,
  name: string,
  { value, scales }: Weights,
  C: number,
  H: number,
  G: number,
  from = 0,
): Block {
  const first = from * H;
  if (scales) {
    const panels = context.panels(name, quantisedPanels(context, G * stride(H), C));
    context.pack('gatesPackQuantised', panels, at(value, first * C), at(scales, first * 4), C, H, G);
    return panels;
  }
  const panels = context.panels(name, G * stride(H) * C);
  context.pack('gatesPack', panels, at(value, first * C * 4), C, H, G);
  return panels;
}

/** The same, as backward products read them, and the call that packs them: it comes before those that read them. */
export function gatePanelsBackward(
  { context }: Direction,
  name: string,
  { value }: Weights,
  C: number,
  H: number,
  G: number,
  from = 0,
): { readonly panels: Block; readonly pack: KernelCall } {
  const panels = context.panels(`${name}Backward`, G * stride(H) * stride(C));
  return { panels, pack: call('gatesPackBackward', panels, at(value, from * H * C * 4), C, H, G) };
}

/** A vector [G·H] of parameters, each gate at its padded place. */
export function gateRow({ context }: Direction, name: string, G: number, H: number): Block {
  const row = context.floats(`${name}Row`, G * stride(H));
  context.prepare('gatesRow', row, context.parameter(name).value, H, G);
  return row;
}

/** Projects the input for all gates at once: each distinct token once, [U,G·H8]. */
export function project(direction: Direction, G: number, H: number, into?: Block): Block {
  const { context, D, x } = direction;
  const projected = into ?? context.matrix('projected', x.rows, G * stride(H));
  const weight = context.parameter('weightIH');
  const panels = gatePanels(direction, 'panelsIH', weight, D, H, G);
  const scratch = scratchFor(direction, weight, D);
  context.forward('gatesProject', projected, x.block, panels, scratch, x.rows, D, H, G);
  return projected;
}

/**
 * The same where the gates [N,G·H8] will be, which saves memory of its own. The row of a token then lies at its home: the
 * last row of the batch that shows it, which a walk from the front writes last. A walk from the end finds no such order
 * and has a projection beside its gates.
 */
export function projectInto(
  direction: Direction,
  gates: Block,
  G: number,
  H: number,
): { projected: Block; home: Block | 0 } {
  const { context, x, reverse } = direction;
  if (x.index && reverse) return { projected: project(direction, G, H), home: 0 };
  project(direction, G, H, gates);
  if (!x.index) return { projected: gates, home: 0 };
  const home = context.matrix('home', 'U', 1);
  context.forward('moveHome', gates, home, x.index, 'N', 'U', G * stride(H));
  return { projected: gates, home };
}

/**
 * Calls that take the gradient of the gates to weightIH, bias and the input.
 * @param undo takes it through what stands between the product and the gates
 * @param home where the projection lies in the gates: the row of each token
 */
export function projectBackward(
  direction: Direction,
  dGates: Block,
  projected: Block,
  G: number,
  H: number,
  undo: (gradient: Block) => readonly KernelCall[] = () => [],
  home: Block | 0 = 0,
): KernelCall[] {
  const { context, D, x, accumulate } = direction;
  const width = G * stride(H);
  const weight = context.parameter('weightIH');
  const back = gatePanelsBackward(direction, 'panelsIH', weight, D, H, G);
  // Distinct tokens: gradients of equal tokens are summed before the products, over `projected`, which forward alone needs.
  const d = x.index ? projected : dGates;
  const sums = x.index && ([dGates, ...(home ? [home] : []), x.index, 'N', 'U', width] as const);
  return [
    ...(sums ? [home ? call('sumHome', ...sums) : call('gatherBackward', d, ...sums)] : []),
    call('gatesBiasGradient', context.parameter('bias').gradient!, d, x.rows, H, G),
    ...undo(d),
    gateGradient(direction, weight.gradient!, d, x.block, x.rows, D, H, G, width),
    back.pack,
    call('gatesInputGradient', x.gradient!, d, back.panels, x.rows, D, H, G, accumulate),
  ];
}

/** dWeight [G·H,C] += dGatesᵀ·x. */
export function gateGradient(
  { context }: Direction,
  dWeight: Argument,
  dGates: Argument,
  x: Block,
  rows: RowCount,
  C: number,
  H: number,
  G: number,
  width = G * stride(H),
): KernelCall {
  return call('gatesWeightGradient', dWeight, dGates, x, weightScratch(context, C), rows, C, H, G, width);
}

/** Weights that panels are made of. */
export type Weights = Pick<Parameter, 'value' | 'scales'>;

/** How the weights of input and state begin. */
export interface Beginning {
  readonly initializer: Initializer;
  readonly recurrentInitializer: Initializer;
}

/** weightIH [G·H,D], weightHH [G·H,C] and bias [G·H], as every gated cell has them. */
export function gateParameters(
  G: number,
  H: number,
  D: number,
  { initializer, recurrentInitializer }: Beginning,
  C = H,
): ParameterSpec[] {
  return [
    linearMaps('weightIH', H, D, G, initializer),
    linearMaps('weightHH', H, C, G, recurrentInitializer),
    filled('bias', [G * H]),
  ];
}
