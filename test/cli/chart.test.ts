import { expect, test } from 'vitest';
import { svgChart, terminalChart } from '../../src/cli/chart.ts';

const axes = { title: 'Norms', x: 'words back', y: 'norm' };
const fading = Array.from({ length: 120 }, (_, k) => 2 ** -k);

test('a curve in the terminal falls from left to right, within 80 columns', () => {
  const lines = terminalChart({ name: 'rnn', values: fading }, axes).split('\n');
  const heights = lines.flatMap((line, i) => (/[━┓┗]/.test(line) ? [[line.search(/[━┓┗]/), i]] : []));
  expect(heights.length).toBeGreaterThan(8);
  for (let i = 1; i < heights.length; i++) expect(heights[i][0]).toBeGreaterThanOrEqual(heights[i - 1][0]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(80);
  expect(lines.join('\n')).toMatch(/Norms[\s\S]* 0 +20 +40 +60 +80 +100[\s\S]*words back/);
});

test('what cannot be drawn is left out', () => {
  expect(terminalChart({ name: 'rnn', values: [0, 0, 0] }, axes)).toBe('');
  expect(terminalChart({ name: 'rnn', values: [1, 0, 0.1, 0] }, axes)).toContain('words back');
});

test('an SVG picture names curves and axes, in powers of ten', () => {
  const curves = [
    { name: 'rnn', values: fading },
    { name: 'lstm', values: [1, 0.5, 0] },
  ];
  const picture = svgChart(curves, axes);
  expect(picture).toMatch(/^<svg .*<\/svg>$/s);
  for (const word of ['rnn', 'lstm', 'Norms', 'words back', 'norm', '1e-20']) {
    expect(picture).toContain(`>${word}</text>`);
  }
});
