// What suite scaling measured, as SVG: cost against one size, and beside each point its share of the peak.
import * as echarts from 'echarts';

const AXES = {
  H: 'hidden size H',
  T: 'words a text T',
  B: 'texts a batch B',
  V: 'vocabulary V',
};
const SERIES = { 'training step': 'top', prediction: 'bottom' };

/** An SVG for each size that has been measured. */
export function* drawScaling(rows) {
  for (const [axis, title] of Object.entries(AXES)) {
    const own = rows.filter((row) => row.axis === axis);
    if (own.length > 0) yield [axis, draw(title, own)];
  }
}

function draw(title, rows) {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 720, height: 420 });
  const sizes = [...new Set(rows.map(({ at }) => at))];
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    legend: { top: 8, itemGap: 32 },
    grid: { left: 70, right: 40, top: 48, bottom: 56 },
    xAxis: {
      name: title,
      nameLocation: 'middle',
      nameGap: 32,
      type: 'log',
      min: sizes[0],
      max: sizes.at(-1),
      axisLabel: { customValues: sizes },
      axisTick: { customValues: sizes },
      splitLine: { show: false },
    },
    yAxis: { name: 'ms', type: 'log' },
    series: Object.entries(SERIES).map(([name, position]) => ({
      name,
      type: 'line',
      symbolSize: 7,
      label: { show: true, position, formatter: ({ value: [, , share] }) => `${Math.round(share)} %` },
      data: rows
        .filter((row) => row.name.startsWith(name))
        .map(({ at, value, ofPeak }) => [at, value, ofPeak]),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}
