import { describe, expect, test } from 'vitest';
import { save } from '../../src/io/save.ts';
import { cosineFall, power } from '../../src/train/arithmetic.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { sgd } from '../../src/train/optimizers/sgd.ts';
import { constantRate, type Schedule } from '../../src/train/schedule.ts';
import { cosineDecay, oneCycle } from '../../src/train/schedules/cosine.ts';
import {
  exponentialDecay,
  inverseTimeDecay,
  polynomialDecay,
  stepDecay,
} from '../../src/train/schedules/decay.ts';
import { reduceOnPlateau } from '../../src/train/schedules/plateau.ts';
import { train } from '../../src/train/train.ts';
import { relativeError } from '../support/arena.ts';
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

/** Factors at so many moments of four epochs, the first and last included. */
const course = (schedule: Schedule, moments: number) =>
  Array.from({ length: moments }, (_, i) =>
    schedule.factor({ step: i, epoch: (4 * i) / (moments - 1), epochs: 4, losses: [] }),
  );

describe('from step to step', () => {
  const fall = (x: number) => (1 + Math.cos(Math.PI * x)) / 2;
  test.each<[string, Schedule, number[]]>([
    ['inverse time', inverseTimeDecay({ rate: 0.5 }), [1, 1 / 1.5, 1 / 2, 1 / 2.5, 1 / 3]],
    ['inverse time by default', inverseTimeDecay(), [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]],
    ['a straight line', polynomialDecay(), [1, 0.75, 0.5, 0.25, 0]],
    ['a square to a tenth', polynomialDecay({ power: 2, end: 0.1 }), [1, 0.60625, 0.325, 0.15625, 0.1]],
    ['a cosine', cosineDecay(), [0, 1, 2, 3, 4].map((k) => (k < 4 ? fall(k / 4) : 1))],
    [
      'a cosine every epoch',
      cosineDecay({ period: 1 }),
      [1, fall(0.5), 1, fall(0.5), 1, fall(0.5), 1, fall(0.5), 1],
    ],
    [
      'longer each time',
      cosineDecay({ period: 1, lengthen: 2, end: 0.2 }),
      [1, 1, 0.6, 1, 0.2 + 0.8 * fall(0.25)],
    ],
    ['one cycle', oneCycle({ rise: 0.5, start: 0.1, end: 0 }), [0.1, 0.55, 1, 0.5, 0]],
  ])('%s', (_, schedule, factors) => {
    for (const [i, factor] of course(schedule, factors.length).entries()) {
      expect(factor).toBeCloseTo(factors[i], 12);
    }
  });

  test('one cycle is PyTorch’s by default', () => {
    const [start, ...rest] = course(oneCycle(), 11); // initial 1/25, final 1/25 of 1e-4, cosines
    expect(start).toBeCloseTo(1 / 25, 12);
    expect(rest[2]).toBeCloseTo(1, 12);
    expect(rest.at(-1)).toBeCloseTo(4e-6, 12);
  });

  test('lengthen alone can do nothing', () => {
    expect(() => cosineDecay({ lengthen: 2 })).toThrow('cosineDecay lengthen can do nothing without period');
  });

  test('the training asks before every step', async () => {
    const seen: number[] = [];
    const factor: Schedule['factor'] = ({ step, epoch, epochs }) => {
      seen.push(step, epoch, epochs);
      return 1;
    };
    const schedule = { kind: 'watching', options: {}, factor };
    await trainOn(await smallModel(), toyRows(6), { epochs: 2, batchSize: 2, schedule });
    const places = [0, 1 / 3, 2 / 3, 1, 4 / 3, 5 / 3];
    const wanted = places.flatMap((epoch, step) => [step, epoch, 2]);
    expect(relativeError(seen, wanted)).toBeLessThan(1e-15);
  });
});

describe('on a plateau', () => {
  const factor = (losses: number[], options = {}) =>
    reduceOnPlateau(options).factor({ step: 0, epoch: 0, epochs: 9, losses });

  test.each([
    [[], 1],
    [[3, 2, 1], 1],
    [[3, 3], 1],
    [[3, 3, 3], 0.5],
    [[3, 4, 2, 3, 2], 0.5],
    [[3, 3, 3, 3, 3], 0.25],
  ])('%j multiplies by %d', (losses, wanted) => {
    expect(factor(losses)).toBe(wanted);
  });

  test('without patience at once, and by as much as is said', () => {
    expect(factor([3, 3, 2, 2], { patience: 0, factor: 0.1 })).toBeCloseTo(0.01, 14);
  });

  test('is nothing without rows to validate on', async () => {
    const model = await smallModel();
    const schedule = reduceOnPlateau();
    expect(() => train(model, toyRows(9), { schedule })).toThrow(/^this schedule needs rows to validate on/);
    const options = { epochs: 4, schedule, validation: toyRows(4), optimizer: sgd({ learningRate: 1e-30 }) };
    const rates = (await trainOn(model, toyRows(9), options)).map(({ learningRate }) => learningRate / 1e-30);
    expect(rates).toEqual([1, 1, 1, 0.5]); // nothing moves: the first loss is the best
  });
});

test('warm-up rises in a straight line to what the schedule says', async () => {
  const rates: number[] = [];
  const optimizer = sgd({ learningRate: 1 });
  for (const epochs of [1, 2, 3, 4, 5, 6]) {
    const options = { epochs, warmUp: 3, optimizer, schedule: exponentialDecay({ factor: 0.5 }) };
    rates.push((await trainOn(await smallModel(), toyRows(4), options)).at(-1)!.learningRate);
  }
  const wanted = [1 / 4, 2 / 8, 3 / 16, 1 / 8, 1 / 16, 1 / 32];
  wanted.forEach((rate, i) => {
    expect(rates[i]).toBeCloseTo(rate, 14);
  });
});

test('power() is the power', () => {
  for (const x of [0.9, 0.99, 0.999, 1])
    for (const n of [0, 1, 2, 3, 7, 64, 1000, 4321]) expect(power(x, n) / x ** n).toBeCloseTo(1, 10);
});

test('cosineFall() is the cosine', () => {
  for (let x = 0; x <= 1; x += 1 / 128) {
    expect(Math.abs(cosineFall(x) - (1 + Math.cos(Math.PI * x)) / 2)).toBeLessThan(1e-12);
  }
});
