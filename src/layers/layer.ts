import { UsageError } from '../runtime/errors.ts';
import type { KernelName, Kernels } from '../runtime/kernels.ts';
import type { Argument, Block, KernelCall, RowCount } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import { type Initializer, initialOf } from './initializers.ts';

/** What flows between layers: token ids, a vector for each packed row, or one vector a text. */
export type Shape =
  | { readonly kind: 'tokens' }
  | {
      readonly kind: 'sequence';
      readonly features: number;
      /** Features from here on come from the reverse direction; equals `features` when there is none. */
      readonly reverseFrom: number;
      /**
       * Row t knows nothing of the rows behind it, in its features from reverseFrom on nothing of those before it. A
       * layer that does not say so is taken to know the whole text.
       */
      readonly causal?: true;
    }
  | { readonly kind: 'vector'; readonly features: number };

/** A value in a plan: a matrix with as many rows as `rows` says, and its gradient in training. */
export interface Value {
  readonly shape: Shape;
  readonly rows: RowCount;
  readonly block: Block;
  /** Present in training only. */
  readonly gradient?: Block;
  /** Present when the rows are the batch's distinct tokens: index [N] says which of them packed row n shows. */
  readonly index?: Block;
  /** Present behind crf(): how tags follow each other. */
  readonly chain?: Chain;
  /** Present behind neighbours(): guesses of the next word, and of the previous one where the text is read both ways. */
  readonly guesses?: readonly Value[];
}

/** The parameters of a conditional random field over K tags. */
export interface Chain {
  /** [K,K] from row to column. */
  readonly transitions: Parameter;
  /** [K] */
  readonly start: Parameter;
  readonly end: Parameter;
}

/** Uniform on [low, high) over `count` numbers from `from` on; low = high is a constant. */
export interface Fill {
  readonly from: number;
  readonly count: number;
  readonly low: number;
  readonly high: number;
}

/** Normal of mean 0 over `count` numbers from `from` on. */
export interface NormalFill {
  readonly from: number;
  readonly count: number;
  readonly deviation: number;
}

/** The same, of which each of so many maps [O,I] is then made orthogonal. */
export interface OrthogonalFill extends NormalFill {
  readonly orthogonal: { readonly maps: number; readonly O: number; readonly I: number };
}

/** How numbers of a parameter begin. */
export type Initial = Fill | NormalFill | OrthogonalFill;

/** A parameter as a layer declares it. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: readonly Initial[];
  /** Linear maps that it holds, one upon the other, such as those of the gates; of a matrix whose rows are looked up none. */
  readonly maps?: number;
  /** Only rows that a batch touches have a gradient and are moved by the optimiser. */
  readonly sparse?: true;
  /**
   * A running statistic rather than a weight: backward calls add the batch's own to its gradient, each thread times
   * its share ('shareN' or 'shareB'), and a step moves it by momentum · (the batch's − itself).
   * Optimiser, gradient norm, clipping and decay leave it alone.
   */
  readonly statistic?: { readonly momentum: number };
}

/** How a model keeps its weights; biases are f32 always. */
export type WeightKind = 'f32' | 'i8';

/** A parameter in a plan. */
export interface Parameter extends ParameterSpec {
  /** The number of its layer, counted from 0. */
  readonly layer: number;
  readonly size: number;
  readonly value: Block;
  /** Of int8 weights the scale of each row. */
  readonly scales?: Block;
  /** Present in training only. */
  readonly gradient?: Block;
}

/** The batch as the kernels see it: Int32 blocks that the packer's arrays are copied into. */
export interface BatchBlocks {
  readonly steps: Block;
  readonly lengths: Block;
  readonly index: Block;
  readonly bagStart: Block;
  readonly bagIds: Block;
  /** [N,features] f32, where the first layer reads numbers in place of words. */
  readonly vectors: Block;
  /** [N+1] and as many as that says, where a layer mixes over edges that rows give. */
  readonly edgeStart: Block;
  readonly edgeEnds: Block;
  /**
   * In training, of the batch of all threads: the rows of the embedding table that it shows, ascending, and by row which
   * of these it is. The table's gradient has only these rows, in this order.
   */
  readonly touched: Block;
  readonly slots: Block;
}

/** The activation behind a gate, which says where it saturates: where there is `none`, nowhere. */
export type GateActivation = 'sigmoid' | 'tanh' | 'relu' | 'none';

