import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../src/io/load.ts';
import { predict } from '../../src/model/predict.ts';

const examples = new URL('../../examples/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'gatelet-start-'));
const start = (...args: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL('start.mjs', examples)), ...args], {
    cwd: folder,
    encoding: 'utf8',
  });

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('npm start', () => {
  let run: ReturnType<typeof start>;
  beforeAll(() => {
    run = start();
  });

  it('ends well and says where the sentences come from', () => {
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('Kotzias et al. 2015');
    expect(run.stdout).toContain('wink-naive-bayes-text-classifier (MIT)');
    expect(run.stdout).toContain('800 to learn from, 200 to test on');
  });

  it('shows a line an epoch where there is no terminal', () => {
    const epochs = run.stdout.match(
      /^epoch +\d+\/\d+ {2}loss \d\.\d{3} {2}accuracy +\d+\.\d % +\d+k tokens\/s {2}\d+:\d\d left$/gm,
    );
    const [, last] = /^epoch +1\/(\d+)/m.exec(run.stdout)!;
    expect(epochs).toHaveLength(Number(last));
  });

  it('learns: one seed, so less is asked than of the mean over five that the README quotes', () => {
    const accuracyOf = (name: string) =>
      Number(new RegExp(`^ {2}${name} +accuracy ([\\d.]+) %`, 'm').exec(run.stdout)![1]);
    expect(accuracyOf('LSTM')).toBeGreaterThanOrEqual(78);
    expect(accuracyOf('naive Bayes')).toBeGreaterThanOrEqual(80);
  });

  it('writes a model that says what the run said', async () => {
    expect(readdirSync(folder)).toEqual(['sentiment.safetensors']);
    const model = await load(readFileSync(join(folder, 'sentiment.safetensors')));
    const said = [...run.stdout.matchAll(/^ {2}(negative|positive) +([\d.]+) % {2}(.+)$/gm)];
    expect(said.length).toBeGreaterThanOrEqual(4);
    for (const [, label, percent, text] of said) {
      const prediction = predict(model, text);
      expect(prediction.label).toBe(label);
      expect((prediction.probability * 100).toFixed(1)).toBe(percent);
    }
  });

  it('says what to type next, and that works', () => {
    const [, script, text] = /^ {2}node (\S+) predict sentiment\.safetensors "(.+)"$/m.exec(run.stdout)!;
    const args = [script, 'predict', 'sentiment.safetensors', text];
    const next = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    expect(next.status).toBe(0);
    expect(next.stdout).toContain('positive');
  });
});

describe('npm start, asked for what is not there', () => {
  it.each([[['foo']], [['spam', 'foo']], [['--seeds', 'many']], [['--nothing']]])('%j', (args) => {
    const run = start(...args);
    expect(run.status).toBe(2);
    expect(run.stdout).toBe('');
    for (const lesson of ['reviews', 'spam']) expect(run.stderr).toContain(`npm start -- ${lesson}`);
  });

  it('finds out before training that it cannot write', () => {
    mkdirSync(join(folder, 'spam.safetensors'));
    const run = start('spam');
    expect(run.status).toBe(1);
    expect(run.stdout).toBe('');
    expect(run.stderr).toContain('cannot write spam.safetensors');
  });
});

describe('the mails of npm start -- spam', async () => {
  const { mailBody } = await import(new URL('mail-body.mjs', examples).href);
  const mail = (...lines: string[]) => lines.join('\n');

  it('lose their headers', () => {
    expect(mailBody(mail('From: a@b.c', 'Subject: Hi', ' there', '', 'Dear you,', '', 'bye'))).toBe(
      'Dear you, bye',
    );
    expect(mailBody('From: a@b.c\r\n\r\nCRLF\r\n')).toBe('CRLF');
  });

  it('lose their markup', () => {
    const html = '<html><title>t</title><style>p {}</style><p>V<b>i</b><!-- x -->a&nbsp;&#65;&amp;B<p>now';
    expect(mailBody(mail('Content-Type: text/html', '', html))).toBe('Via A&B now');
  });

  it('are decoded', () => {
    const quoted = mail('Content-Transfer-Encoding: quoted-printable', '', 'caf=E9 so=', 'ft =3D');
    expect(mailBody(quoted)).toBe('café soft =');
    const base64 = mail(
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from('free money').toString('base64'),
    );
    expect(mailBody(base64)).toBe('free money');
  });

  it('show one of their alternatives and none of their attachments', () => {
    const body = mail(
      'Content-Type: multipart/mixed;',
      '\tboundary="outer"',
      '',
      'For old programs.',
      '--outer',
      'Content-Type: multipart/alternative; boundary=inner',
      '',
      '--inner',
      '',
      'plain words',
      '--inner',
      'Content-Type: text/html',
      '',
      '<p>marked words',
      '--inner--',
      '--outer',
      'Content-Type: image/gif',
      '',
      'R0lGOD',
      '--outer--',
      'after the end',
    );
    expect(mailBody(body)).toBe('plain words');
  });

  it('are never on both sides', async () => {
    const { spam } = await import(new URL('spam.mjs', examples).href);
    const { training, test } = spam.split();
    expect([training.length, test.length]).toEqual([4512, 1120]);
    const letters = ({ text }: { text: string }) => text.toLowerCase().replace(/[^\p{L}]/gu, '');
    expect(new Set([...training, ...test].map(letters)).size).toBe(training.length + test.length);
  });
});
