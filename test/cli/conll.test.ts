import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type TaggedRow, wholeSpans } from '../../src/cli/conll.ts';
import { checkLabels, labelCounts } from '../../src/cli/labels.ts';
import { type ReadOptions, readRows } from '../../src/cli/read.ts';
import { DataError, UsageError } from '../../src/runtime/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatelet-conll-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string, options: ReadOptions = {}, name = 'a.conll') {
  const path = join(folder, name);
  writeFileSync(path, content);
  return readRows(path, options).rows;
}

const row = (line: number, words: string, tags: string) => ({
  line,
  words: words.split(' '),
  tags: tags.split(' '),
});

describe('sentences', () => {
  test.each<[string, string, ReadOptions, ReturnType<typeof row>[]]>([
    [
      'words first, tags last, between white space; a blank line ends a sentence, a file may end without one',
      'Rain NN O\nin IN O\nYork NNP B-LOC\n\n \nSnow  NN   O',
      {},
      [row(1, 'Rain in York', 'O O B-LOC'), row(6, 'Snow', 'O')],
    ],
    [
      'tabs, where there are any: words may then hold white space, which becomes _, and CRLF ends a line',
      '10 000\tO\r\na\u200bb\tB-X\r\n',
      {},
      [row(1, '10_000 a_b', 'O B-X')],
    ],
    ['columns by number', '1\tRain\tNN\tO\n', { text: '2', label: '3' }, [row(1, 'Rain', 'NN')]],
    [
      'comments before a sentence; a word may be # all the same',
      '# id = 1\n# text = # one\n#\tO\none\tO\n',
      {},
      [row(3, '# one', 'O O')],
    ],
    ['document marks go', '-DOCSTART- -X- O\n\nRain NN O\n', {}, [row(3, 'Rain', 'O')]],
  ])('%s', (_, content, options, rows) => {
    expect(read(content, options)).toEqual(rows);
  });

  test('CoNLL-U: words and their parts of speech, without ranges and empty words', () => {
    const line = (...cells: string[]) => [...cells, ...Array(10 - cells.length).fill('_')].join('\t');
    const content = [
      '# text = vámonos ya',
      line('1-2', 'vámonos'),
      line('1', 'vamos', 'ir', 'VERB'),
      line('2', 'nos', 'nosotros', 'PRON'),
      line('2.1', 'x', 'x', 'X'),
      line('3', 'ya', 'ya', 'ADV'),
    ];
    expect(read(content.join('\n'), {}, 'a.conllu')).toEqual([row(3, 'vamos nos ya', 'VERB PRON ADV')]);
  });

  test.each<[string, string, ReadOptions, RegExp]>([
    ['a missing column', 'Rain NN\nin\n', { label: '2' }, /line 2: the tag is missing: expected .* column 2/],
    ['an empty cell', 'Rain\tO\n\tO\n', {}, /line 2: the word is missing/],
    ['nothing', '-DOCSTART-\tO\n\n# only a comment\n', {}, /a\.conll holds no sentence/],
    ['no predicate', 'Rain NN\n', { roles: 3 }, /holds no sentence with a predicate/],
  ])('%s is named', (_, content, options, message) => {
    expect(() => read(content, options)).toThrow(DataError);
    expect(() => read(content, options)).toThrow(message);
  });

  test.each<[string, ReadOptions, RegExp]>([
    ['columns by name', { text: 'word' }, /^--text: expected the number of a column.*"word"/],
    ['tags beside roles', { label: '2', roles: 3 }, /^--label can do nothing beside --roles/],
    ['a column 0', { roles: 0 }, /^--roles: expected a whole number/],
    ['a delimiter', { delimiter: ';' }, /^--delimiter can do nothing for a \.conll file/],
  ])('%s: refused', (_, options, message) => {
    expect(() => read('a b\n', options)).toThrow(UsageError);
    expect(() => read('a b\n', options)).toThrow(message);
  });

  test('roles are of .conll files alone', () => {
    expect(() => read('text,label\nx,a\n', { roles: 3 }, 'a.csv')).toThrow(
      /^--roles can do nothing for a \.csv/,
    );
  });
});

describe('semantic roles', () => {
  const content = ['He * (ARG0*)', 'gave (V*) *', 'up (C-V*) *', 'his (ARG1* *', 'giving *) (V*)'].join('\n');

  test('each predicate makes a row, with marks round it, which are O as it is itself', () => {
    expect(read(content, { roles: 2 })).toEqual([
      row(1, 'He <v> gave </v> up his giving', 'O O O O B-C-V B-ARG1 I-ARG1'),
      row(1, 'He gave up his <v> giving </v>', 'B-ARG0 O O O O O O'),
    ]);
  });

  test('a predicate of several words stands between one pair of marks', () => {
    expect(read('put (V*\nup *)\nwith *\n', { roles: 2 })).toEqual([
      row(1, '<v> put up </v> with', 'O O O O O'),
    ]);
  });

  test.each([
    [
      'opens twice',
      'a (V*)\nb (A*\nc (B*\nd *)\n',
      /line 3, column 2: expected \* or \*\), as \(A\* is open/,
    ],
    ['closes what is not open', 'a (V*)\nb *)\n', /line 2, column 2: expected \*, \(ROLE\* or \(ROLE\*\)/],
    ['never closes', 'a (V*)\nb (A*\n', /line 2, column 2: expected \*\) to close \(A\*/],
    ['is none', 'a (V*)\nb B-A\n', /line 2, column 2: .*got "B-A"/],
    ['is of no predicate', 'a (A*)\n', /line 1: expected a predicate, \(V\*\), in column 2/],
    ['lacks', 'a (V*)\nb\n', /line 2, column 2: .*got nothing/],
  ])('a bracket that %s is named', (_, bad, message) => {
    expect(() => read(bad, { roles: 2 })).toThrow(DataError);
    expect(() => read(bad, { roles: 2 })).toThrow(message);
  });
});

describe('tags', () => {
  test('of spans come in pairs; others stay what they are', () => {
    expect(wholeSpans(['B-ARG0', 'I-ARG1', 'O'])).toEqual(['B-ARG0', 'I-ARG0', 'I-ARG1', 'O']);
    expect(wholeSpans(['NN', 'VB'])).toEqual(['NN', 'VB']);
  });

  test('are counted by words; two at least', () => {
    expect([...labelCounts('f', read('a X\nb Y\nc X\n') as TaggedRow[])]).toEqual([
      ['X', 2],
      ['Y', 1],
    ]);
    expect(() => labelCounts('f', read('a X\nb X\n') as TaggedRow[])).toThrow(/all 2 words have the tag "X"/);
  });

  test('that a model does not know are named with their word', () => {
    const config = { task: 'tag', labels: ['X', 'Y'], multiLabel: false } as const;
    checkLabels('f', read('a X\nb Y\n'), config);
    expect(() => checkLabels('f', read('a X\n\nb X\nc Z\n'), config)).toThrow(
      'f, sentence of line 3, "c": expected a tag of "X", "Y", got "Z"',
    );
  });

  test('and labels of texts are not taken for each other', () => {
    const config = { task: 'classify', labels: ['X', 'Y'], multiLabel: false } as const;
    expect(() => checkLabels('f', read('a X\nb Y\n'), config)).toThrow(
      /expected labelled texts.*got sentences of tagged words/,
    );
    const texts = read('text,label\nx,X\n', {}, 'b.csv');
    expect(() => checkLabels('f', texts, { ...config, task: 'tag' })).toThrow(
      /expected sentences of tagged words.*got labelled texts/,
    );
  });
});
