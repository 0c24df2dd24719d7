import type { Layer, Mode, Parameter, PlanContext, Value } from '../../src/layers/layer.ts';
import type { Argument, Block, Dimension, KernelCall, RowCount } from '../../src/runtime/plan.ts';
import type { Arena } from './arena.ts';
import { stepsOf } from './packed.ts';

/** What a layer is to work on. */
export interface LayerProblem {
  readonly layer: Layer;
  readonly mode: Mode;
  /** Of each sequence, longest first. */
  readonly lengths: readonly number[];
  /** Input rows [N,D], or distinct ones [U,D] with `index`. */
  readonly x: readonly (readonly number[])[];
  /** Which row of x each packed row shows. */
  readonly index?: readonly number[];
  /** Of each packed row, the packed rows it has edges to. */
  readonly edges?: readonly (readonly number[])[];
  /** Parameters by name, flat; int8 ones with their scales. */
  readonly parameters: Readonly<Record<string, ArrayLike<number> | QuantisedValues>>;
  readonly seed?: number;
  readonly step?: number;
}

export interface QuantisedValues {
  readonly q: ArrayLike<number>;
  readonly scales: ArrayLike<number>;
}

/**
 * A layer's own plan, run in an arena: every block stands between canaries and is poisoned before it is written.
 * So what is tested is what a network runs, sizes, order of arguments and all.
 */
export class LayerRun {
  /** The kernels called, each once, in order. */
  readonly kernels: string[] = [];
  readonly output: Value;
  readonly #arena: Arena;
  readonly #problem: LayerProblem;
  readonly #blocks = new Map<string, Block>();
  readonly #prepare: KernelCall[] = [];
  readonly #forward: KernelCall[] = [];
  readonly #backward: KernelCall[] = [];
  readonly #x: Value;
  readonly #dimensions: Record<Dimension, number>;
  readonly #D: number;

