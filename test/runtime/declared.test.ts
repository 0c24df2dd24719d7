import { expect, expectTypeOf, test } from 'vitest';
import { checkOptions, type OptionsOf } from '../../src/runtime/declared.ts';

const boxOptions = {
  width: { is: 'whole', from: 1, to: 9 },
  height: { is: 'number', from: -1, to: 1, default: 0.5 },
  rate: { is: 'share', default: 0 },
  speed: { is: 'positive', default: null },
  open: { is: 'flag', default: false },
  side: { is: ['left', 'right'], default: 'left' },
} as const;
const check = (options: object) =>
  checkOptions('box', boxOptions, options as OptionsOf<typeof boxOptions>).options;

test('defaults stand where an option is not given', () => {
  const filled = { width: 3, height: 0.5, rate: 0, speed: null, open: false, side: 'left' };
  expect(check({ width: 3 })).toEqual(filled);
  expect(check(filled)).toEqual(filled); // as a file gives them back
  const given = { width: 9, height: -1, rate: 0.9, speed: 2, open: true, side: 'right' };
  expect(check(given)).toEqual(given);
});

test.each<[object, string]>([
  [{}, 'box width: expected a whole number from 1 to 9, got nothing'],
  [{ width: 10 }, 'box width: expected a whole number from 1 to 9, got 10'],
  [{ width: 1, height: 1.5 }, 'box height: expected a number from -1 to 1, got 1.5'],
  [{ width: 1, height: Number.NaN }, 'box height: expected a number from -1 to 1, got NaN'],
  [{ width: 1, rate: 1 }, 'box rate: expected a number from 0 up to, but not including, 1, got 1'],
  [{ width: 1, speed: 0 }, 'box speed: expected a number above 0, within f32, got 0'],
  [{ width: 1, open: 1 }, 'box open: expected true or false, got 1'],
  [{ width: 1, side: 'top' }, "box side: expected 'left' or 'right', got \"top\""],
  [{ width: 1, colour: 1 }, "box() has no option 'colour': expected width, height, rate, speed, open, side"],
])('%o is refused', (options, message) => {
  expect(() => check(options)).toThrow(message);
});

test('types follow from the declaration', () => {
  const { width, speed, open, side } = check({ width: 3 });
  expectTypeOf(width).toEqualTypeOf<number>();
  expectTypeOf(speed).toEqualTypeOf<number | null>();
  expectTypeOf(open).toEqualTypeOf<boolean>();
  expectTypeOf(side).toEqualTypeOf<'left' | 'right'>();
  expectTypeOf<{ width: number; side: 'right' }>().toExtend<OptionsOf<typeof boxOptions>>();
  expectTypeOf<{ side: 'right' }>().not.toExtend<OptionsOf<typeof boxOptions>>();
});
