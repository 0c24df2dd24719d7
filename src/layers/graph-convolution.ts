import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { dense } from './dense.ts';
import { call, type Layer, sequenceOf, spread } from './layer.ts';

/** What {@link graphConvolution} may be told. */
export const graphConvolutionOptions = {
  /** Numbers it yields for each word (O). */
  units: { is: 'whole', from: 1, to: 65_536 },
  /** Two words have an edge where they stand at most so many places apart. Default 2. */
  window: { is: 'whole', from: 1, to: 1000, default: 2 },
  /** What follows the product. Default relu. */
  activation: { is: ['none', 'relu', 'tanh', 'gelu'], default: 'relu' },
} as const;

/** Options of {@link graphConvolution}. */
export interface GraphConvolutionOptions extends OptionsOf<typeof graphConvolutionOptions> {}

/**
 * Convolution over the graph of each text, sequence → sequence of O features: y = activation(W·(Â·x) + b). The nodes
 * are the distinct words of the text, an edge weighs how often two stand within the window, and
 * Â = D^(−½)·(A + I)·D^(−½). A word that comes twice is one node: it carries what surrounds it here to where it
 * comes again, however far. Parameters weight [O,C], bias [O]. Source: Kipf & Welling 2017; of words: Yao et al. 2019.
 * @throws UsageError when an option is wrong
 * @example
 * graphConvolution({ units: 64, window: 3 })
 */
export function graphConvolution(options: GraphConvolutionOptions): Layer {
  const checked = checkOptions('graphConvolution', graphConvolutionOptions, options);
  const { units, window, activation } = checked;
  const map = dense({ units, activation });
  return {
    kind: 'graphConvolution',
    options: checked,
    output(input) {
      const { features } = sequenceOf('graphConvolution', input);
      return map.output({ kind: 'sequence', features, reverseFrom: features }); // which knows the whole text
    },
    parameters: (input, tableRows) => map.parameters(input, tableRows),
    plan(context, input) {
      if (context.mode === 'stream') {
        throw new UsageError('graphConvolution() cannot stream', {
          cause: 'A word has edges to the words behind it, too. Use predict() on the whole text.',
        });
      }
      const x = spread(context, input);
      const { features: C } = sequenceOf('graphConvolution', x.shape);
      const { index, steps, lengths } = context.batch;
      const mixed = context.output({ kind: 'sequence', features: C, reverseFrom: C }, 'N');
      const scratch = context.textScratch('graphScratch', C);
      const given = [index, steps, lengths, scratch, 'B', 'U', C, window] as const;
      context.forward('graphMix', mixed.block, x.block, ...given, 0);
      if (context.mode === 'train') {
        context.backward(call('graphMix', x.gradient!, mixed.gradient!, ...given, 1));
      }
      return map.plan(context, mixed);
    },
  };
}
