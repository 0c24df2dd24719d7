import { readFileSync } from 'node:fs';
import type { Parameter } from '../../src/layers/layer.ts';
import { machineOf } from '../../src/runtime/machine.ts';
import { MemoryPlan } from '../../src/runtime/plan.ts';
import { type Average, takenAfter } from '../../src/train/average.ts';
import type { Optimizer } from '../../src/train/optimizer.ts';
import { planUpdate } from '../../src/train/update-plan.ts';

const wasm = process.env.GATELET_WASM ?? new URL('../../build/gatelet.wasm', import.meta.url);
const module = new WebAssembly.Module(readFileSync(wasm));

/** An optimiser over some parameters of given shapes, without a network: each step is told its gradients. */
export function updating(
  optimizer: Optimizer,
  shapes: readonly { shape: number[]; sparse?: true; maps?: number }[],
  average?: Average,
) {
  const memory = new MemoryPlan({ B: 1, N: 1, U: 1 });
  const parameters = shapes.map(({ shape, sparse, maps }, i): Parameter => {
    const size = shape.reduce((product, length) => product * length, 1);
    const value = memory.reserve('parameters', `parameters ${i}`, size * 4);
    const gradient = memory.reserve('gradients', `gradients ${i}`, size * 4);
    return {
      layer: 0,
      name: `p${i}`,
      shape,
      size,
      initial: [],
      value,
      gradient,
      ...(sparse && { sparse }),
      ...(maps && { maps }),
    };
  });
  const never = Number.POSITIVE_INFINITY;
  const options = { optimizer, clipNorm: never, clipValue: never, average };
  const touchedRows = memory.reserve('update', 'touched', 8 * 4);
  const plan = planUpdate({ memory, parameters, batch: { touched: touchedRows } } as never, options);
  const machine = machineOf(module, memory);
  const move = machine.program([...plan.gather, ...plan.move].flat());
  const values = parameters.map(({ value }) => machine.floats(value));
  const restore = machine.program(plan.restore);
  const give = machine.program(plan.give);
  let step = 0;
  let taken = 0;
  return {
    values,
    /** What a model is given in place of the i-th parameter. */
    given(i: number) {
      give();
      const block = plan.averages[i];
      return block ? machine.floats(block) : values[i];
    },
    /** Takes the last step back. */
    undo: restore,
    /**
     * @param touched rows of sparse parameters that move, ascending
     * @param losses of validation so far
     */
    step(
      gradients: readonly ArrayLike<number>[],
      touched: readonly number[] = [],
      losses: readonly number[] = [],
    ) {
      const share = average?.share(taken, { step, epoch: 0, epochs: 1, losses }) ?? 1;
      taken = takenAfter(taken, share);
      machine.set('share', share);
      machine.set('kept', touched.length);
      gradients.forEach((gradient, i) => {
        const { shape, sparse, gradient: block } = parameters[i];
        // Of the rows that are looked up there is a gradient for those that move alone.
        const rowOf = (r: number) => Array.from(gradient).slice(r * shape[1], (r + 1) * shape[1]);
        machine.floats(block!).set(sparse ? touched.flatMap(rowOf) : gradient);
      });
      machine.integers(touchedRows).set(touched);
      machine.set('touched', touched.length);
      machine.set('moves', ++step);
      machine.set('rate', optimizer.options.learningRate);
      move();
    },
    moments: machine.region('moments'),
  };
}
