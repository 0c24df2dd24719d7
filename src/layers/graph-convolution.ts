import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { dense } from './dense.ts';
import {
  call,
  type Layer,
  type PlanContext,
  refuseStream,
  sequence,
  sequenceOf,
  spread,
  type Value,
} from './layer.ts';

/** What {@link graphConvolution} may be told. */
export const graphConvolutionOptions = {
  /** Numbers it yields for each word (O). */
  units: { is: 'whole', from: 1, to: 65_536 },
  /** `window`: words have an edge where they stand near each other; `given`: where a row says so. Default window. */
  edges: { is: ['window', 'given'], default: 'window' },
  /** Two words have an edge where they stand at most so many places apart; 2 if nothing is said. Default none. */
  window: { is: 'whole', from: 1, to: 1000, default: null },
  /** Given edges for each word of a text, at most: memory is planned for so many; 8 if nothing is said. Default none. */
  maxEdges: { is: 'whole', from: 1, to: 1000, default: null },
  /** What follows the product. Default relu. */
  activation: { is: ['none', 'relu', 'tanh', 'gelu'], default: 'relu' },
} as const;

/** Options of {@link graphConvolution}. */
export interface GraphConvolutionOptions extends OptionsOf<typeof graphConvolutionOptions> {}

const WINDOW = 2;
const MAX_EDGES = 8;

/**
 * Convolution over the graph of each text, sequence → sequence of O features: y = activation(W·(Â·x) + b),
 * Â = D^(−½)·(A + I)·D^(−½). Parameters weight [O,C], bias [O].
 *
 * - `window`: the nodes are the distinct words of the text, an edge weighs how often two stand within the window. A word
 *   that comes twice is one node: it carries what surrounds it here to where it comes again, however far.
 * - `given`: the nodes are the places, and rows say which have an edge: `{ words, edges }`, edges such as [[0, 1]], in
 *   any direction.
 *
 * Source: Kipf & Welling 2017; of words: Yao et al. 2019; over dependencies: Marcheggiani & Titov 2017.
 * @throws UsageError when an option is wrong, or one that cannot act on such edges is given
 * @example
 * graphConvolution({ units: 64, window: 3 })
 */
export function graphConvolution(options: GraphConvolutionOptions): Layer {
  const made = checkOptions('graphConvolution', graphConvolutionOptions, options);
  const { units, edges, window, maxEdges, activation } = made.options;
  const isGiven = edges === 'given';
  const [idle, value] = isGiven ? ['window', window] : ['maxEdges', maxEdges];
  if (value !== null) throw new UsageError(`graphConvolution ${idle} cannot act with edges: '${edges}'`);
  const map = dense({ units, activation });
  return {
    ...made,
    ...(isGiven && { edges: maxEdges ?? MAX_EDGES }),
    output: (input) => map.output(sequence(sequenceOf(made.kind, input).features)),
    parameters: (input, tableRows) => map.parameters(input, tableRows),
    plan(context, input) {
      const cause = 'A word has edges to the words behind it, too. Use predict() on the whole text.';
      refuseStream(context, made.kind, cause);
      const x = spread(context, input);
      return map.plan(context, isGiven ? mixGiven(context, x) : mixNear(context, x, window ?? WINDOW));
    },
  };
}

/** What is mixed: of as many features, and each row knows the whole text. */
function mixed(context: PlanContext, x: Value): { y: Value; C: number } {
  const { features: C } = sequenceOf('graphConvolution', x.shape);
  return { y: context.output(sequence(C), 'N'), C };
}

/** Â·x over words that stand near each other. */
function mixNear(context: PlanContext, x: Value, window: number): Value {
  const { y, C } = mixed(context, x);
  const { index, steps, lengths } = context.batch;
  const scratch = context.scratch(context.kernels.graphScratch(context.maxRows, C));
  const given = [index, steps, lengths, scratch, 'B', 'U', C, window] as const;
  context.forward('graphMix', y.block, x.block, ...given, 0);
  context.backward(call('graphMix', x.gradient!, y.gradient!, ...given, 1));
  return y;
}

/** Â·x over the edges that rows give. */
function mixGiven(context: PlanContext, x: Value): Value {
  const { y, C } = mixed(context, x);
  const given = [context.batch.edgeStart, context.batch.edgeEnds, 'N', C] as const;
  context.forward('edgeMix', y.block, x.block, ...given);
  context.backward(call('edgeMix', x.gradient!, y.gradient!, ...given));
  return y;
}
