// Curves over steps, their values as powers of ten: for the terminal and as SVG.
import * as echarts from 'echarts';
import plot from 'simple-ascii-chart';

const X = 'steps before the last one';
const Y = '‖∂L/∂h‖';

/** A small chart for each curve, all over the same powers of ten. @param curves { name, values } */
export function terminalCurves(curves) {
  const points = curves.map(powersOf);
  const powers = points.flatMap((curve) => curve.map(([, power]) => power));
  const charts = curves.map(({ name, values }, i) =>
    plot(points[i], {
      title: `${name}: ${Y}, ${X}`,
      width: 64,
      height: 9,
      yRange: [Math.min(...powers), Math.max(...powers)],
      customXAxisTicks: [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * (values.length - 1))),
      formatter: (value, { axis }) => (axis === 'y' ? (10 ** value).toExponential(0) : value),
    }),
  );
  return charts.join('').replace(/ +$/gm, '').trim();
}

/** The same as a picture. */
export function svgCurves(curves) {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 760, height: 480 });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    legend: { bottom: 0 },
    grid: { left: 80, right: 30, top: 30, bottom: 110 },
    xAxis: { type: 'value', name: X, nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'value', name: `log10 ${Y}`, nameLocation: 'middle', nameGap: 40 },
    series: curves.map((curve) => ({
      ...{ type: 'line', name: curve.name, showSymbol: false },
      data: powersOf(curve),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose(); // it holds a timer
  return `${svg}\n`;
}

/** Zero has no power of ten: it has vanished altogether. */
function powersOf({ values }) {
  return values.flatMap((value, at) => (value > 0 ? [[at, Math.log10(value)]] : []));
}
