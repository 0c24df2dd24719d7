import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ReadOptions, readRows } from '../../src/cli/read.ts';
import { DataError, UsageError } from '../../src/runtime/errors.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatelet-read-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file of the test and says where. */
function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const row = (text: string, label: string | string[], line: number) => ({ text, label, line });

describe('reads', () => {
  test.each<[string, string, string | Uint8Array, ReadOptions, ReturnType<typeof row>[]]>([
    [
      'CSV: other columns, quotes, commas, line breaks, empty lines; lines are those of the file',
      'a.csv',
      'id,text,label\n\n1,"a ""fine"", long\n\nfilm",positive\n\n2,,negative\n3,dull, negative \n',
      {},
      [row('a "fine", long\n\nfilm', 'positive', 3), row('', 'negative', 7), row('dull', 'negative', 8)],
    ],
    [
      'CSV with a byte order mark, CRLF also inside quotes, and no line break at the end',
      'bom.csv',
      '\uFEFFtext,label\r\n"one\r\ntwo",a\r\nthree,b',
      {},
      [row('one\ntwo', 'a', 2), row('three', 'b', 4)],
    ],
    [
      'CSV with columns by name',
      'n.csv',
      'mood,review\ngood,x y\n',
      { text: 'review', label: 'mood' },
      [row('x y', 'good', 2)],
    ],
    ['CSV with semicolons', 's.csv', 'text;label\na, b;c\n', { delimiter: ';' }, [row('a, b', 'c', 2)]],
    [
      'CSV with tabs, as typed',
      't.csv',
      'text\tlabel\n"a\tb"\tc\n',
      { delimiter: '\\t' },
      [row('a\tb', 'c', 2)],
    ],
    [
      'CSV without a header',
      'h.csv',
      'good,x\nbad,y\n',
      { header: false, text: '2', label: '1' },
      [row('x', 'good', 1), row('y', 'bad', 2)],
    ],
    [
      'a name in capitals, emoji and columns named like an object',
      'E.CSV',
      'text,label,__proto__\n😀🎉,x,1\n',
      {},
      [row('😀🎉', 'x', 2)],
    ],
    [
      'several labels in a cell, or none',
      'm.csv',
      'text,label\nx,a| b||a\ny,\n',
      { labelSeparator: '|' },
      [row('x', ['a', 'b'], 2), row('y', [], 3)],
    ],
    [
      'TSV: quotes are characters, but a field wholly in quotes loses them',
      'a.tsv',
      'text\tlabel\n"Good" film, 5" screen\t"pos"\n"say ""hi"""\tneg\n"\t"a" "b"\n',
      {},
      [row('"Good" film, 5" screen', 'pos', 2), row('say "hi"', 'neg', 3), row('"', '"a" "b"', 4)],
    ],
    [
      'JSON lines: names from text, numbers and truths; CRLF and empty lines',
      'a.jsonl',
      '{"text":"x\\ny","label":" a "}\r\n\r\n{"label":0,"text":"","more":[1]}\n{"text":"z","label":false}',
      {},
      [row('x\ny', 'a', 1), row('', '0', 3), row('z', 'false', 4)],
    ],
    [
      'JSON lines with lists of labels',
      'm.ndjson',
      '{"t":"x","l":["a","b","a"]}\n{"t":"y","l":[]}\n',
      { text: 't', label: 'l' },
      [row('x', ['a', 'b'], 1), row('y', [], 2)],
    ],
    [
      'Latin-1 when asked',
      'l.csv',
      latin1('text,label\ncafé,a\n'),
      { encoding: 'latin1' },
      [row('café', 'a', 2)],
    ],
    [
      'UTF-16 when asked',
      'u.csv',
      Buffer.from('\uFEFFtext,label\né,a\n', 'utf16le'),
      { encoding: 'utf-16le' },
      [row('é', 'a', 2)],
    ],
  ])('%s', (_, name, content, options, rows) => {
    expect(readRows(put(name, content), options).rows).toEqual(rows);
  });

  test('a single line of 2 MB, in every format', () => {
    const text = 'many words '.repeat(190_000);
    expect(text.length).toBeGreaterThan(2e6);
    const files = [
      put('long.csv', `text,label\n"${text}",a\n`),
      put('long.tsv', `text\tlabel\n"${text}"\ta\n`),
      put('long.jsonl', JSON.stringify({ text, label: 'a' })),
    ];
    for (const file of files) expect(readRows(file).rows[0], file).toHaveProperty('text', text);
  });

  test('folders of text files, in an order that does not hang on the disk', () => {
    put('mood/pos/b.txt', 'second');
    put('mood/pos/a.txt', '\uFEFFfirst\r\nline');
    put('mood/neg/z.txt', '');
    put('mood/pos/notes.md', 'no text of the data');
    put('mood/README', 'no label');
    put('mood/.cache/x.txt', 'hidden');
    const { rows, columns } = readRows(join(folder, 'mood'));
    expect(rows).toEqual([row('', 'neg', 1), row('first\nline', 'pos', 1), row('second', 'pos', 1)]);
    expect(columns).toEqual([]);
  });

  test('texts alone: the lines of a .txt file that are not empty', () => {
    expect(readRows(put('t.txt', 'one, two\n\n  three \r\n')).rows).toEqual([
      { text: 'one, two', line: 1 },
      { text: 'three', line: 3 },
    ]);
  });

  test('says which columns there are', () => {
    expect(readRows(put('c.csv', 'id,text,label\n1,x,a\n')).columns).toEqual(['id', 'text', 'label']);
    expect(readRows(put('c.jsonl', '{"text":"x","label":"a","n":1}')).columns).toEqual([
      'text',
      'label',
      'n',
    ]);
  });
});

