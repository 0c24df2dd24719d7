import { describe, expect, test } from 'vitest';
import type { Corpus } from '../../src/data/dataset.ts';
import { dealerFor } from '../../src/data/deal.ts';
import { unionOf } from '../../src/data/union.ts';
import { testNumbers } from '../support/arena.ts';

/** Of a corpus, all that dealing reads. */
const corpusOf = (lengths: readonly number[]) => {
  let end = 0;
  return { starts: Int32Array.from([0, ...lengths.map((length) => (end += length))]) } as unknown as Corpus;
};

/** What each hand gets of rows [from, from + count) of an order. */
function deal(hands: number, lengths: readonly number[], order = [...lengths.keys()], from = 0) {
  const dealer = dealerFor(hands, lengths.length);
  const count = order.length - from;
  dealer.deal({ corpus: corpusOf(lengths), rows: Int32Array.from(order), from, count });
  return Array.from({ length: hands }, (_, hand) => [
    ...dealer.rows.subarray(dealer.starts[hand], dealer.starts[hand + 1]),
  ]);
}

describe('rows are dealt', () => {
  test('to one hand as they come', () => {
    expect(deal(1, [3, 9, 1, 9], [2, 0, 3, 1])).toEqual([[2, 0, 3, 1]]);
    expect(deal(1, [3, 9, 1, 9], [2, 0, 3, 1], 2)).toEqual([[3, 1]]);
  });

  test('the longest first, to whoever has the fewest tokens; a hand keeps the order', () => {
    expect(deal(2, [1, 9, 2, 5, 4])).toEqual([
      [1, 2],
      [0, 3, 4],
    ]);
  });

  test('equal lengths evenly', () => {
    expect(deal(2, new Array(32).fill(100)).map((rows) => rows.length)).toEqual([16, 16]);
  });

  test('to some hands not at all, where there are fewer rows', () => {
    expect(deal(4, [5, 65_536])).toEqual([[1], [0], [], []]);
  });

  test('each once, no hand with more than its share and the longest row', () => {
    const numbers = testNumbers(1);
    for (const hands of [1, 2, 3, 7]) {
      for (let trial = 0; trial < 50; trial++) {
        const lengths = Array.from({ length: 1 + numbers.int(40) }, () => 1 + numbers.int(60));
        const dealt = deal(hands, lengths);
        expect(dealt.flat().sort((a, b) => a - b)).toEqual([...lengths.keys()]);
        const total = lengths.reduce((sum, length) => sum + length);
        for (const rows of dealt) {
          const tokens = rows.reduce((sum, row) => sum + lengths[row], 0);
          expect(tokens).toBeLessThanOrEqual(total / hands + Math.max(...lengths));
        }
      }
    }
  });
});

test('a union holds each number of its lists once, in order', () => {
  const union = unionOf(6);
  const taken = () => [...union.numbers.subarray(0, union.count)];
  union.add(Int32Array.of(2, 5, 9, 77), 3);
  expect(taken()).toEqual([2, 5, 9]);
  union.add(Int32Array.of(0, 5, 10), 3);
  union.add(new Int32Array(0), 0);
  expect(taken()).toEqual([0, 2, 5, 9, 10]);
  union.clear();
  union.add(Int32Array.of(3), 1);
  expect(taken()).toEqual([3]);
});
