import type {
  BatchBlocks,
  Layer,
  Mode,
  Parameter,
  PlanContext,
  Recurrence,
  Shape,
  Value,
  WeightKind,
} from '../layers/layer.ts';
import { UsageError } from '../runtime/errors.ts';
import { type KernelName, type Kernels, kernelsAlone } from '../runtime/kernels.ts';
import { type Argument, type Block, type KernelCall, MemoryPlan, type Region } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';

/** What a network is built from; equal specs give equal parameters in equal order. */
export interface NetworkSpec {
  readonly layers: readonly Layer[];
  /** Rows of the embedding table. */
  readonly tableRows: number;
  /** The most table rows one token can be a bag of. */
  readonly maxBag: number;
  readonly seed: number;
  /** Int8 weights predict; only f32 weights train. */
  readonly weights: WeightKind;
}

/** The most sequences and packed rows of one batch. */
export interface BatchLimits {
  readonly maxSequences: number;
  readonly maxRows: number;
}

/** What lies behind the last layer: probabilities, or in training the loss. */
export type Head<Outcome> = (context: PlanContext, logits: Value) => Outcome;

/** A parameter as the file holds it. */
export interface StoredParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly dtype: 'F32' | 'I8';
  /** Of the rows of the int8 matrix before it. */
  readonly isScales: boolean;
}

/** Names, shapes and sizes of a network's parameters in stored order, nothing reserved. */
export function listParameters(
  layers: readonly Layer[],
  tableRows: number,
  weights: WeightKind = 'f32',
): StoredParameter[] {
  return parametersByLayer(layers, tableRows, weights).flat();
}

/** The same, a list for each layer. */
export function parametersByLayer(
  layers: readonly Layer[],
  tableRows: number,
  weights: WeightKind = 'f32',
): StoredParameter[][] {
  return walk(layers, tableRows).map(({ name, specs }) =>
    specs.flatMap((spec) => stored(`${name}.${spec.name}`, spec.shape, weights)),
  );
}

function stored(name: string, shape: readonly number[], weights: WeightKind): StoredParameter[] {
  const whole = { name, shape, size: product(shape), isScales: false };
  if (!isQuantised(shape, weights)) return [{ ...whole, dtype: 'F32' }];
  const [rows] = shape;
  const scales = { name: `${name}.scales`, shape: [rows], size: rows, isScales: true };
  return [
    { ...whole, dtype: 'I8' },
    { ...scales, dtype: 'F32' },
  ];
}

/** Whether a parameter is int8: a matrix is, a bias is not. */
function isQuantised(shape: readonly number[], weights: WeightKind): boolean {
  return weights === 'i8' && shape.length === 2;
}

/** The shape behind the last layer. @throws UsageError when a layer cannot stand where it does */
export function outputShape(layers: readonly Layer[]): Shape {
  return layers.reduce<Shape>((shape, layer) => layer.output(shape), { kind: 'tokens' });
}

/** A network on paper: blocks and calls, no memory yet. */
export interface NetworkPlan<Outcome> {
  readonly memory: MemoryPlan;
  readonly calls: Calls;
  readonly parameters: readonly Parameter[];
  readonly batch: BatchBlocks;
  /** Rows of the embedding table. */
  readonly tableRows: number;
  /** Of a plan for training: every direction of every recurrent layer. */
  readonly recurrences: readonly Recurrence[];
  readonly outcome: Outcome;
  /** The weights by which layers mix words, in the order of the layers. */
  readonly shown: readonly ShownWeights[];
}

/** Weights [N,stride(heads)] of a text's words; those of each head sum to one. */
export interface ShownWeights {
  readonly weights: Block;
  readonly heads: number;
}

/** What a network does, in the order in which it is done. */
export interface Calls {
  /** Each time the parameters have changed. */
  readonly prepare: KernelCall[];
  readonly forward: KernelCall[];
  readonly backward: KernelCall[];
}

