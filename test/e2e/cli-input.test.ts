import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { csv, type Sample, samples, TINY, workFolder } from './cli.ts';

const { path, put, run } = workFolder();
const rows = samples(40);
const train = (file: string, ...args: string[]) =>
  run(['train', file, '-o', 'model.safetensors', ...TINY, '--epochs', '1', ...args]);

const quoted = ({ text, label }: Sample) => `"${text.replace(' ', '\r\n')}, ""so""",${label}`;

describe('reads', () => {
  beforeAll(() => {
    put('crlf.csv', `\uFEFFtext,label\r\n${rows.map(quoted).join('\r\n')}\r\n`);
    put('mood.tsv', csv(rows).replaceAll(',', '\t'));
    put('mood.jsonl', rows.map((row) => JSON.stringify({ id: 1, ...row })).join('\n'));
    rows.forEach(({ text, label }, i) => {
      put(`folder/${label}/${i}.txt`, text);
    });
    put('latin1.csv', Buffer.from(csv(rows).replaceAll('film', 'café'), 'latin1'));
    put('headless.csv', rows.map(({ text, label }) => `${label};${text}`).join('\n'));
  });

  test.each([
    ['CSV with a byte order mark, CRLF, quotes, commas and line breaks', 'crlf.csv', []],
    ['TSV', 'mood.tsv', []],
    ['JSON lines', 'mood.jsonl', []],
    ['a folder', 'folder', []],
    ['Latin-1, when told', 'latin1.csv', ['--encoding', 'latin1']],
    [
      'CSV without a header',
      'headless.csv',
      ['--no-header', '--text', '2', '--label', '1', '--delimiter', ';'],
    ],
  ])('%s', async (_, file, args) => {
    const { code, out, err } = await train(file, ...args);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`${file}: 40 rows\n\nlabel  rows\nbad      20\ngood     20\n`);
  });

  test('several labels a text', async () => {
    const both = rows.map(({ text, label }, i) => `${text},${i % 5 ? label : 'bad|good'}`);
    put('multi.csv', ['text,label', ...both, 'nothing,'].join('\n'));
    const multi = ['--label-separator', '|'];
    const { code, out } = await train('multi.csv', ...multi, '--epochs', '8');
    expect(code).toBe(0);
    expect(out).toContain('\nbad      24\ngood     24\n');
    const evaluated = await run(['evaluate', 'model.safetensors', 'multi.csv', ...multi]);
    expect(evaluated.out).toContain('multi.csv: 41 rows');
    expect(evaluated.out).not.toContain('True labels down');
    put('joined.csv', 'text,label\na joy,bad|good\n');
    const refused = await run(['evaluate', 'model.safetensors', 'joined.csv']);
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining('Several labels in one cell need --label-separator.'),
    ]);
    const { out: said } = await run(['predict', 'model.safetensors', 'joy joy', 'the plot', '--json']);
    for (const line of said.trim().split('\n')) {
      const { labels, probabilities } = JSON.parse(line);
      expect(labels).toEqual(['bad', 'good'].filter((label) => probabilities[label] >= 0.5));
    }
  });

  test('many labels: mistakes instead of a matrix', async () => {
    put('many.csv', csv(rows.map((row, i) => ({ ...row, label: `label ${i % 14}` as 'good' }))));
    expect((await train('many.csv')).code).toBe(0);
    const { out } = await run(['evaluate', 'model.safetensors', 'many.csv']);
    expect(out).toMatch(
      /\nThe most frequent mistakes:\n\nlabel +predicted +rows\nlabel \d+ +label \d+ +\d\n/,
    );
    expect(out).not.toContain('True labels down');
  });

  test('a line of 2 MB, an empty text and emoji', async () => {
    put('odd.csv', `${csv(rows)}\n${'word '.repeat(400_000)},good\n,bad\n😀👍🏽🇩🇪,good\n`);
    const { code, out, err } = await train('odd.csv');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('\n1 text is longer than 256 words: only the beginning is read.\n');
    const { out: json } = await run(['predict', 'model.safetensors', '--json', '', '😀👍🏽🇩🇪']);
    for (const line of json.trim().split('\n'))
      expect(JSON.parse(line).probability).toBeGreaterThanOrEqual(0.5);
  });
});

