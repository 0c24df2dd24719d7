import { UsageError } from '../runtime/errors.ts';
import type { Argument, Block, KernelCall, RowCount } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import type { Initializer } from './initializers.ts';
import {
  call,
  constant,
  type Layer,
  linearMaps,
  type Parameter,
  type ParameterSpec,
  type PlanContext,
  type Recurrence,
  sequenceOf,
  type Value,
  walkedShape,
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
  /** The layer's name, for messages. */
  readonly kind: string;
  /** Features that each direction yields. */
  readonly size: number;
  readonly bidirectional: boolean;
  /** Parameters of one direction over D features. */
  parameters(D: number): readonly ParameterSpec[];
  /** Lays one direction into a plan. */
  plan(direction: Direction): void;
}

/** The parts of a layer that follow from its cell: one direction, or two side by side. */
export function recurrent(cell: Cell): Omit<Layer, 'kind' | 'options'> {
  const { kind, size: H, bidirectional } = cell;
  const names = bidirectional ? (['forward', 'reverse'] as const) : (['forward'] as const);
  return {
    output: (input) => walkedShape(kind, input, names.length, H),
    parameters(input) {
      const { features: D } = sequenceOf(kind, input);
      return names.flatMap((name) =>
        cell.parameters(D).map((spec) => ({ ...spec, name: `${name}.${spec.name}` })),
      );
    },
    plan(context, input) {
      if (context.mode === 'stream' && bidirectional) {
        throw new UsageError(`a bidirectional ${kind}() cannot stream`, {
          cause: 'It reads the text from its end, too. Train with bidirectional: false.',
        });
      }
      const train = context.mode === 'train';
      const y = context.output(this.output(input.shape), 'N');
      if (!bidirectional) {
        cell.plan(new Direction(context, input, 'forward', y.block, y.gradient, 0));
        return y;
      }
      const h = names.map((name) => context.matrix(`${name}.h`, 'N', H));
      const dH = names.map((name) => (train ? context.matrix(`${name}.dH`, 'N', H) : undefined));
      // The direction whose backward runs second adds to the gradient of the input.
      names.forEach(
        (name, d) => void cell.plan(new Direction(context, input, name, h[d], dH[d], d === 0 ? 1 : 0)),
      );
      context.forward('concatForward', y.block, h[0], h[1], 'N', H, H);
      if (train) context.backward(call('concatBackward', dH[0]!, dH[1]!, y.gradient!, 'N', H, H));
      return y;
    },
  };
}

/** One direction of a recurrent layer in a plan; what it reserves bears its name. */
export class Direction {
  readonly context: PlanContext;
  readonly x: Value;
  /** Features of the input. */
  readonly D: number;
  readonly h: Block;
  /** Of the loss with respect to h; in training only. */
  readonly dH: Block | undefined;
  readonly reverse: 0 | 1;
  readonly #name: 'forward' | 'reverse';
  readonly #accumulate: 0 | 1;
  #draws = 0;
  /** Where the projection lies in the gates: the row of each token. */
  #home: Block | undefined;

  constructor(
    context: PlanContext,
    x: Value,
    name: 'forward' | 'reverse',
    h: Block,
    dH: Block | undefined,
    accumulate: 0 | 1,
  ) {
    this.context = context;
    this.x = x;
    this.D = sequenceOf('recurrent', x.shape).features;
    this.h = h;
    this.dH = dH;
    this.reverse = name === 'reverse' ? 1 : 0;
    this.#name = name;
    this.#accumulate = accumulate;
  }

  parameter(name: string): Parameter {
    return this.context.parameter(`${this.#name}.${name}`);
  }

  matrix(name: string, rows: RowCount, columns: number): Block {
    return this.context.matrix(`${this.#name}.${name}`, rows, columns);
  }

  floats(name: string, count: number): Block {
    return this.context.floats(`${this.#name}.${name}`, count);
  }