/**
 * Lays layers into a plan.
 * @param module the compiled kernels
 * @param mode `train` reserves gradients, too
 * @param head adds what follows the logits
 * @param more `threads` that work on a batch, each on a part within the limits; `isProbed`, of a training that gradientFlow()
 *   looks into
 * @throws UsageError when a layer cannot do what the mode asks
 */
export function planNetwork<Outcome>(
  module: WebAssembly.Module,
  spec: NetworkSpec,
  mode: Mode,
  { maxSequences, maxRows }: BatchLimits,
  head: Head<Outcome>,
  { threads = 1, isProbed = false }: { readonly threads?: number; readonly isProbed?: boolean } = {},
): NetworkPlan<Outcome> {
  const memory = new MemoryPlan({ B: maxSequences, N: maxRows, U: maxRows }, threads);
  const calls: Calls = { prepare: [], forward: [], backward: [] };
  const features = featuresOf(spec.layers);
  const edges = edgesOf(spec.layers);
  const io = (name: string, count: number) => memory.reserve('io', name, count * 4);
  const tableRows = mode === 'train' ? spec.tableRows : 0;
  const mostTouched = Math.min(tableRows, threads * maxRows * spec.maxBag);
  const batch: BatchBlocks = {
    steps: io('steps', maxRows),
    lengths: io('lengths', maxSequences),
    index: io('index', maxRows),
    bagStart: io('bagStart', maxRows + 1),
    bagIds: io('bagIds', maxRows * spec.maxBag),
    vectors: memory.matrix('vectors', 'N', features, 'io'),
    edgeStart: io('edgeStart', edges > 0 ? maxRows + 1 : 0),
    edgeEnds: io('edgeEnds', 2 * edges * maxRows),
    touched: memory.reserve('update', 'touched', mostTouched * 4),
    slots: memory.reserve('update', 'slots', tableRows * 4),
  };
  const parameters: Parameter[] = [];
  const shown: ShownWeights[] = [];
  const recurrences: Recurrence[] = [];
  const repeats: Repeat[] = [];
  let alone: Kernels | undefined;
  const kernels = () => (alone ??= kernelsAlone(module, threads > 1));
  const common = {
    kernels,
    memory,
    spec,
    mode,
    isProbed,
    batch,
    calls,
    parameters,
    shown,
    recurrences,
    repeats,
    norms: [],
  };
  const none: Block = { name: 'words', region: 'io', bytes: 0, pointer: 0 };
  let value: Value = { shape: { kind: 'tokens' }, rows: 'N', block: none };
  walk(spec.layers, spec.tableRows).forEach(({ layer, name, specs }, stream) => {
    for (const parameter of specs) {
      const size = product(parameter.shape);
      const full = `${name}.${parameter.name}`;
      const own = { ...parameter, layer: stream, size };
      if (isQuantised(parameter.shape, spec.weights)) {
        const scales = memory.reserve('parameters', `${full}.scales`, parameter.shape[0] * 4);
        parameters.push({ ...own, value: memory.reserve('quantised', full, size), scales });
        continue;
      }
      const value = memory.reserve('parameters', full, size * 4);
      const count = parameter.sparse ? (size / spec.tableRows) * mostTouched : size;
      const gradient = mode === 'train' && { gradient: memory.reserve('gradients', `d ${full}`, count * 4) };
      parameters.push({ ...own, value, ...gradient });
    }
    value = layer.plan(layerContext(common, name, stream), value);
  });
  const outcome = head(layerContext(common, 'head', spec.layers.length), value);
  for (const { first, from } of repeats) {
    if (parameters.some(({ statistic }) => statistic)) {
      throw new UsageError('adversarial() cannot stand in a model with batch normalisation', {
        cause: 'Its running statistics would count every batch twice.',
      });
    }
    calls.backward.push(first, ...calls.forward.slice(from), ...calls.backward);
  }
  if (mode === 'train') {
    const read = recurrences.map(({ dStates }) => dStates);
    memory.runs([...calls.forward, ...calls.backward], read);
  }
  return { memory, calls, parameters, batch, tableRows: spec.tableRows, recurrences, outcome, shown };
}

