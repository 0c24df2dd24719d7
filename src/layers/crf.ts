import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { filled, type Layer, sequenceOf, spread } from './layer.ts';

/** What {@link crf} may be told: nothing yet. */
export const crfOptions = {} as const;

/** Options of {@link crf}. */
export interface CrfOptions extends OptionsOf<typeof crfOptions> {}

/**
 * Conditional random field (Lafferty et al. 2001; over an LSTM: Lample et al. 2016): the last layer of a model that
 * tags. The tags of a text are learnt and chosen as a whole, so that a tag learns what it may follow: the loss is
 * −ln p(tags of the text), and the tags are those of the best way through the text (Viterbi 1967). Takes the K scores
 * of each word. Parameters: transitions [K·K] (from, to), start [K], end [K], all zero at the start; they stay f32
 * in a quantised model.
 * @throws UsageError when it does not stand behind a score for each tag of each word
 * @example
 * createModel({ task: 'tag', labels, layers: [embedding(), lstm({ bidirectional: true }), dense({ units: 9 }), crf()] })
 */
export function crf(options: CrfOptions = {}): Layer {
  const made = checkOptions('crf', crfOptions, options);
  return {
    ...made,
    closes: 'tag',
    output: (input) => sequenceOf(made.kind, input),
    parameters(input) {
      const { features: K } = sequenceOf(made.kind, input);
      return [filled('transitions', [K * K]), filled('start', [K]), filled('end', [K])];
    },
    plan(context, input) {
      const [transitions, start, end] = ['transitions', 'start', 'end'].map(context.parameter);
      return { ...spread(context, input), chain: { transitions, start, end } };
    },
  };
}
