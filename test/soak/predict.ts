// Run by main.mjs. Prints a line for each tenth of the predictions, and fails where memory grows.
import { predict, predictAll } from '../../src/model/predict.ts';
import { quantize } from '../../src/model/quantize.ts';
import { textClassifier } from '../../src/model/text-classifier.ts';
import { testNumbers } from '../support/arena.ts';
import { LABELS, toyRows, trainOn } from '../support/models.ts';
import { UNTRUSTED } from '../support/texts.ts';

/** What may be left of their coming and going, in MiB; measured over 10⁶ predictions: −1.0 in f32, −1.5 in int8. */
const SLACK_MIB = 1;
/** Texts that go through the network together, every so often. */
const TOGETHER = 64;

const count = Number(process.argv[2]);
const model = await textClassifier({ labels: LABELS.slice(0, 2), embedding: 64, lstm: 64 });
await trainOn(model, toyRows(200), { epochs: 2 });
const draws = testNumbers(1);

/** Known words and unknown ones, so many that the model has to forget some; now and then what nobody would write. */
function text(i: number): string {
  if (i % 1000 === 0) return UNTRUSTED[(i / 1000) % UNTRUSTED.length];
  const words = Array.from({ length: 12 }, () =>
    draws.int(4) ? 'the good film'.split(' ')[draws.int(3)] : `w${draws.int(1e6)}`,
  );
  return words.join(' ');
}

function heldMiB(): { heap: number; arrays: number; resident: number } {
  for (let i = 0; i < 3; i++) gc!();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed / 2 ** 20, arrays: external / 2 ** 20, resident: rss / 2 ** 20 };
}

let failed = false;
for (const [name, one] of [
  ['f32', model],
  ['int8', quantize(model)],
] as const) {
  const held: ReturnType<typeof heldMiB>[] = [];
  for (let tenth = 1; tenth <= 10; tenth++) {
    const begin = performance.now();
    for (let i = 0; i < count / 10; i++) {
      if (i % 5000 !== 0) predict(one, text(i));
      else
        predictAll(
          one,
          Array.from({ length: TOGETHER }, (_, k) => text(i + k)),
        );
    }
    const perSecond = count / 10 / ((performance.now() - begin) / 1000);
    const { heap, arrays, resident } = heldMiB();
    held.push({ heap, arrays, resident });
    console.log(
      `${name}, ${((tenth * count) / 10).toLocaleString('en')} predictions: heap ${heap.toFixed(2)} MiB, ` +
        `arrays ${arrays.toFixed(2)}, resident ${resident.toFixed(0)}; ${perSecond.toFixed(0)} a second`,
    );
  }
  // The unknown words that are kept come and go, so the least of three tenths counts; the first has not yet seen all.
  const least = (from: number) =>
    Math.min(...held.slice(from, from + 3).map(({ heap, arrays }) => heap + arrays));
  const grown = least(7) - least(1);
  console.log(`${name}: ${grown.toFixed(2)} MiB grown from the tenths 2 to 4 to the last three`);
  failed ||= grown > SLACK_MIB;
}
process.exit(failed ? 1 : 0);
