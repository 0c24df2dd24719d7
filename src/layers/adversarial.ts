import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import { call, type Layer, sequenceOf, spread } from './layer.ts';

/** What {@link adversarial} may be told. */
export const adversarialOptions = {
  /** How far each text is moved, all its words together; one word's vector is about 1 long at first. Default 0.1. */
  epsilon: { is: 'positive', default: 0.1 },
} as const;

/** Options of {@link adversarial}. */
export interface AdversarialOptions extends OptionsOf<typeof adversarialOptions> {}

/**
 * Lets its input pass, and in training teaches every batch twice: as it is, and with each text moved to where the loss
 * grows fastest (Miyato et al. 2017).
 *   x + ε·g/‖g‖₂      g the gradient of all words of a text
 * A step takes nearly twice as long; loss and accuracy that training reports are those of the moved texts. Put it right
 * behind the embedding. The paper normalises embeddings, which else may outgrow ε; here weight decay is for that.
 * @throws UsageError when epsilon is not above 0
 * @example
 * adversarial({ epsilon: 0.1 })
 */
export function adversarial(options: AdversarialOptions = {}): Layer {
  const made = checkOptions('adversarial', adversarialOptions, options);
  const { epsilon } = made.options;
  return {
    ...made,
    trainsOnly: true,
    output(input) {
      return sequenceOf(made.kind, input);
    },
    parameters: () => [],
    plan(context, input) {
      if (context.mode !== 'train') return input;
      if (!input.index) {
        throw new UsageError(`${made.kind}()`, {
          expected: 'the words of embedding()',
          got: 'what another layer made of them',
          cause: 'Put it right behind embedding().',
        });
      }
      const x = spread(context, input); // rows of its own, to be moved
      const { features: C } = sequenceOf(made.kind, x.shape);
      const squares = context.matrix('squares', 'B', stride(1));
      const move = [x.block, squares, x.gradient!, context.batch.steps, epsilon, 'T', 'B', C] as const;
      context.again(call('adversarialMove', ...move));
      return x;
    },
  };
}
