import { describe, expect, test } from 'vitest';
import type { ModelConfig } from '../../src/model/config.ts';
import { tallyOf } from '../../src/train/metrics.ts';
import { spansOf, tellSpans } from '../../src/train/spans.ts';

const spans = (tags: string) =>
  spansOf(tags.split(' ')).map(({ label, from, to }) => `${label} ${from}-${to}`);

describe('spans, as the shared tasks of CoNLL count them', () => {
  test.each([
    ['none', 'O O O', []],
    ['begin with B- and go on with I-', 'B-A I-A O B-A', ['A 0-2', 'A 3-4']],
    ['a second B- begins a second one', 'B-A B-A I-A', ['A 0-1', 'A 1-3']],
    ['I- begins one where none of its label is open', 'I-A I-A O I-B I-A', ['A 0-2', 'B 3-4', 'A 4-5']],
    ['E- and S- end theirs', 'B-A E-A I-A S-B E-C E-C', ['A 0-2', 'A 2-3', 'B 3-4', 'C 4-5', 'C 5-6']],
    ['the end of the text ends one', 'O B-A I-A', ['A 1-3']],
  ])('%s', (_, tags, expected) => expect(spans(tags)).toEqual(expected));

  test('are told by O and prefixed tags alone', () => {
    expect(tellSpans(['B-A', 'I-A', 'O'])).toBe(true);
    expect(tellSpans(['B-A', 'I-A'])).toBe(false);
    expect(tellSpans(['B-A', 'NN', 'O'])).toBe(false);
    expect(tellSpans(['O'])).toBe(false);
  });
});

test('a span counts only as a whole', () => {
  const labels = ['B-A', 'B-B', 'I-A', 'I-B', 'O'];
  const tally = tallyOf({ task: 'tag', labels, multiLabel: false } as unknown as ModelConfig);
  const numbers = (tags: string) => tags.split(' ').map((tag) => labels.indexOf(tag));
  tally.countTags(numbers('B-A I-A O B-B'), numbers('B-A I-A O B-B')); // both right
  tally.countTags(numbers('B-A I-A O O'), numbers('B-A O O B-B')); // too short, and one too many
  const { spans, confusion } = tally.metrics();
  expect(spans).toMatchObject({ precision: 2 / 4, recall: 2 / 3, f1: 4 / 7, support: 3 });
  expect(spans!.classes.A).toEqual({ precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, support: 2 });
  expect(spans!.classes.B).toEqual({ precision: 1 / 2, recall: 1, f1: 2 / 3, support: 1 });
  expect(confusion![2]).toEqual([0, 0, 1, 0, 1]);
});

test('other tags have no spans', () => {
  const config = { task: 'tag', labels: ['NN', 'VB'], multiLabel: false } as unknown as ModelConfig;
  expect(tallyOf(config).metrics()).not.toHaveProperty('spans');
});
