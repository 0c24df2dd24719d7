import type { Layer } from '../layers/layer.ts';
import { UsageError } from '../runtime/errors.ts';
import { machineOf } from '../runtime/machine.ts';
import { type Block, MemoryPlan } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import { Model } from './model.ts';
import { parametersByLayer } from './network-plan.ts';

/** A layer, and where its parameters lie, in their order. */
interface Placed {
  readonly layer: Layer;
  readonly parameters: readonly { readonly block: Block; readonly shape: readonly number[] }[];
}

/**
 * A model that says the same without its batchNorm() layers: what they do to a prediction is fixed after training,
 * so each goes into the weights of the dense() layer behind it, or of one before it that has no activation. Probabilities
 * move by rounding alone, less than 1e-5. It predicts, is saved and loaded, and can be quantised; trained further, it
 * learns as a model without normalisation. A batchNormInverse() goes the same way.
 * @returns a new model; the one given is left as it is
 * @throws UsageError before the model is trained, for a quantised one, for one without batchNorm(), and when one of
 * them has no such dense() beside it
 * @example
 * const plain = foldBatchNorm(model);
 */
export function foldBatchNorm(model: Model): Model {
  const { config, modules, vocabulary, facts, weights } = model;
  if (config.weights === 'i8') {
    throw new UsageError('this model is quantised', { cause: 'Fold first, then quantize().' });
  }
  const plan = new MemoryPlan({ B: 0, N: 0, U: 0 });
  const layers = parametersByLayer(config.layers, vocabulary.tableRows).map((own, i): Placed => {
    const parameters = own.map(({ name, shape, size }) => {
      return { shape, block: plan.reserve('parameters', name, size * 4) };
    });
    return { layer: config.layers[i], parameters };
  });
  const norms = normsOf(layers);
  if (norms.length === 0) throw new UsageError('this model has no batchNorm() to fold');
  const widest = Math.max(...norms.map(({ statistics }) => featuresOf(statistics)));
  const [table, inverse] = ['table', 'inverse'].map((name) =>
    plan.reserve('activations', name, 3 * stride(widest) * 4),
  );
  const machine = machineOf(modules.exact, plan);
  const { kernels } = machine;
  const all = machine.region('parameters');
  all.set(weights);

  const rest = [...layers];
  for (const { placed, statistics } of norms) {
    const at = rest.indexOf(placed);
    rest.splice(at, 1);
    const C = featuresOf(statistics);
    const [gamma, beta, mean, variance] = pointersOf(statistics);
    const epsilon = statistics.layer.options.epsilon as number;
    kernels.batchNormPrepare(table.pointer, gamma, beta, mean, variance, C, epsilon);
    if (placed !== statistics) kernels.batchNormInvert(inverse.pointer, table.pointer, C);
    const { dense, kernel } = neighbourOf(placed.layer, rest, at);
    const [weight, bias] = pointersOf(dense);
    const [O, I] = dense.parameters[0].shape;
    kernels[kernel](weight, bias, (placed === statistics ? table : inverse).pointer, O, I);
  }
  // What stays moves up, in the order in which it is stored.
  let size = 0;
  for (const { block } of rest.flatMap(({ parameters }) => parameters)) {
    const from = (block.pointer - all.byteOffset) / 4;
    all.copyWithin(size, from, from + block.bytes / 4);
    size += block.bytes / 4;
  }
  const folded = new Model({ ...config, layers: rest.map(({ layer }) => layer) }, modules);
  folded.adopt({ vocabulary, facts, weights: all.slice(0, size) });
  return folded;
}

/** A layer to fold, and the batchNorm() whose statistics it goes by: itself, or the one that it undoes. */
interface Norm {
  readonly placed: Placed;
  readonly statistics: Placed;
}

function normsOf(layers: readonly Placed[]): Norm[] {
  const open: Placed[] = [];
  return layers.flatMap((placed) => {
    if (placed.layer.kind === 'batchNorm') open.push(placed);
    else if (placed.layer.kind === 'batchNormInverse') return [{ placed, statistics: open.pop()! }];
    else return [];
    return [{ placed, statistics: placed }];
  });
}

const featuresOf = ({ parameters: [gamma] }: Placed) => gamma.shape[0];
const pointersOf = ({ parameters }: Placed) => parameters.map(({ block }) => block.pointer);

interface Neighbour {
  readonly dense: Placed;
  readonly kernel: 'foldBehind' | 'foldBefore';
}

/** The dense layer that can do what stood before place `at`; dropout between them does nothing to a prediction. */
function neighbourOf({ kind }: Layer, layers: readonly Placed[], at: number): Neighbour {
  const isDropout = ({ layer }: Placed) => layer.kind === 'dropout';
  const behind = layers.slice(at).find((placed) => !isDropout(placed));
  if (behind?.layer.kind === 'dense') return { dense: behind, kernel: 'foldBehind' };
  const before = layers.slice(0, at).findLast((placed) => !isDropout(placed));
  const isPlain = before?.layer.kind === 'dense' && before.layer.options.activation === 'none';
  if (before && isPlain) return { dense: before, kernel: 'foldBefore' };
  throw new UsageError(`${kind}() cannot be folded`, {
    expected: 'dense() behind it, or before it one without activation',
    got: [before, behind].map((placed) => (placed ? `${placed.layer.kind}()` : 'nothing')).join(' and '),
  });
}
