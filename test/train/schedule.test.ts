import { describe, expect, test } from 'vitest';
import { save } from '../../src/io/save.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { sgd } from '../../src/train/optimizers/sgd.ts';
import { constantRate, exponentialDecay, power, type Schedule, stepDecay } from '../../src/train/schedule.ts';
import { smallModel, toyRows, trainOn } from '../support/models.ts';

describe('a schedule multiplies the learning rate', () => {
  test.each<[string, Schedule, number[]]>([
    ['constant', constantRate(), [1, 1, 1, 1, 1, 1]],
    ['step', stepDecay({ factor: 0.5, every: 2 }), [1, 1, 0.5, 0.5, 0.25, 0.25]],
    ['step by default', stepDecay(), [1, 1, 1, 1, 1, 0.5]],
    ['exponential', exponentialDecay({ factor: 0.5 }), [1, 0.5, 0.25, 0.125, 0.0625, 0.03125]],
    ['exponential by default', exponentialDecay(), [1, 0.9, 0.81, 0.729, 0.6561, 0.59049]],
  ])('%s', (_, schedule, factors) => {
    factors.forEach((factor, epoch) => {
      expect(schedule.factor({ step: 9 * epoch, epoch: epoch + 0.5, epochs: 6, losses: [] })).toBeCloseTo(
        factor,
        14,
      );
    });
  });

  test.each([
    ['adam', adam({ learningRate: 0.02 })],
    ['sgd', sgd({ learningRate: 0.02 })],
  ])('which %s then uses, epoch after epoch', async (_, optimizer) => {
    const model = await smallModel();
    const schedule = stepDecay({ factor: 0.1, every: 1 });
    const epochs = await trainOn(model, toyRows(20), { epochs: 3, optimizer, schedule });
    const rates = epochs.map(({ learningRate }) => learningRate);
    [0.02, 0.002, 0.0002].forEach((rate, epoch) => {
      expect(rates[epoch]).toBeCloseTo(rate, 14);
    });
  });

  test('a second epoch at a tenth is another training than one at the full rate', async () => {
    const rows = toyRows(16);
    const bytes = async (schedule: Schedule, epochs: number) => {
      const model = await smallModel();
      await trainOn(model, rows, { epochs, schedule });
      return save(model);
    };
    const decayed = stepDecay({ factor: 0.1, every: 1 });
    expect(await bytes(decayed, 1)).toEqual(await bytes(constantRate(), 1));
    expect(await bytes(decayed, 2)).not.toEqual(await bytes(constantRate(), 2));
  });
});

test('power() is the power', () => {
  for (const x of [0.9, 0.99, 0.999, 1])
    for (const n of [0, 1, 2, 3, 7, 64, 1000, 4321]) expect(power(x, n) / x ** n).toBeCloseTo(1, 10);
});