/** Numbers a step that a network reads in place of words; 0 for words. */
export function featuresOf([first]: readonly Layer[]): number {
  return first?.reads ?? 0;
}

/** The most edges for each word that rows may give; 0 where no layer mixes over any. */
export function edgesOf(layers: readonly Layer[]): number {
  const none = Infinity;
  const least = layers.reduce((bound, { edges = none }) => Math.min(bound, edges), none);
  return least < none ? least : 0;
}

/** Each layer with its place in the names of the file, and its parameters. */
function walk(layers: readonly Layer[], tableRows: number) {
  let shape: Shape = { kind: 'tokens' };
  return layers.map((layer, i) => {
    const specs = layer.parameters(shape, tableRows);
    shape = layer.output(shape);
    return { layer, name: `layers.${i}.${layer.kind}`, specs };
  });
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

interface Common {
  /** Asked, so that numbers are written once, in the kernels. */
  readonly kernels: () => Kernels;
  readonly memory: MemoryPlan;
  readonly spec: NetworkSpec;
  readonly mode: Mode;
  readonly isProbed: boolean;
  readonly batch: BatchBlocks;
  readonly calls: Calls;
  /** Those of the layers that have been planned, and of the one that is. */
  readonly parameters: readonly Parameter[];
  readonly shown: ShownWeights[];
  readonly recurrences: Recurrence[];
  readonly repeats: Repeat[];
  readonly norms: Block[];
}

/** A second pass over a batch: a call, then all forward calls from a place on, and all backward calls. */
interface Repeat {
  readonly first: KernelCall;
  readonly from: number;
}

function layerContext(common: Common, name: string, stream: number): PlanContext {
  const { kernels, memory, spec, mode, isProbed, batch, calls, parameters, shown } = common;
  const { recurrences, repeats, norms } = common;
  const floats = (region: Region) => (own: string, count: number) =>
    memory.reserve(region, `${name}.${own}`, count * 4);
  const adding =
    (list: KernelCall[]) =>
    (kernel: KernelName, ...args: Argument[]) =>
      void list.push({ kernel, args });
  const overlaid = floats('overlaid');
  let outputs = 0;
  return {
    mode,
    isProbed,
    batch,
    tableRows: spec.tableRows,
    stream,
    seed: spec.seed,
    get kernels() {
      return kernels();
    },
    maxRows: memory.limits.N,
    norms,
    table: parameters.find(({ sparse }) => sparse),
    within: (part, own = stream) => layerContext(common, `${name}.${part}`, own),
    parameter: (own) => parameters.find(({ value }) => value.name === `${name}.${own}`)!,
    matrix: (own, rows, columns) => memory.matrix(`${name}.${own}`, rows, columns),
    state: (own, columns) => memory.matrix(`${name}.${own}`, 'B', columns, 'state'),
    floats: floats('activations'),
    panels: overlaid,
    scratch: (count) => (mode === 'train' ? overlaid('scratch', count) : memory.scratch(count)),
    showWeights: (weights, heads) => void shown.push({ weights, heads }),
    output(shape, rows, index) {
      if (shape.kind === 'tokens') throw new TypeError('a layer yields numbers');
      const own = outputs++ ? `${name}.output${outputs}` : `${name}.output`;
      const { features } = shape;
      const block = memory.matrix(own, rows, features);
      // Padding stays zero, so that where a row has any, nothing else may lie.
      const region = features === stride(features) ? 'overlaid' : 'activations';
      const gradient = mode === 'train' && { gradient: memory.matrix(`d ${own}`, rows, features, region) };
      return { shape, rows, block, ...(index && { index }), ...gradient };
    },
    pack: adding(mode === 'train' ? calls.forward : calls.prepare),
    prepare: adding(calls.prepare),
    forward: adding(calls.forward),
    backward(...group) {
      if (mode === 'train') calls.backward.unshift(...group);
    },
    again(first) {
      if (repeats.length > 0) throw new UsageError('adversarial() can stand in a model but once');
      repeats.push({ first, from: calls.forward.length });
    },
    recurrence(one) {
      if (isProbed) recurrences.push({ ...one, name });
    },
  };
}