  /**
   * A number for each kind of draw, which no other layer or direction has: layers are numbered from 0, so their
   * numbers stay below the first of these.
   */
  nextStream(): number {
    return this.context.stream + (2 * ++this.#draws + this.reverse) * 0x4000;
  }

  /** In a stream the state that a piece of text begins with, and the call that leaves it for the next piece. */
  streamed(name: string, state: Block, columns: number): { initial: Block | 0; leave: () => void } {
    const { context } = this;
    if (context.mode !== 'stream') return { initial: 0, leave: () => undefined };
    const initial = context.state(name, columns);
    const { steps } = context.batch;
    return { initial, leave: () => context.forward('lastState', initial, state, steps, 'T', columns) };
  }

  /** Shows this direction, in training, to gradientFlow(). */
  show(size: number, gates: Block, activations: Recurrence['activations'], gateSize = size): void {
    const own = { name: this.#name, isReverse: this.reverse === 1, dStates: this.dH! };
    this.context.recurrence({ ...own, size, gateSize, gates, activations });
  }

  /** Scratch for products with this direction's int8 weights over up to so many columns; 0 where they are f32. */
  quantisedScratch(columns: number): Block | 0 {
    const { context } = this;
    return this.parameter('weightHH').scales ? context.scratch(context.quantisedScratch(columns)) : 0;
  }

  /** Panels, as forward products read them, of gates `from` and after of a weight matrix [·,C]. */
  panels(name: string, weight: Weights, C: number, H: number, G: number, from = 0): Block {
    const { context } = this;
    const { value, scales } = weight;
    const first = (block: Block, bytes: number) => (from === 0 ? block : { block, offset: from * H * bytes });
    if (scales) {
      const panels = this.#panels(name, context.quantisedPanels(G * stride(H), C));
      context.pack('gatesPackQuantised', panels, first(value, C), first(scales, 4), C, H, G);
      return panels;
    }
    const panels = this.#panels(name, G * stride(H) * C);
    context.pack('gatesPack', panels, first(value, C * 4), C, H, G);
    return panels;
  }

  /** The same, as backward products read them, and the call that packs them. */
  panelsBackward(name: string, weight: Weights, C: number, H: number, G: number, from = 0): Packed {
    const panels = this.#panels(name, G * stride(H) * stride(C));
    const first = from === 0 ? weight.value : { block: weight.value, offset: from * H * C * 4 };
    return { panels, pack: call('gatesPackBackward', panels, first, C, H, G) };
  }

  #panels(name: string, floats: number): Block {
    return this.context.panels(`${this.#name}.${name}`, floats);
  }

  /** A vector [G·H] of parameters, each gate at its padded place. */
  row(name: string, G: number, H: number): Block {
    const row = this.floats(`${name}Row`, G * stride(H));
    this.context.prepare('gatesRow', row, this.parameter(name).value, H, G);
    return row;
  }

  /** Projects the input for all gates at once: each distinct token once, [U,G·H8]. */
  project(G: number, H: number, projected = this.matrix('projected', this.x.rows, G * stride(H))): Block {
    const { context, D, x } = this;
    const panels = this.panels('panelsIH', this.parameter('weightIH'), D, H, G);
    const scratch = this.parameter('weightIH').scales ? context.scratch(context.quantisedScratch(D)) : 0;
    context.forward('gatesProject', projected, x.block, panels, scratch, x.rows, D, H, G);
    return projected;
  }

  /**
   * The same where the gates [N,G·H8] will be, which saves memory of its own. The row of a token then lies at its home: the
   * last row of the batch that shows it, which a walk from the front writes last. A walk from the end finds no such order
   * and has a projection beside its gates.
   */
  projectInto(gates: Block, G: number, H: number): { projected: Block; home: Block | 0 } {
    const { context, x } = this;
    if (x.index && this.reverse) return { projected: this.project(G, H), home: 0 };
    this.project(G, H, gates);
    if (!x.index) return { projected: gates, home: 0 };
    this.#home = this.matrix('home', 'U', 1);
    context.forward('moveHome', gates, this.#home, x.index, 'N', 'U', G * stride(H));
    return { projected: gates, home: this.#home };
  }

  /**
   * Calls that take the gradient of the gates to weightIH, bias and the input; `undo` takes it through what stands
   * between the product and the gates.
   */
  projectBackward(
    dGates: Block,
    projected: Block,
    G: number,
    H: number,
    undo: (gradient: Block) => readonly KernelCall[] = () => [],
  ): KernelCall[] {
    const { D, x } = this;
    const width = G * stride(H);
    const back = this.panelsBackward('panelsIHBackward', this.parameter('weightIH'), D, H, G);
    // Distinct tokens: gradients of equal tokens are summed before the products, over `projected`, which forward alone needs.
    const d = x.index ? projected : dGates;
    return [
      ...this.#sum(dGates, projected, width),
      call('gatesBiasGradient', this.parameter('bias').gradient!, d, x.rows, H, G),
      ...undo(d),
      this.weightGradient(this.parameter('weightIH').gradient!, d, x.block, x.rows, D, H, G, width),
      back.pack,
      call('gatesInputGradient', x.gradient!, d, back.panels, x.rows, D, H, G, this.#accumulate),
    ];
  }

  /** d [U,width] becomes the sum of what each token's rows have in dGates. */
  #sum(dGates: Block, d: Block, width: number): KernelCall[] {
    const { index } = this.x;
    if (!index) return [];
    if (this.#home) return [call('sumHome', dGates, this.#home, index, 'N', 'U', width)];
    return [call('gatherBackward', d, dGates, index, 'N', 'U', width)];
  }

  /** dWeight [G·H,C] += dGatesᵀ·x. */
  weightGradient(
    dWeight: Argument,
    dGates: Argument,
    x: Block,
    rows: 'N' | 'U' | 'B',
    C: number,
    H: number,
    G: number,
    width: number,
  ): KernelCall {
    const scratch = this.context.scratch(this.context.weightScratch(C));
    return call('gatesWeightGradient', dWeight, dGates, x, scratch, rows, C, H, G, width);
  }
}

/** Panels for backward products, and the call that packs them: it comes before those that read them. */
export interface Packed {
  readonly panels: Block;
  readonly pack: KernelCall;
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
    { name: 'bias', shape: [G * H], initial: [constant(G * H, 0)] },
  ];
}
