import { describe, expect, test } from 'vitest';
import { attentionWeights } from '../../src/model/attention-weights.ts';
import { predict, predictAll } from '../../src/model/predict.ts';
import { quantize } from '../../src/model/quantize.ts';
import { stream } from '../../src/model/stream.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { cpuMs } from '../support/cpu.ts';
import { smallModel, toyRows, trainedModel, trainOn } from '../support/models.ts';
import { UNTRUSTED } from '../support/texts.ts';

const streaming = await trainedModel({ bidirectional: false, maxLength: 64 });
const attending = await trainedModel({ attentionHeads: 2 });
const kinds = [
  ['f32', streaming],
  ['int8', quantize(streaming)],
  ['both ways, attention', attending],
] as const;

describe.each(kinds)('texts of any kind: %s', (_, model) => {
  const { maxLength } = model.config;

  test.each(UNTRUSTED.map((text) => [JSON.stringify(text.slice(0, 20)), text.length, text] as const))(
    '%s …, %d characters',
    (_, __, text) => {
      const start = cpuMs();
      const said = predict(model, text);
      expect(cpuMs() - start).toBeLessThan(5000); // measured: 50
      expect(said.probability).toBeGreaterThanOrEqual(0.5);
      expect(said.truncated).toBe(model.vocabulary.split(text).length > maxLength);
      expect(predictAll(model, [text, 'good', text])).toEqual([said, predict(model, 'good'), said]);
    },
  );
});

test('a stream reads them, piece by piece, where predict() would have stopped', () => {
  const reading = stream(streaming);
  for (const text of UNTRUSTED) {
    for (let at = 0; at < text.length; at += 999) reading.push(text.slice(at, at + 999));
    const { truncated, probability } = reading.end();
    expect([truncated, probability >= 0.5]).toEqual([false, true]);
    const whole = predict(streaming, text);
    if (!whole.truncated) expect(probability).toBe(whole.probability);
  }
});

test('the weights of their words are shares', () => {
  for (const text of UNTRUSTED) {
    const weights = attentionWeights(attending, text);
    const sum = weights.reduce((all, { weight }) => all + weight, 0);
    if (weights.length > 0) expect(sum).toBeCloseTo(1, 5);
  }
});

test('they can be learnt from, and judged', async () => {
  const rows = UNTRUSTED.map((text, i) => ({ text, label: i % 2 ? 'positive' : 'negative' }));
  const model = await smallModel();
  await trainOn(model, [...rows, ...toyRows(8)], { epochs: 1, batchSize: 8, wordDropout: 0.2 });
  const { loss, truncated } = await evaluate(model, rows);
  expect(loss).toBeLessThan(2);
  expect(truncated).toBe(UNTRUSTED.filter((text) => predict(model, text).truncated).length);
});
