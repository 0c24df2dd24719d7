/**
 * A stack of bidirectional LSTMs in float64: each layer reads the concatenation h_forward | h_reverse of the one
 * below, as PyTorch's `LSTM(num_layers, bidirectional=True)` does.
 */
import {
  type LstmParameters,
  type LstmState,
  type LstmStep,
  lstmBackward,
  lstmForward,
  type Matrix,
} from './lstm.ts';

/** One direction of one layer. */
export interface Direction {
  parameters: LstmParameters;
  initial: LstmState[]; // [B]
}

/** A layer walks its input forwards and in reverse. */
export type Layer = [forward: Direction, reverse: Direction];

export interface LayerTrace {
  x: Matrix[];
  steps: [forward: LstmStep[][], reverse: LstmStep[][]];
  y: Matrix[];
}

const hidden = (steps: LstmStep[][]): Matrix[] => steps.map((sequence) => sequence.map(({ h }) => h));
const concat = (a: Matrix[], b: Matrix[]): Matrix[] =>
  a.map((sequence, s) => sequence.map((row, t) => [...row, ...b[s][t]]));
const columns = (a: Matrix[], from: number, to: number): Matrix[] =>
  a.map((sequence) => sequence.map((row) => row.slice(from, to)));
const add = (a: Matrix[], b: Matrix[]): Matrix[] =>
  a.map((sequence, s) => sequence.map((row, t) => row.map((value, k) => value + b[s][t][k])));

/** Runs the sequences through every layer; y of the last trace is the output of the stack. */
export function stackForward(x: Matrix[], layers: Layer[]): LayerTrace[] {
  let input = x;
  return layers.map(([forward, reverse]) => {
    const ahead = lstmForward(input, forward.initial, forward.parameters, false);
    const back = lstmForward(input, reverse.initial, reverse.parameters, true);
    const trace: LayerTrace = { x: input, steps: [ahead, back], y: concat(hidden(ahead), hidden(back)) };
    input = trace.y;
    return trace;
  });
}

/** Backward of stackForward, given the gradient of the output. */
export function stackBackward(
  layers: Layer[],
  traces: LayerTrace[],
  dY: Matrix[],
): { x: Matrix[]; layers: Layer[] } {
  let dOutput = dY;
  const gradients = new Array<Layer>(layers.length);
  for (let l = layers.length - 1; l >= 0; l--) {
    const { x, steps } = traces[l];
    const H = layers[l][0].parameters.weightHH[0].length;
    const [ahead, back] = layers[l].map(({ parameters, initial }, d) =>
      lstmBackward(x, initial, parameters, steps[d], columns(dOutput, d * H, (d + 1) * H), d === 1),
    );
    gradients[l] = [ahead, back];
    dOutput = add(ahead.x, back.x);
  }
  return { x: dOutput, layers: gradients };
}
