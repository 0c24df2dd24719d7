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
  relu: { low: Number.MIN_VALUE, high: Number.POSITIVE_INFINITY },
  none: { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY },
};

/** Reads what a direction of a recurrent layer leaves in memory, batch after batch. */
export class RecurrenceProbe {
  readonly #machine: Machine;
  readonly #recurrence: Recurrence;
  /** Sum of the norms k states before the last one read, and how many. */
  readonly #norms: number[] = [];
  readonly #texts: number[] = [];
  readonly #low: number[];
  readonly #high: number[];
  #rows = 0;

  constructor(machine: Machine, recurrence: Recurrence) {
    this.#machine = machine;
    this.#recurrence = recurrence;
    this.#low = Object.keys(recurrence.activations).map(() => 0);
    this.#high = [...this.#low];
  }

  /** To be called behind forward. */
  readGates({ numRows }: PackedBatch): void {
    const { gates, gateSize, activations } = this.#recurrence;
    const values = this.#machine.floats(gates);
    const kinds = Object.values(activations);
    const columns = stride(gateSize);
    for (let gate = 0; gate < kinds.length; gate++) {
      const { low, high } = ENDS[kinds[gate]];
      for (let row = 0; row < numRows; row++) {
        const from = (row * kinds.length + gate) * columns;
        for (let j = from; j < from + gateSize; j++) {
          if (values[j] < low) this.#low[gate]++;
          else if (values[j] > high) this.#high[gate]++;
        }
      }
    }
    this.#rows += numRows;
  }

  /** To be called behind backward. */
  readStates({ numSteps, numSequences, steps, lengths }: PackedBatch): void {
    const { dStates, size, isReverse } = this.#recurrence;
    const { kernels } = this.#machine;
    const rowBytes = stride(size) * 4;
    let at = this.#machine.address(dStates);
    for (let t = 0; t < numSteps; t++) {
      for (let b = 0; b < steps[t]; b++, at += rowBytes) {
        const back = isReverse ? t : lengths[b] - 1 - t;
        // The loss is the batch's mean, of which a text's own is one share of as many as there are texts.
        const norm = numSequences * Math.sqrt(kernels.sumSquares(at, 0, 1, size));
        this.#norms[back] = (this.#norms[back] ?? 0) + norm;
        this.#texts[back] = (this.#texts[back] ?? 0) + 1;
      }
    }
  }

  flow(): LayerFlow {
    const { name, gateSize, activations } = this.#recurrence;
    const share = (count: number) => count / (this.#rows * gateSize);
    const gates = Object.keys(activations).map((gate, i) => [
      gate,
      { low: share(this.#low[i]), high: share(this.#high[i]) },
    ]);
    return {
      name,
      norms: this.#norms.map((sum, back) => sum / this.#texts[back]),
      gates: Object.fromEntries(gates),
    };
  }
}
