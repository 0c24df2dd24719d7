import { checkOptions, type OptionsOf } from '../runtime/declared.ts';
import { stride } from '../runtime/stride.ts';
import { call, constant, featuresOf, glorot, type Layer, quantisedPanels } from './layer.ts';

/** What {@link dense} may be told. */
export const denseOptions = {
  /** Numbers it yields (O). */
  units: { is: 'whole', from: 1, to: 65_536 },
  /** What follows the product. Default none. */
  activation: { is: ['none', 'relu', 'tanh'], default: 'none' },
} as const;

/** Options of {@link dense}. */
export interface DenseOptions extends OptionsOf<typeof denseOptions> {}

/**
 * Fully connected: y = W·x + b, weight [O,I], of each vector it is given.
 * @throws UsageError when units is not a whole number from 1 to 65536, or the activation is unknown
 * @example
 * dense({ units: 32, activation: 'relu' })
 */
export function dense(options: DenseOptions): Layer {
  const checked = checkOptions('dense', denseOptions, options);
  const { units: O, activation } = checked;
  return {
    kind: 'dense',
    options: checked,
    output(input) {
      featuresOf('dense', input);
      return input.kind === 'vector'
        ? { kind: 'vector', features: O }
        : { kind: 'sequence', features: O, reverseFrom: O };
    },
    parameters(input) {
      const I = featuresOf('dense', input);
      return [
        { name: 'weight', shape: [O, I], initial: [glorot(I, O)] },
        { name: 'bias', shape: [O], initial: [constant(O, 0)] },
      ];
    },
    plan(context, x) {
      const I = featuresOf('dense', x.shape);
      const weight = context.parameter('weight');
      const bias = context.parameter('bias');
      const y = context.output(this.output(x.shape), x.rows, x.index);
      const count = { dimension: x.rows, times: stride(O) };
      const sizes = [x.rows, I, O] as const;
      if (weight.scales) {
        const panels = context.floats('panels', quantisedPanels(O, I));
        const scratch = context.scratch(context.quantisedScratch(I));
        context.prepare('packQuantised', panels, weight.value, weight.scales, O, I);
        context.forward('denseForwardQuantised', y.block, x.block, panels, bias.value, scratch, ...sizes);
      } else {
        const panels = context.floats('panels', stride(O) * I);
        context.prepare('densePack', panels, weight.value, I, O);
        context.forward('denseForward', y.block, x.block, panels, bias.value, ...sizes);
      }
      if (activation !== 'none') context.forward(`${activation}Forward`, y.block, y.block, count);
      if (context.mode === 'train') {
        const back = context.floats('panelsBackward', stride(I) * O);
        const scratch = context.scratch(context.weightScratch(I));
        const dY = y.gradient!;
        context.prepare('densePackBackward', back, weight.value, I, O);
        context.backward(
          ...(activation === 'none' ? [] : [call(`${activation}Backward`, dY, dY, y.block, count)]),
          call('denseWeightGradient', weight.gradient!, dY, x.block, scratch, x.rows, I, O),
          call('denseBiasGradient', bias.gradient!, dY, x.rows, O),
          call('denseInputGradient', x.gradient!, dY, back, x.rows, I, O),
        );
      }
      return y;
    },
  };
}
