import type { PackedBatch } from '../../data/batch.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Part } from '../../model/network.ts';
import type { Head } from '../../model/network-plan.ts';
import type { Targets, TargetsOf } from '../../model/targets.ts';
import type { View } from '../../runtime/machine.ts';
import { stride } from '../../runtime/stride.ts';
import type { LossBlocks, Objective } from '../objective.ts';
import { setScale } from './scale.ts';

/** Of the numbers of each text: the mean of squared errors. */
export function numberLoss({ outputs: K }: ModelConfig): Head<LossBlocks> {
  return (context, output) => {
    const targets = context.matrix('targets', 'B', K);
    const loss = context.floats('loss', 2); // one f64
    const dY = output.gradient ?? context.matrix('dY', 'B', K);
    context.forward('squaredError', dY, loss, output.block, targets, 'B', K, 'scale');
    return { losses: [loss], values: output.block, said: [], targets: [targets], weights: [] };
  };
}

/** Judges numbers: those of a text are right when each is as near as the model's tolerance. */
export class NumberObjective implements Objective {
  weight = 0;
  numJudged = 0;
  readonly #view: View;
  readonly #values: Float32Array;
  readonly #loss: Float64Array;
  readonly #targets: Float32Array;
  readonly #tolerance: number;

  constructor({ view, outcome }: Part<LossBlocks>, { tolerance }: ModelConfig) {
    const [loss] = outcome.losses;
    const [targets] = outcome.targets;
    this.#view = view;
    this.#values = view.floats(outcome.values);
    this.#loss = view.doubles(loss);
    this.#targets = view.floats(targets);
    this.#tolerance = tolerance;
  }

  get loss(): number {
    return this.#loss[0];
  }

  enter(targets: Targets, rowNumbers: Int32Array, from: number, { order, numSequences }: PackedBatch): void {
    const { values, units } = targets as TargetsOf<'numbers'>;
    const width = stride(units);
    for (let b = 0; b < numSequences; b++) {
      const at = rowNumbers[from + order[b]] * units;
      for (let k = 0; k < units; k++) this.#targets[b * width + k] = values[at + k];
    }
    this.numJudged = numSequences;
    this.weight = numSequences * units;
    this.scale(this.weight);
  }

  scale(weight: number): void {
    setScale(this.#view, weight);
  }

  numRight({ units }: Targets, _rowNumbers: Int32Array, _from: number, batch: PackedBatch): number {
    const width = stride(units);
    let right = 0;
    for (let b = 0; b < batch.numSequences; b++) {
      let all = true;
      for (let i = b * width; i < b * width + units; i++) {
        if (!(Math.abs(this.#values[i] - this.#targets[i]) <= this.#tolerance)) all = false;
      }
      if (all) right++;
    }
    return right;
  }

  tally(): void {}
}
