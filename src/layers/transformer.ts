import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { attention } from './attention.ts';
import { dense } from './dense.ts';
import { dropout } from './dropout.ts';
import { type InnerLayers, innerParameters, residual } from './inner.ts';
import { type Layer, sequence, sequenceOf, spread } from './layer.ts';
import { layerNorm } from './layer-norm.ts';

/** What {@link transformer} may be told. */
export const transformerOptions = {
  /** Heads of the attention; they must divide the features. Default 4. */
  heads: { is: 'whole', from: 1, to: 64, default: 4 },
  /** Units between the two linear maps of each word; where it is not given, four times the features. Default none. */
  hidden: { is: 'whole', from: 1, to: 65_536, default: null },
  /** Share dropped of what either half adds, and between the two maps, in training. Default 0. */
  dropout: { is: 'share', default: 0 },
} as const;

/** Options of {@link transformer}. */
export interface TransformerOptions extends OptionsOf<typeof transformerOptions> {}

/**
 * A block of a Transformer's encoder, sequence → sequence of the same C features, before or behind lstm() and
 * itself: x + attention(layerNorm(x)), then x + W₂·gelu(W₁·layerNorm(x)). As PyTorch's TransformerEncoderLayer with
 * norm_first and gelu. It knows no order of the words: put positions() or an lstm() first.
 * Source: Vaswani et al. 2017; normalised first: Xiong et al. 2020.
 * @throws UsageError when an option is wrong, or heads does not divide the features
 * @example
 * transformer({ heads: 4, dropout: 0.1 })
 */
export function transformer(options: TransformerOptions = {}): Layer {
  const made = checkOptions('transformer', transformerOptions, options);
  const { heads, hidden, dropout: rate } = made.options;
  const drop = rate === 0 ? undefined : dropout({ rate });
  const first: InnerLayers = {
    attentionNorm: layerNorm(),
    attention: attention({ heads }),
    ...(drop && { attentionDropout: drop }),
  };
  const second = (C: number): InnerLayers => ({
    denseNorm: layerNorm(),
    hidden: dense({ units: hidden ?? 4 * C, activation: 'gelu' }),
    ...(drop && { hiddenDropout: drop }),
    out: dense({ units: C }),
    ...(drop && { outDropout: drop }),
  });
  return {
    ...made,
    output(input) {
      const { features } = sequenceOf(made.kind, input);
      attention({ heads }).output(input);
      return sequence(features);
    },
    parameters(input) {
      const { features: C } = sequenceOf(made.kind, input);
      return [...innerParameters(first, input), ...innerParameters(second(C), input)];
    },
    plan(context, input) {
      const x = spread(context, input);
      const { features: C } = sequenceOf(made.kind, x.shape);
      const middle = residual(context, first, 0, x);
      return {
        ...residual(context, second(C), Object.keys(first).length, middle),
        shape: this.output(x.shape),
      };
    },
  };
}
