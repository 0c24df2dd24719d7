import { expect, test } from 'vitest';
import * as gatelet from '../../src/index.ts';
import type { Average } from '../../src/train/average.ts';
import type { Optimizer } from '../../src/train/optimizer.ts';
import { relativeError } from '../support/arena.ts';
import { updating } from '../support/updates.ts';
import { optimizerFixture } from './fixture.ts';

const tolerance = 4e-7; // of the largest parameter after ten steps, measured 1.8e-7

const { matrix, vector, gradients, runs, averages } = optimizerFixture();

test.each(runs.map((run) => [`${run.name} ${JSON.stringify(run.options)}`, run] as const))(
  '%s moves as PyTorch does',
  (_, run) => {
    const make = (gatelet as unknown as Record<string, (options: object) => Optimizer>)[run.name];
    const shapes = [{ shape: [3, 5] }, { shape: [7] }];
    const { values, step, given } = updating(make(run.options), shapes);
    values[0].set(matrix.flat());
    values[1].set(vector);
    for (const [ofMatrix, ofVector] of gradients) step([ofMatrix.flat(), ofVector]);
    expect(relativeError(values[0], run.matrix.flat())).toBeLessThan(tolerance);
    expect(relativeError(values[1], run.vector)).toBeLessThan(tolerance);
    expect(relativeError(given(0), run.given[0].flat())).toBeLessThan(tolerance);
    expect(relativeError(given(1), run.given[1])).toBeLessThan(tolerance);
  },
);

test.each(averages.map((one) => [`${one.name} ${JSON.stringify(one.options)}`, one] as const))(
  '%s is as PyTorch averages',
  (_, { name, options, losses, optimizer, matrix: ofMatrix, vector: ofVector }) => {
    const make = (gatelet as unknown as Record<string, (options: object) => Average>)[name];
    const shapes = [{ shape: [3, 5] }, { shape: [7] }];
    const update = updating(gatelet.sgd(optimizer), shapes, make(options));
    update.values[0].set(matrix.flat());
    update.values[1].set(vector);
    for (const [i, [first, second]] of gradients.entries())
      update.step([first.flat(), second], [], losses[i]);
    expect(relativeError(update.given(0), ofMatrix.flat())).toBeLessThan(tolerance);
    expect(relativeError(update.given(1), ofVector)).toBeLessThan(tolerance);
  },
);

test('rows that a batch does not show rest, and what is remembered of them', () => {
  for (const { name, options } of runs) {
    const make = (gatelet as unknown as Record<string, (options: object) => Optimizer>)[name];
    const whole = updating(make(options), [{ shape: [2, 5] }]);
    const { values, step, moments } = updating(make(options), [{ shape: [4, 5], sparse: true }]);
    whole.values[0].set(matrix.flat().slice(0, 10));
    values[0].set(matrix.flat().slice(0, 5), 5);
    values[0].set(matrix.flat().slice(5, 10), 15);
    for (const [ofMatrix] of gradients) {
      const [first, second] = [ofMatrix[0], ofMatrix[1]];
      const rest = new Array<number>(5).fill(0);
      whole.step([[...first, ...second]]);
      step([[...rest, ...first, ...rest, ...second]], [1, 3]);
    }
    expect([...values[0].subarray(5, 10), ...values[0].subarray(15)]).toEqual([...whole.values[0]]);
    expect([...values[0].subarray(0, 5), ...values[0].subarray(10, 15)]).toEqual(new Array(10).fill(0));
    for (let at = 0; at + 20 <= moments.length; at += 20) {
      const isStill = [0, 1, 2, 3].map((row) =>
        moments.subarray(at + 5 * row, at + 5 * row + 5).every((x) => x === 0),
      );
      expect(isStill).toEqual([true, false, true, false]);
    }
  }
});
