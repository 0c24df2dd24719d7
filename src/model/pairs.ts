import { featuresOf, type Layer, type Shape } from '../layers/layer.ts';
import { UsageError } from '../runtime/errors.ts';

/**
 * Checks that each batchNormInverse() has a batchNorm() before it to undo, as brackets have each other.
 * @throws UsageError when it has none, or one of other features
 */
export function checkPairs(layers: readonly Layer[]): void {
  const open: number[] = [];
  let shape: Shape = { kind: 'tokens' };
  for (const layer of layers) {
    shape = layer.output(shape);
    if (layer.kind === 'batchNorm') open.push(featuresOf('batchNorm', shape));
    if (layer.kind === 'batchNormInverse') checkPair(open.pop(), featuresOf('batchNormInverse', shape));
  }
}

function checkPair(normalised: number | undefined, features: number): void {
  if (normalised === features) return;
  if (normalised === undefined) {
    throw new UsageError('batchNormInverse()', {
      expected: 'a batchNorm() before it that nothing has undone yet',
      got: 'none',
    });
  }
  throw new UsageError('batchNormInverse()', {
    expected: `${normalised} features, as the batchNorm() it undoes has`,
    got: String(features),
    cause: `Put dense({ units: ${normalised} }) before it.`,
  });
}
