import type { PackedBatch } from '../data/batch.ts';
import type { GateActivation, Recurrence } from '../layers/layer.ts';
import type { Machine } from '../runtime/machine.ts';
import { stride } from '../runtime/stride.ts';

/** How far a gate is from where its slope is. */
export interface GateSaturation {
  /** Share of its values in the lowest tenth: sigmoid below 0.1, tanh below −0.9; of relu those at zero. */
  readonly low: number;
  /** Share in the highest tenth: above 0.9. A relu has no upper end: always 0. */
  readonly high: number;
}

/** How gradients flow back through one direction of a recurrent layer. */
export interface LayerFlow {
  /** Such as `layers.1.lstm.forward`. */
  readonly name: string;
  /**
   * ‖∂L/∂h‖, k states before the last one read: mean over the texts that are so long, each of its own loss. The last
   * state read is that of the last word, or of the first in the reverse direction.
   */
  readonly norms: readonly number[];
  /** By gate: input, forget, candidate and output of an LSTM. */
  readonly gates: Readonly<Record<string, GateSaturation>>;
}

/** Where each activation saturates. Source: Karpathy, Johnson & Fei-Fei 2015. */
const ENDS: Readonly<Record<GateActivation, { readonly low: number; readonly high: number }>> = {
  sigmoid: { low: 0.1, high: 0.9 },
  tanh: { low: -0.9, high: 0.9 },
  relu: { low: Number.MIN_VALUE, high: Infinity },
  none: { low: -Infinity, high: Infinity },
};

/** Reads what a direction of a recurrent layer leaves in memory, batch after batch. */
export interface RecurrenceProbe {
  /** To be called behind forward. */
  readGates(batch: PackedBatch): void;
  /** To be called behind backward. */
  readStates(batch: PackedBatch): void;
  flow(): LayerFlow;
}

/** A probe that has read nothing yet. */
export function probeOf(machine: Machine, recurrence: Recurrence): RecurrenceProbe {
  const { name, size, gateSize, isReverse, activations, dStates } = recurrence;
  const values = machine.floats(recurrence.gates);
  const gates = Object.entries(activations).map(([gate, activation]) => {
    return { gate, ends: ENDS[activation], low: 0, high: 0 };
  });
  /** k states before the last one read: the sum of the norms, and of how many texts. */
  const states: { norm: number; texts: number }[] = [];
  let rows = 0;
  return {
    readGates({ numRows }) {
      const columns = stride(gateSize);
      for (const [g, gate] of gates.entries()) {
        const { low, high } = gate.ends;
        for (let row = 0; row < numRows; row++) {
          const from = (row * gates.length + g) * columns;
          for (let j = from; j < from + gateSize; j++) {
            if (values[j] < low) gate.low++;
            else if (values[j] > high) gate.high++;
          }
        }
      }
      rows += numRows;
    },
    readStates({ numSteps, numSequences, steps, lengths }) {
      let at = machine.address(dStates);
      for (let t = 0; t < numSteps; t++) {
        for (let b = 0; b < steps[t]; b++, at += stride(size) * 4) {
          const back = isReverse ? t : lengths[b] - 1 - t;
          states[back] ??= { norm: 0, texts: 0 };
          const state = states[back];
          // The loss is the batch's mean, of which a text's own is one share of as many as there are texts.
          state.norm += numSequences * Math.sqrt(machine.kernels.sumSquares(at, 0, 1, size));
          state.texts++;
        }
      }
    },
    flow() {
      const share = (count: number) => count / (rows * gateSize);
      const saturations = gates.map(({ gate, low, high }) => [gate, { low: share(low), high: share(high) }]);
      return {
        name,
        norms: states.map(({ norm, texts }) => norm / texts),
        gates: Object.fromEntries(saturations),
      };
    },
  };
}
