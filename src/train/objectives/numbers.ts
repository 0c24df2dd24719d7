import type { ModelConfig } from '../../model/config.ts';
import type { Part } from '../../model/network.ts';
import type { Head } from '../../model/network-plan.ts';
import type { TargetsOf } from '../../model/targets.ts';
import { stride } from '../../runtime/stride.ts';
import type { Judge, LossBlocks } from '../objective.ts';

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
export function judgeNumbers(
  { view, outcome }: Part<LossBlocks>,
  { outputs, tolerance }: ModelConfig,
): Judge {
  const width = stride(outputs);
  const said = view.floats(outcome.values);
  const wanted = view.floats(outcome.targets[0]);
  let numTexts = 0;
  return {
    enter(targets, rowNumbers, from, { order, numSequences }) {
      const { values } = targets as TargetsOf<'numbers'>;
      numTexts = numSequences;
      for (let b = 0; b < numTexts; b++) {
        const at = rowNumbers[from + order[b]] * outputs;
        for (let k = 0; k < outputs; k++) wanted[b * width + k] = values[at + k];
      }
      return numTexts * outputs;
    },
    numJudged: () => numTexts,
    numRight() {
      let right = 0;
      for (let b = 0; b < numTexts; b++) {
        let all = true;
        for (let i = b * width; i < b * width + outputs; i++) {
          if (!(Math.abs(said[i] - wanted[i]) <= tolerance)) all = false;
        }
        if (all) right++;
      }
      return right;
    },
  };
}