  constructor(arena: Arena, problem: LayerProblem) {
    const { layer, mode, lengths, x, index } = problem;
    const N = lengths.reduce((sum, length) => sum + length, 0);
    this.#arena = arena;
    this.#problem = problem;
    this.#D = x[0].length;
    this.#dimensions = {
      ...{ B: lengths.length, T: lengths[0], N, U: x.length, step: problem.step ?? 1 },
      ...{ scale: 1, keep: 0, shareB: 1, shareN: 1 },
      ...{ rate: 0, moves: 0, gradientScale: 1, touched: 0, kept: 0, share: 1 },
    };
    const D = this.#D;
    const train = mode === 'train';
    this.#x = {
      shape: { kind: 'sequence', features: D, reverseFrom: D },
      rows: index ? 'U' : 'N',
      block: this.#at('x', arena.putMatrix(x.length, D, x.flat())),
      ...(train && { gradient: this.#at('dX', arena.putMatrix(x.length, D)) }),
      ...(index && { index: this.#at('index', arena.putInts(index)) }),
    };
    this.output = layer.plan(this.#context(), this.#x);
  }

  forward(): this {
    this.#run([...this.#prepare, ...this.#forward]);
    return this;
  }

  /** Other input rows, as many as before. */
  enter(x: readonly (readonly number[])[]): void {
    this.#arena.fillMatrix(this.#x.block.pointer, x.length, this.#D, x.flat());
  }

  /** @param dY the gradient of the output, dense */
  backward(dY: ArrayLike<number>): this {
    const gradient = this.output.gradient!;
    this.#arena.fillMatrix(gradient.pointer, this.#rows(this.output.rows), this.#columns, dY);
    this.#run(this.#backward);
    return this;
  }

  /** Runs forward again without packing the weights anew, as a stream does. */
  forwardOnly(): this {
    this.#run(this.#forward);
    return this;
  }

  get y(): Float32Array {
    return this.take(this.output.block, this.output.rows, this.#columns);
  }

  get dX(): Float32Array {
    return this.take(this.#x.gradient!, this.#x.rows, this.#D);
  }

  /** Numbers that lie in a block without padding. */
  floats(name: string, count: number): Float32Array {
    return this.#arena.takeFloats(this.block(name).pointer, count);
  }

  /** Dense values of a matrix. */
  take(block: Block | string, rows: RowCount, columns: number): Float32Array {
    const { pointer } = typeof block === 'string' ? this.block(block) : block;
    return this.#arena.takeMatrix(pointer, this.#rows(rows), columns);
  }

  block(name: string): Block {
    return this.#blocks.get(name)!;
  }

  has(name: string): boolean {
    return this.#blocks.has(name);
  }

  gradientOf(parameter: string): Float32Array {
    const { pointer, bytes } = this.block(`d ${parameter}`);
    return this.#arena.takeFloats(pointer, bytes / 4);
  }

  get #columns(): number {
    return (this.output.shape as { features: number }).features;
  }

  #rows(rows: RowCount): number {
    return this.#dimensions[rows];
  }

  #at(name: string, pointer: number, bytes = 0): Block {
    const block: Block = { name, region: 'activations', bytes, pointer };
    this.#blocks.set(name, block);
    return block;
  }

  #run(calls: readonly KernelCall[]): void {
    for (const { kernel, args } of calls) {
      if (!this.kernels.includes(kernel)) this.kernels.push(kernel);
      const values = args.map((argument) => this.#value(argument));
      (this.#arena.kernels[kernel] as (...of: number[]) => void)(...values);
    }
  }

  #value(argument: Argument): number {
    if (typeof argument === 'number') return argument;
    if (typeof argument === 'string') return this.#dimensions[argument];
    if ('dimension' in argument) return this.#dimensions[argument.dimension] * argument.times;
    const { pointer } = 'block' in argument ? argument.block : argument;
    return 'offset' in argument ? pointer + argument.offset : pointer;
  }

  #parameter({ name, shape, initial }: Omit<Parameter, 'size' | 'value' | 'layer'>): Parameter {
    const arena = this.#arena;
    const size = shape.reduce((product, length) => product * length, 1);
    const given = this.#problem.parameters[name];
    const common = { name, shape, initial, size, layer: 0 };
    if ('q' in given) {
      const value = this.#at(name, arena.putIntegers8(given.q));
      return { ...common, value, scales: this.#at(`${name}.scales`, arena.putFloats(given.scales)) };
    }
    const value = this.#at(name, arena.putFloats(given));
    if (this.#problem.mode !== 'train') return { ...common, value };
    const gradient = this.#at(`d ${name}`, arena.putFloats(new Float32Array(size)), size * 4);
    return { ...common, value, gradient };
  }

  #context(): PlanContext {
    const { layer, mode, lengths, edges = [], seed = 1 } = this.#problem;
    const arena = this.#arena;
    const int = (name: string, values: number[]) => this.#at(name, arena.putInts(values));
    const index = this.#problem.index ?? Array.from({ length: this.#dimensions.N }, (_, n) => n);
    const specs = layer.parameters(this.#x.shape, 0);
    const parameters = new Map(specs.map((spec) => [spec.name, this.#parameter(spec)]));
    const matrix = (name: string, rows: RowCount, columns: number) =>
      this.#at(name, arena.putMatrix(this.#rows(rows), columns));
    const batch = {
      steps: int('steps', stepsOf([...lengths])),
      lengths: int('lengths', [...lengths]),
      index: int('batch index', [...index]),
      bagStart: int('bagStart', [0]),
      bagIds: int('bagIds', []),
      vectors: this.#at('vectors', arena.putFloats(0)),
      edgeStart: int(
        'edgeStart',
        edges.map((_, n) => edges.slice(0, n).flat().length).concat(edges.flat().length),
      ),
      edgeEnds: int('edgeEnds', edges.flat()),
      touched: int('touched', []),
      slots: int('slots', []),
    };
    const planOf = (path: string): PlanContext => ({
      mode,
      isProbed: false,
      batch,
      within: (part) => planOf(`${path}${part}.`),
      kernels: arena.kernels,
      maxRows: this.#dimensions.N,
      tableRows: 0,
      stream: 0,
      seed,
      norms: [],
      table: undefined,
      parameter: (name) => parameters.get(path + name)!,
      matrix: (name, rows, columns) => matrix(path + name, rows, columns),
      state: (name, columns) => {
        const B = lengths.length;
        return this.#at(`state ${name}`, arena.putMatrix(B, columns, new Float32Array(B * columns)));
      },
      floats: (name, floats) => this.#at(path + name, arena.putFloats(floats)),
      panels: (name, floats) => this.#at(path + name, arena.putFloats(floats)),
      pack: (kernel, ...args) =>
        void (mode === 'train' ? this.#forward : this.#prepare).push({ kernel, args }),
      scratch: (floats) => this.#at('scratch', arena.putFloats(floats)),
      showWeights: (weights) => void this.#blocks.set('shown weights', weights),
      output: (shape, rows, index) => {
        const { features } = shape as { features: number };
        return {
          ...{ shape, rows, block: matrix(`${path}output`, rows, features) },
          ...(index && { index }),
          ...(mode === 'train' && { gradient: matrix(`d ${path}output`, rows, features) }),
        };
      },
      prepare: (kernel, ...args) => void this.#prepare.push({ kernel, args }),
      forward: (kernel, ...args) => void this.#forward.push({ kernel, args }),
      backward: (...group) => void (mode === 'train' && this.#backward.unshift(...group)),
      again: (first) => void this.#backward.push(first),
      recurrence: () => {},
    });
    return planOf('');
  }
}