/** One direction of a recurrent layer as it shows itself to gradientFlow(); in training only. */
export interface Recurrence {
  /** The name of the part of the plan that shows it. */
  readonly name: string;
  /** Whether it reads from the end of the text. */
  readonly isReverse: boolean;
  /** Numbers of a state, and of each gate. */
  readonly size: number;
  readonly gateSize: number;
  /** [N,stride(size)] behind backward: the gradient of the loss with respect to each state, from above and from later steps. */
  readonly dStates: Block;
  /** [N, gates·stride(gateSize)] behind forward, before backward writes over them. */
  readonly gates: Block;
  /** What follows each gate, in the order in which they lie. */
  readonly activations: Readonly<Record<string, GateActivation>>;
}

/** What a plan is for: backward and dropout belong to training, state from call to call to streaming. */
export type Mode = 'train' | 'predict' | 'stream';

/** What a layer may ask of the plan it is laid into. */
export interface PlanContext {
  readonly mode: Mode;
  /**
   * Whether gradientFlow() looks into the training: then a number is to be as exact as its own terms, however small beside others of
   * the batch, and states' gradients outlast the pass.
   */
  readonly isProbed: boolean;
  readonly batch: BatchBlocks;
  /** Rows of the embedding table, the most frequent words first. */
  readonly tableRows: number;
  /** A number that no other layer has: draws of random numbers differ between layers. */
  readonly stream: number;
  readonly seed: number;
  /** To be asked for numbers, such as what scratch a kernel needs, so that these are written once. */
  readonly kernels: Kernels;
  /** The most packed rows of a batch, and so the most words of a text. */
  readonly maxRows: number;
  /** Tables of the batchNorm() layers that nothing has undone yet, the last one last. */
  readonly norms: Block[];
  /** The table of the words' vectors, if the first layer has one. */
  readonly table: Parameter | undefined;
  /** The same plan for a part of the layer: names begin with the part's, and it may draw random numbers of its own. */
  within(part: string, stream?: number): PlanContext;
  parameter(name: string): Parameter;
  /** A matrix that lives through forward and backward. */
  matrix(name: string, rows: RowCount, columns: number): Block;
  /** A matrix [B, columns] that lives from call to call of a stream. */
  state(name: string, columns: number): Block;
  /** `floats` numbers that live through forward and backward. */
  floats(name: string, floats: number): Block;
  /** `floats` numbers that live through one call. */
  scratch(floats: number): Block;
  /** `floats` numbers that weights are packed into, for products to read. */
  panels(name: string, floats: number): Block;
  /** Packs weights for the forward calls behind it: in training there, in predictions each time the parameters have changed. */
  pack(kernel: KernelName, ...args: Argument[]): void;
  /** Says that the layer mixes words by weights [N,stride(heads)], for people who ask for them. */
  showWeights(weights: Block, heads: number): void;
  /** A layer's output; in training with its gradient. */
  output(shape: Shape, rows: RowCount, index?: Block): Value;
  /** Runs each time the parameters have changed. */
  prepare(kernel: KernelName, ...args: Argument[]): void;
  forward(kernel: KernelName, ...args: Argument[]): void;
  /**
   * In training, calls that undo what forward() was told last: groups run in the opposite order of being added. In other
   * modes it does nothing.
   */
  backward(...calls: readonly KernelCall[]): void;
  /**
   * In training, after a whole pass forward and back: this call, then all that is added behind it forward, and all
   * calls backward, once more.
   */
  again(first: KernelCall): void;
  /** Shows a direction of a recurrent layer to gradientFlow(), if it looks. */
  recurrence(recurrence: Omit<Recurrence, 'name'>): void;
}

/** A layer, options checked: all that is known of it follows from this one object. */
export interface Layer {
  readonly kind: string;
  /** As they are stored in the file. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Numbers a step that the layer reads in place of words: it is the first, then. */
  readonly reads?: number;
  /** Where it mixes over edges that rows give: the most of them for each word of a text. */
  readonly edges?: number;
  /** Whether it acts in training alone, and otherwise lets its input pass. */
  readonly trainsOnly?: boolean;
  /** The task whose last layer it must be, if there is but one. */
  readonly closes?: 'tag' | 'language';
  /** @throws UsageError when the layer cannot stand behind such an input */
  output(input: Shape): Shape;
  /** The most words of a text that it can read. Default: any number. */
  readonly longest?: number;
  /** Name, shape and initial values of each parameter, for such an input and so many rows of the embedding. */
  parameters(input: Shape, tableRows: number): readonly ParameterSpec[];
  /** Lays the layer into a plan: reserves blocks, adds calls, returns its output. */
  plan(context: PlanContext, input: Value): Value;
}

