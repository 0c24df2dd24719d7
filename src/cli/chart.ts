import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import plot from 'simple-ascii-chart';

/** A curve over 0, 1, 2, …; its values are above 0, or left out. */
export interface Curve {
  readonly name: string;
  readonly values: readonly number[];
}

/** What curves are drawn over, and what they show. */
export interface Axes {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

/** A curve for the terminal, its values as powers of ten. */
export function terminalChart({ values }: Curve, { title, x }: Axes): string {
  const powers = pointsOf(values).map(([at, value]): [number, number] => [at, Math.log10(value)]);
  if (powers.length < 2) return '';
  const chart = plot(powers, {
    title,
    width: 60,
    height: 12,
    xLabel: x,
    customXAxisTicks: ticksOf(values.length),
    formatter: (value, { axis }) => (axis === 'y' ? shortly(10 ** value) : value),
  });
  return chart
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Curves as an SVG picture over an axis of powers of ten. */
export function svgChart(curves: readonly Curve[], { title, x, y }: Axes): string {
  use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 720, height: 440 });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: { text: title, left: 'center', textStyle: { fontSize: 14 } },
    legend: { bottom: 0 },
    grid: { left: 80, right: 30, top: 40, bottom: 80 },
    xAxis: { type: 'value', name: x, nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'log', name: y, nameLocation: 'middle', nameGap: 56, axisLabel: { formatter: shortly } },
    series: curves.map(({ name, values }) => ({
      ...{ type: 'line', name, showSymbol: false },
      data: pointsOf(values),
    })),
  });
  const picture = chart.renderToSVGString();
  chart.dispose(); // it holds a timer
  return picture;
}

/** Without the many zeros of a small number. */
function shortly(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Some six round numbers below a count. */
function ticksOf(count: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((step) => count / step <= 7) ?? 1000;
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

/** Zero has no power of ten. */
function pointsOf(values: readonly number[]): [number, number][] {
  return values.flatMap((value, at) => (value > 0 ? [[at, value] as [number, number]] : []));
}
