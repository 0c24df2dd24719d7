import type { LstmParameters, LstmState } from '../reference/lstm.ts';
import { type Arena, stride } from './arena.ts';
import { stepsOf } from './packed.ts';

export interface LstmOptions {
  /** Of each sequence, longest first. */
  lengths: number[];
  parameters: LstmParameters;
  reverse?: boolean | undefined;
  /** State before the first step of each sequence; without it the kernels get 0 for h0 and c0. */
  initial?: LstmState[] | undefined;
  /** Row of x that each packed row shows; without it row n of the batch is row n of x. */
  index?: number[] | undefined;
  /** The projection lies in the gates; rows of x are in the order of the last rows of the batch that show them. */
  inPlace?: boolean | undefined;
}

/** One direction of the LSTM kernels over one packed batch: every call in order, every pointer kept. */
export class LstmRun {
  readonly D: number;
  readonly H: number;
  readonly N: number;
  readonly h: number;
  readonly c: number;
  readonly gates: number;
  readonly steps: number;
  readonly dWeightIH: number;
  readonly dWeightHH: number;
  readonly dBias: number;
  private readonly h0: number;
  private readonly c0: number;
  private readonly home: number;

  constructor(
    private readonly arena: Arena,
    private readonly options: LstmOptions,
  ) {
    const { lengths, parameters, initial } = options;
    this.D = parameters.weightIH[0].length;
    this.H = parameters.weightHH[0].length;
    this.N = lengths.reduce((sum, length) => sum + length, 0);
    this.h = arena.putMatrix(this.N, this.H);
    this.c = arena.putMatrix(this.N, this.H);
    this.gates = arena.putFloats(this.N * this.width);
    this.steps = arena.putInts(stepsOf(lengths));
    [this.dWeightIH, this.dWeightHH, this.dBias] = [4 * this.H * this.D, 4 * this.H * this.H, 4 * this.H].map(
      (count) => arena.putFloats(new Float32Array(count)),
    );
    const state = (name: 'h' | 'c') =>
      initial
        ? arena.putMatrix(
            lengths.length,
            this.H,
            initial.flatMap((of) => of[name]),
          )
        : 0;
    this.h0 = state('h');
    this.c0 = state('c');
    this.home = options.inPlace && options.index ? arena.putInts(new Array(options.index.length).fill(0)) : 0;
  }

  /** Floats in a row of gates. */
  private get width(): number {
    return 4 * stride(this.H);
  }

  private get numSteps(): number {
    return this.options.lengths[0];
  }

  /** Runs the forward kernels over x [U,D8]. */
  forward(x: number, U = this.N): this {
    const { arena, D, H, width, options } = this;
    const { kernels } = arena;
    const { weightIH, weightHH, bias } = options.parameters;
    const panelsIH = arena.putFloats(width * D);
    const panelsHH = arena.putFloats(width * H);
    const biasRow = arena.putFloats(width);
    const weights = [weightIH.flat(), weightHH.flat(), bias].map((values) => arena.putFloats(values));
    kernels.gatesPack(panelsIH, weights[0], D, H, 4);
    kernels.gatesPack(panelsHH, weights[1], H, H, 4);
    kernels.gatesRow(biasRow, weights[2], H, 4);

    const projected = options.inPlace ? this.gates : arena.putFloats(U * width);
    const index = options.index ? arena.putInts(options.index) : 0;
    kernels.gatesProject(projected, x, panelsIH, 0, U, D, H, 4);
    if (this.home) kernels.moveHome(projected, this.home, index, this.N, U, width);
    kernels.lstmForward(
      this.h,
      this.c,
      this.gates,
      projected,
      index,
      this.home,
      this.steps,
      this.h0,
      this.c0,
      panelsHH,
      biasRow,
      arena.putFloats(kernels.strassenScratch(width, H)),
      this.numSteps,
      H,
      Number(options.reverse ?? false),
    );
    return this;
  }

  /**
   * Runs the backward kernels, given dY [N,H8]; the gates become dGates, the gradients of the parameters grow.
   * @param sum A dX [U,D8] to add to, of the other direction; without it dX is written.
   * @returns dX [U,D8] and, where h0 and c0 are given, their gradients dH, dC [B,H8].
   */
  backward(x: number, dY: number, U = this.N, sum = 0): { dX: number; dH: number; dC: number } {
    const { arena, D, H, N, width, options, gates } = this;
    const { kernels } = arena;
    const { weightIH, weightHH } = options.parameters;
    const B = options.lengths.length;
    const panelsIH = arena.putFloats(stride(D) * width);
    const panelsHH = arena.putFloats(stride(H) * width);
    const weights = [weightIH, weightHH].map((rows) => arena.putFloats(rows.flat()));
    kernels.gatesPackBackward(panelsIH, weights[0], D, H, 4);
    kernels.gatesPackBackward(panelsHH, weights[1], H, H, 4);

    const previous = arena.putMatrix(N, H);
    const dH = arena.putMatrix(B, H);
    const dC = arena.putMatrix(B, H);
    kernels.lstmBackward(
      gates,
      previous,
      dH,
      dC,
      dY,
      this.h,
      this.c,
      this.steps,
      this.h0,
      this.c0,
      panelsHH,
      arena.putFloats(kernels.strassenScratch(stride(H), width)),
      this.numSteps,
      B,
      H,
      Number(options.reverse ?? false),
    );

    const scratch = arena.putFloats(kernels.matmulTransposedAScratch(Math.max(D, H)));
    kernels.gatesWeightGradient(this.dWeightHH, gates, previous, scratch, N, H, H, 4, width);
    let dProjected = gates;
    if (options.index) {
      const index = arena.putInts(options.index);
      if (this.home) {
        kernels.sumHome(gates, this.home, index, N, U, width);
      } else {
        dProjected = arena.putFloats(U * width);
        kernels.gatherBackward(dProjected, gates, index, N, U, width);
      }
    }
    kernels.gatesWeightGradient(this.dWeightIH, dProjected, x, scratch, U, D, H, 4, width);
    kernels.gatesBiasGradient(this.dBias, dProjected, U, H, 4);
    const dX = sum || arena.putMatrix(U, D);
    kernels.gatesInputGradient(dX, dProjected, panelsIH, U, D, H, 4, Number(sum !== 0));
    return { dX, dH, dC };
  }
}