describe('refuses in the words of the user', () => {
  const missing = Array.from({ length: 900 }, (_, i) => `words ${i},${i === 811 ? ' ' : 'a'}\n`).join('');
  test.each<[string, string, string | Uint8Array, RegExp, ReadOptions?]>([
    ['an empty file', 'x.csv', '', /x\.csv is empty/],
    ['empty JSON lines', 'x.jsonl', '\n \n', /x\.jsonl is empty/],
    ['a header only', 'x.csv', 'text,label\n', /a header and no rows/],
    [
      'a label missing on row 812',
      'x.csv',
      `text,label\n${missing}`,
      /row 812 \(line 813\): the label is missing.*got " "/,
    ],
    [
      'a column that does not exist',
      'x.csv',
      'id,words,mood\n1,x,a\n',
      /expected a column "review", got the columns "id", "words", "mood"/,
      { text: 'review', label: 'mood' },
    ],
    ['no column of the usual name', 'x.csv', 'text,mood\nx,a\n', /a column "label", .* with --label\./],
    [
      'a name that only objects know',
      'x.jsonl',
      '{"text":"x","label":"a"}',
      /"toString"/,
      { label: 'toString' },
    ],
    ['a column named twice', 'x.csv', 'text,label,text\nx,a,y\n', /2 columns are called "text"/],
    ['another delimiter', 'x.csv', 'text;label\nx;a\n', /separated by ";": see --delimiter/],
    [
      'a row too long',
      'x.csv',
      'text,label\nx,a\ny, and z,b\n',
      /line 3: expected 2 columns, as in the header, got 3/,
    ],
    ['a row too short', 'x.csv', 'text,label\n"x\ny",a\ny\n', /line 4: expected 2 columns.*got 1/],
    [
      'a line break in TSV',
      'x.tsv',
      'text\tlabel\n"x\ny"\ta\n',
      /line 2: expected 2 columns.*tabs nor line breaks/,
    ],
    [
      'a quote never closed',
      'x.csv',
      'text,label\n"ä\nb",a\n\n"y,b\nz,c\n',
      /line 5: a quote opens in this row/,
    ],
    ['a quote inside', 'x.csv', 'text,label\nx,a\n5" disk,b\n', /line 3: a quote is out of place/],
    ['words after a quote', 'x.csv', 'text,label\n"x" y,b\n', /line 2: a quote is out of place/],
    [
      'Latin-1 bytes',
      'x.csv',
      latin1('text,label\nplain,a\ncafé au lait,b\n'),
      /line 3 \(byte 23 of the file\): expected UTF-8, got the byte 0xE9.*iconv -f latin1 -t utf-8 \S*x\.csv > \S*x-utf8\.csv/,
    ],
    ['UTF-16', 'x.csv', Buffer.from('\uFEFFtext,label\n', 'utf16le'), /UTF-16.*iconv -f utf-16/],
    ['UTF-16 without a mark', 'x.csv', Buffer.from('text,label\n', 'utf16le'), /line 1: a zero byte/],
    [
      'a line that is not JSON',
      'x.jsonl',
      '{"text":"x","label":"a"}\n{text: "y"}\n',
      /line 2: expected one JSON object a line/,
    ],
    ['a line that is a list', 'x.jsonl', '["x","a"]', /line 1: expected one JSON object/],
    [
      'a line without the text',
      'x.jsonl',
      '{"text":"x","label":"a"}\n\n{"label":"a"}',
      /row 2 \(line 3\): the text is missing/,
    ],
    ['a text that is a number', 'x.jsonl', '{"text":5,"label":"a"}', /words in "text", got 5/],
    [
      'a line without the label',
      'x.jsonl',
      '{"text":"x","label":"a"}\n{"text":"y"}',
      /row 2 \(line 2\): the label is missing/,
    ],
    ['a label that is null', 'x.jsonl', '{"text":"x","label":null}', /a label in "label", got null/],
    [
      'a list with something else in it',
      'x.jsonl',
      '{"text":"x","label":["a",{}]}',
      /label is missing.*got \["a",\{\}\]/,
    ],
    [
      'lists among labels',
      'x.jsonl',
      '{"text":"x","label":"a"}\n{"text":"y","label":["a"]}',
      /line 2: expected one label, as in line 1, got a list of labels/,
    ],
    [
      'another kind of file',
      'x.xlsx',
      'PK',
      /ends in \.csv, \.tsv, \.jsonl, \.ndjson, \.conll, \.conllu, \.txt, or a folder, got "\.xlsx"/,
    ],
    ['a kind named like an object', 'x.constructor', 'x', /got "\.constructor"/],
  ])('%s', (_, name, content, message, options) => {
    const path = put(name, content);
    const read = () => readRows(path, options);
    expect(read).toThrow(DataError);
    expect(read).toThrow(message);
    expect(read).toThrow(name);
  });

  test('a message stays short whatever the file holds', () => {
    const header = Array.from({ length: 1000 }, (_, i) => `column ${i} ${'x'.repeat(1000)}`).join(',');
    for (const path of [put('wide.csv', header), put('wide.jsonl', header)]) {
      try {
        readRows(path);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
        expect((error as Error).message.length).toBeLessThan(2000);
      }
    }
  });

  test('a missing file, a folder without folders, a label without texts', () => {
    expect(() => readRows(join(folder, 'nowhere.csv'))).toThrow(
      /cannot read .*nowhere\.csv: there is no such/,
    );
    expect(() => readRows(join(folder, 'nowhere.csv'))).toThrow(DataError);
    mkdirSync(join(folder, 'flat'));
    expect(() => readRows(join(folder, 'flat'))).toThrow(/expected a folder for each label/);
    mkdirSync(join(folder, 'flat', 'positive'));
    expect(() => readRows(join(folder, 'flat'))).toThrow(/positive holds no \.txt file/);
  });

  test.each<[string, string, ReadOptions, RegExp]>([
    ['a delimiter for TSV', 'x.tsv', { delimiter: ';' }, /--delimiter can do nothing for a \.tsv file/],
    ['no header for JSON lines', 'x.jsonl', { header: false }, /--no-header can do nothing/],
    [
      'a separator of labels for a folder',
      '.',
      { labelSeparator: '|' },
      /--label-separator can do nothing for a folder/,
    ],
    ['an empty separator', 'x.csv', { labelSeparator: '' }, /--label-separator: expected text/],
    ['a delimiter of two characters', 'x.csv', { delimiter: '||' }, /--delimiter: expected one character/],
    ['an unknown encoding', 'x.csv', { encoding: 'klingon' }, /--encoding.*"klingon"/],
    ['one column for both', 'x.csv', { text: 'label' }, /--text and --label both name the column "label"/],
    [
      'no numbers of columns',
      'x.csv',
      { header: false },
      /--no-header needs --text: expected a number from 1 to 2/,
    ],
  ])('%s', (_, name, options, message) => {
    const path = name === '.' ? folder : put(name, 'text,label\nx,a\n');
    expect(() => readRows(path, options)).toThrow(UsageError);
    expect(() => readRows(path, options)).toThrow(message);
  });

  test('`header: true` is no option given', () => {
    expect(readRows(put('x.jsonl', '{"text":"x","label":"a"}'), { header: true }).rows).toHaveLength(1);
  });
});