/** The features of a shape that has them. @throws UsageError for tokens */
export function featuresOf(layer: string, shape: Shape): number {
  if (shape.kind !== 'tokens') return shape.features;
  throw new UsageError(`${layer}()`, {
    expected: 'numbers to work on',
    got: 'words',
    cause: 'Put an embedding() layer first.',
  });
}

/** A sequence, or a UsageError that says what stands there instead. */
export function sequenceOf(layer: string, shape: Shape): Extract<Shape, { kind: 'sequence' }> {
  if (shape.kind === 'sequence') return shape;
  throw new UsageError(`${layer}()`, {
    expected: 'a sequence of vectors',
    got: shape.kind === 'tokens' ? 'words' : 'one vector a text',
    cause: shape.kind === 'tokens' ? 'Put an embedding() layer first.' : 'Put it before pool().',
  });
}

/** Vectors for each word that know the whole text. */
export function sequence(features: number): Shape {
  return { kind: 'sequence', features, reverseFrom: features };
}

/** One vector a text. */
export function vector(features: number): Shape {
  return { kind: 'vector', features };
}

/**
 * The shape behind a walk over a sequence, one direction or both, H features each: causal where all that it reads tells
 * of the past alone.
 * @throws UsageError where no sequence stands
 */
export function walkedShape(layer: string, input: Shape, directions: number, H: number): Shape {
  const { causal, features, reverseFrom } = sequenceOf(layer, input);
  const shape = { kind: 'sequence', features: directions * H, reverseFrom: H } as const;
  return causal && reverseFrom === features ? { ...shape, causal } : shape;
}

/** A block from so many bytes on. */
export function at(block: Block, offset: number): Argument {
  return offset === 0 ? block : { block, offset };
}

/** A line of the backward list. */
export function call(kernel: KernelName, ...args: Argument[]): KernelCall {
  return { kernel, args };
}

/** One row for each packed row: distinct tokens are spread over the batch. */
export function spread(context: PlanContext, input: Value): Value {
  if (!input.index) return input;
  const features = featuresOf('spread', input.shape);
  const output = context.output(input.shape, 'N');
  context.forward('gatherForward', output.block, input.block, input.index, 'N', features);
  context.backward(
    call('gatherBackward', input.gradient!, output.gradient!, input.index, 'N', 'U', features),
  );
  return output;
}

/** @throws UsageError when the plan is for a stream, with the reason why the layer cannot */
export function refuseStream({ mode }: PlanContext, layer: string, cause: string): void {
  if (mode === 'stream') throw new UsageError(`${layer}() cannot stream`, { cause });
}

/** Floats that panels of int8 weights [rows, C] occupy. */
export function quantisedPanels({ kernels }: PlanContext, rows: number, C: number): number {
  return ((stride(rows) / 8) * kernels.quantisedPanelBytes(C)) / 4;
}

/** Scratch for a product with int8 weights over C input features. */
export function quantisedScratch({ scratch, kernels }: PlanContext, C: number): Block {
  return scratch(kernels.matmulQuantisedScratch(C));
}

/** Scratch for the gradient of weights over C input features. */
export function weightScratch({ scratch, kernels }: PlanContext, C: number): Block {
  return scratch(kernels.matmulTransposedAScratch(C));
}

/** So many linear maps [O,I], one upon the other; each begins by itself. */
export function linearMaps(
  name: string,
  O: number,
  I: number,
  maps = 1,
  initializer: Initializer = 'glorotUniform',
): ParameterSpec {
  return { name, shape: [maps * O, I], initial: [initialOf(initializer, O, I, maps)], maps };
}

/** A parameter that begins with the same value everywhere. */
export function filled(name: string, shape: readonly number[], value = 0): ParameterSpec {
  return {
    name,
    shape,
    initial: [
      constant(
        shape.reduce((size, length) => size * length),
        value,
      ),
    ],
  };
}

/** The same value everywhere. */
export function constant(count: number, value: number, from = 0): Fill {
  return { from, count, low: value, high: value };
}
