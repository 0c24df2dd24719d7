import { existsSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { CATALOGUE } from '../../src/cli/catalogue.generated.ts';
import { csv, type Result, samples, TINY, workFolder } from './cli.ts';

const { path, put, run, folder } = workFolder();
let trained: Result;

beforeAll(async () => {
  put('reviews.csv', csv(samples(160)));
  put('test.tsv', csv(samples(40, 2)).replaceAll(',', '\t'));
  trained = await run(['train', 'reviews.csv', '-o', 'mood.safetensors', ...TINY, '--epochs', '6']);
});

describe('train', () => {
  test('says what it read, a line an epoch, what came of it and what to type next', () => {
    expect(trained.err).toBe('');
    expect(trained.code).toBe(0);
    const lines = trained.out.split('\n');
    expect(lines.slice(0, 7)).toEqual([
      'reviews.csv: 160 rows',
      '',
      'label  rows',
      'bad      80',
      'good     80',
      '',
      'epoch    loss  accuracy  tokens/s     time',
    ]);
    for (let epoch = 1; epoch <= 6; epoch++) {
      expect(lines[6 + epoch]).toMatch(
        new RegExp(`^  ${epoch}/6  \\d\\.\\d{4} {1,5}\\d+\\.\\d % +[\\d,]+  +\\S+ m?s$`),
      );
    }
    expect(lines[14]).toMatch(/^Loss 0\.\d{4}, accuracy (9\d|100)\.\d % on the 160 rows trained on\.$/);
    expect(lines[15]).toMatch(/^Wrote mood\.safetensors \(\d+\.\d kB\)$/);
    expect(lines[16]).toMatch(/^Next: .* predict mood\.safetensors "a joy to watch"$/);
    expect(Math.max(...lines.slice(0, 16).map((line) => line.length))).toBeLessThan(80);
  });

  test('leaves one file, and the same bytes when run again', async () => {
    expect(readdirSync(folder).filter((name) => !/csv|tsv/.test(name))).toEqual(['mood.safetensors']);
    await run(['train', 'reviews.csv', '-o', 'again.safetensors', ...TINY, '--epochs', '6']);
    expect((await run(['inspect', '--json', 'again.safetensors'])).out.replace('again', 'mood')).toBe(
      (await run(['inspect', '--json', 'mood.safetensors'])).out,
    );
  });

  test('validates on a file and says which epoch was the best', async () => {
    const { code, out } = await run([
      ...['train', 'reviews.csv', '-o', 'v.safetensors', '--validation', 'test.tsv', ...TINY],
      ...['--epochs', '3', '--early-stopping', '2', '--max-length', '4'],
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/\n\d+ texts are longer than 4 words: only the beginnings are read\.\n/);
    expect(out).toContain('epoch    loss  accuracy  validation loss  accuracy  tokens/s     time\n');
    expect(out).toMatch(/\nEpoch [123] was the best; the model is as it was then\.\n/);
    expect(out).toMatch(/accuracy \d+\.\d % on the 40 rows to validate on\.\n/);
  });

  test('hands every option on to the model', async () => {
    const { code } = await run([
      ...['train', 'reviews.csv', '-o', 'all.safetensors', '--epochs', '2', '--batch-tokens', '300'],
      ...['--embedding', '4', '--lstm', '5', '--layers', '2', '--bidirectional', '--pool', 'max'],
      ...['--dropout', '0.25', '--vocabulary', '9', '--min-count', '3', '--buckets', '7', '--keep-case'],
      ...['--strip-accents', '--max-length', '12', '--seed', '3', '--optimizer', 'sgd', '--batch-size', '16'],
      ...['--learning-rate', '0.1', '--schedule', 'step', '--decay', '0.5', '--decay-every', '1'],
      ...['--clip-norm', '1', '--class-weights', 'balanced', '--label-smoothing', '0.1'],
      ...['--word-dropout', '0.1', '--validation', '0.1', '--early-stopping', '3', '--metric', 'accuracy'],
    ]);
    expect(code).toBe(0);
    const facts = JSON.parse((await run(['inspect', 'all.safetensors', '--json'])).out);
    expect(facts).toMatchObject({
      seed: 3,
      maxLength: 12,
      tokenizer: { lowercase: false, accents: 'strip', maxWords: 9, minCount: 3, buckets: 7 },
      vocabulary: { words: 9 },
      training: { rows: 144, optimizer: 'sgd', validation: { rows: 16 } },
    });
    const lstm = { kind: 'lstm', options: { size: 5, bidirectional: true } };
    const dropout = { kind: 'dropout', options: { rate: 0.25 } };
    expect(facts.layers.slice(0, 7)).toMatchObject([
      { kind: 'embedding', options: { size: 4 } },
      ...[dropout, lstm, dropout, lstm],
      { kind: 'pool', options: { over: 'max' } },
      dropout,
    ]);
  });
});

describe('evaluate', () => {
  test('prints metrics, classes and the confusion matrix', async () => {
    const { code, out, err } = await run(['evaluate', 'mood.safetensors', 'test.tsv']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      new RegExp(
        [
          '^test\\.tsv: 40 rows',
          '',
          'loss      0\\.\\d{4}',
          'accuracy  (9\\d|100)\\.\\d %',
          'macro F1  (9\\d|100)\\.\\d %',
          '',
          'label  precision +recall +F1  rows',
          'bad( +\\d+\\.\\d %){3}    20',
          'good( +\\d+\\.\\d %){3}    20',
          '',
          'True labels down, predicted labels across:',
          '',
          '      bad  good',
          'bad  +\\d+ +\\d+',
          'good +\\d+ +\\d+',
          '$',
        ].join('\n'),
      ),
    );
  });

  test('--json prints the same as one object', async () => {
    const evaluation = JSON.parse((await run(['evaluate', 'mood.safetensors', 'test.tsv', '--json'])).out);
    expect(evaluation.accuracy).toBeGreaterThan(0.9);
    expect(Object.keys(evaluation.classes)).toEqual(['bad', 'good']);
    expect(evaluation.confusion.flat().reduce((a: number, b: number) => a + b)).toBe(40);
  });
});

describe('predict', () => {
  test('answers each text with label, probability and text', async () => {
    const { out } = await run([
      'predict',
      'mood.safetensors',
      'a joy to watch',
      'it was\tawful\n',
      '--',
      '-x',
    ]);
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/^good\t0\.\d{4}\ta joy to watch$/);
    expect(lines[1]).toMatch(/^bad\t0\.\d{4}\tit was awful $/);
    expect(lines[2]).toMatch(/^(good|bad)\t0\.\d{4}\t-x$/);
    expect(lines).toHaveLength(4);
  });

  test('--json prints an object a line', async () => {
    const { out } = await run(['predict', 'mood.safetensors', '--json', 'a joy']);
    const { label, probability, probabilities, truncated, text } = JSON.parse(out);
    expect([label, text, truncated]).toEqual(['good', 'a joy', false]);
    expect(probabilities.good).toBe(probability);
    expect(probabilities.good + probabilities.bad).toBeCloseTo(1);
  });

  test('--threads gives the same answers', async () => {
    const texts = Array.from({ length: 200 }, (_, i) => `a joy to watch, ${i} times`);
    const one = await run(['predict', 'mood.safetensors', ...texts]);
    expect(await run(['predict', 'mood.safetensors', '--threads', '2', ...texts])).toEqual(one);
    const none = await run(['predict', 'mood.safetensors', '--threads', '0', 'a joy']);
    expect([none.code, none.err]).toEqual([
      2,
      'gatelet: --threads: expected a whole number from 1 to 64, got 0\n',
    ]);
  });
});

describe('inspect', () => {
  test('shows layers, parameters, vocabulary and training', async () => {
    const { code, out } = await run(['inspect', 'mood.safetensors']);
    expect(code).toBe(0);
    expect(out).toMatch(/^mood\.safetensors: \d+\.\d kB\nLabels: bad, good\n/);
    expect(out).toMatch(/\n1 {2}lstm +size 8 +\[words, 8\]\n/);
    expect(out).toMatch(/\nlayers\.1\.lstm\.forward\.weightIH +\[32, 8\] +F32 +256\n/);
    expect(out).toMatch(/\nVocabulary: 20 words seen at least 2 times; 50 buckets/);
    expect(out).toContain('\nTrained for 6 epochs, 120 steps of adam, seed 1.\n');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThan(110);
  });

  test('--plan prints the kernel calls', async () => {
    const { out } = await run(['inspect', 'mood.safetensors', '--plan']);
    expect(out).toMatch(/\nprepare:\ngatesRow\(.*\nforward:\nembeddingForward\(.*\nbackward:\ndense/s);
  });
});

describe('usage', () => {
  test('--version and --help', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
    const verbs = [
      [],
      ['train'],
      ['evaluate'],
      ['predict'],
      ['inspect'],
      ['quantize'],
      ['gradients'],
      ['layers'],
    ];
    for (const verb of verbs) {
      const { code, out } = await run([...verb, '--help']);
      expect(code).toBe(0);
      expect(out).toContain('Examples:\n  gatelet ');
    }
  });

  test('layers lists what there is, and --json all of it', async () => {
    const { code, out } = await run(['layers']);
    expect(code).toBe(0);
    expect(out).toMatch(/^lstm\(\) {2}Long short-term memory/m);
    expect(out).toMatch(/^ {2}size +1 to 4,096 +64 +Hidden size/m);
    const listed = JSON.parse((await run(['layers', '--json'])).out);
    expect(listed).toEqual(CATALOGUE);
  });

  test('no verb prints the help and is an error', async () => {
    const { code, out, err } = await run([]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^Usage: gatelet /);
  });

  test.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['trian', 'reviews.csv'], "unknown command 'trian'\n(Did you mean train?)"],
    [['train', 'reviews.csv'], "required option '-o, --output <file>' not specified"],
    [['train', 'reviews.csv', '-o', 'x.safetensors', '--epoch', '2'], "unknown option '--epoch'"],
    [['train', '-o', 'x.safetensors'], "missing required argument 'rows'"],
    [['inspect', 'a', 'b'], 'too many arguments'],
    [['quantize', 'mood.safetensors'], "required option '-o, --output <file>' not specified"],
    [['quantize', 'mood.safetensors', '-o', 'mood'], '--output: expected a name that ends in .safetensors'],
    [['train', 'reviews.csv', '-o', 'reviews.csv'], '--output: expected a name that ends in .safetensors'],
    [['--pool', 'sum'], "option '--pool <last|mean|max>' argument 'sum' is invalid"],
    [['--learning-rate', 'NaN'], "'NaN' is invalid. It is not a number."],
    [['--learning-rate', '-0.1'], '--learning-rate: expected a number above 0, within f32, got -0.1'],
    [['--lstm', '4096', '--layers', '16'], 'Make the vocabulary, the layers or --max-length smaller.'],
    [['--decay', '0.5'], '--decay can do nothing without --schedule'],
    [['--early-stopping', '2'], '--early-stopping can do nothing without --validation'],
    [['--class-weights', 'fair'], "'fair' is invalid. Write balanced, or label=weight,label=weight."],
    [['--class-weights', 'fair=2'], '--class-weights names "fair": expected "bad", "good"'],
  ])('%j ends with 2: %s', async (args, message) => {
    const isOption = args[0].startsWith('--');
    const all = isOption ? ['train', 'reviews.csv', '-o', 'never.safetensors', ...args] : args;
    const { code, out, err } = await run(all);
    expect(err).toMatch(/^gatelet: /);
    expect(err).toContain(message);
    expect(err).not.toMatch(/\n {4}at /);
    expect([code, isOption ? '' : out]).toEqual([2, '']);
    expect(existsSync(path('never.safetensors'))).toBe(false);
  });
});