describe('refuses', () => {
  test.each<[string, string, string | Uint8Array, string]>([
    ['an empty file', 'empty.csv', '', 'empty.csv is empty'],
    ['a header alone', 'header.csv', 'text,label\n', 'header.csv has a header and no rows'],
    [
      'one class',
      'one.csv',
      'text,label\na,x\nb,x\n',
      'one.csv: all 2 rows have the label "x": expected rows of at least two labels. Is it the right column? Name it with --label.',
    ],
    [
      'a label missing on row 812',
      'gap.csv',
      csv(samples(900).map((row, i) => (i === 811 ? { ...row, label: '' as 'bad' } : row))),
      'gap.csv, row 812 (line 813): the label is missing: expected a label in "label", got ""',
    ],
    [
      'a column that is not there',
      'columns.csv',
      'id,review,mood\n1,a,b\n',
      'columns.csv: expected a column "text", got the columns "id", "review", "mood". Name the column of the texts with --text.',
    ],
    [
      'Latin-1',
      'latin1.csv',
      Buffer.from('text,label\nfine,a\ncafé,b\n', 'latin1'),
      'latin1.csv, line 3 (byte 22 of the file): expected UTF-8, got the byte 0xE9. It is probably Latin-1.',
    ],
  ])('%s', async (_, file, content, message) => {
    put(file, content);
    const { code, err } = await train(file);
    expect(err).toContain(`gatelet: ${message}`);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  });

  test('a file that is not there', async () => {
    expect(await train('nowhere.csv')).toEqual({
      code: 1,
      out: '',
      err: 'gatelet: cannot read nowhere.csv: there is no such file or folder\n',
    });
  });

  test('a file that is no model', async () => {
    put('mood.csv', csv(rows));
    for (const verb of ['predict', 'inspect', 'evaluate']) {
      const { code, err } = await run([verb, 'mood.csv', ...(verb === 'evaluate' ? ['mood.csv'] : [])]);
      expect([code, err]).toEqual([
        1,
        'gatelet: mood.csv: the model file is not a safetensors file: got a text file\n',
      ]);
    }
  });

  test('rows to evaluate or validate on whose label nobody knows', async () => {
    put('mood.csv', csv(rows));
    put('other.csv', 'text,label\na,good\nb,fine\n');
    const message = 'gatelet: other.csv, line 3: expected a label of "bad", "good", got "fine"\n';
    expect((await train('mood.csv')).code).toBe(0);
    for (const { code, err } of [
      await run(['evaluate', 'model.safetensors', 'other.csv']),
      await train('mood.csv', '--validation', 'other.csv'),
    ]) {
      expect([code, err]).toEqual([1, message]);
    }
  });

  test('a place that cannot be written, before anything is read', async () => {
    mkdirSync(path('locked'));
    chmodSync(path('locked'), 0o555);
    const missing = await run(['train', 'nowhere.csv', '-o', 'no/folder/m.safetensors']);
    expect([missing.code, missing.err]).toEqual([
      1,
      'gatelet: cannot write no/folder/m.safetensors: there is no folder no/folder\n',
    ]);
    // Permissions do not bind root.
    if (process.getuid?.() === 0) return;
    const locked = await run(['train', 'nowhere.csv', '-o', 'locked/m.safetensors']);
    expect(locked.err).toBe('gatelet: cannot write locked/m.safetensors: permission denied\n');
  });

  test('a learning rate that diverges: says where and why, and keeps the last good parameters', async () => {
    put('mood.csv', csv(rows));
    const output = ['-o', 'diverged.safetensors'];
    const { code, out, err } = await train(
      'mood.csv',
      ...output,
      '--optimizer',
      'sgd',
      '--learning-rate',
      '1e30',
    );
    expect(code).toBe(1);
    expect(err).toMatch(
      /^gatelet: the loss is no longer a number at step 2, epoch 1\. The learning rate, 1e\+30, is probably too high: try a tenth of it, or --clip-norm 1\. The model keeps its last good parameters\.\n$/,
    );
    expect(out).toMatch(/\nWrote diverged\.safetensors \(\d/);
    expect(existsSync(path('diverged.safetensors'))).toBe(true);
    const { probability } = JSON.parse(
      (await run(['predict', 'diverged.safetensors', '--json', 'a joy'])).out,
    );
    expect(probability).toBeGreaterThanOrEqual(0.5);
  });
});
