import { keptWords } from '../layers/kept.ts';
import { UsageError } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import { notRead, sizeOf } from './in-order.ts';
import { fits, type Plan, type PlanLayer, type Value } from './plan.ts';

/** What an option is that adds nothing. */
const NOTHING: readonly unknown[] = [false, 0, null, 'none'];
/** Options of how weights begin, which training alone asks. */
const BEGINNING = ['initializer', 'recurrentInitializer', 'forgetBias'];

/** lstm() as layers/lstm.ts plans it for predictions. */
export const planLstm: PlanLayer = (plan, x, { size, bidirectional, ...additions }, name) => {
  fits(x.kind === 'sequence');
  const H = sizeOf(size, 4096);
  const addition = Object.keys(additions).find(
    (one) => !NOTHING.includes(additions[one]) && !BEGINNING.includes(one),
  );
  if (addition !== undefined) throw notRead(`lstm({ ${addition} })`);
  if (!bidirectional) return planDirection(plan, x, H, name, 'forward', 1);
  if (plan.isStream) {
    throw new UsageError('a bidirectional lstm() cannot stream', {
      cause: 'It reads the text from its end, too. Train with bidirectional: false.',
    });
  }
  const forward = planDirection(plan, x, H, name, 'forward', 2);
  const reverse = planDirection(plan, x, H, name, 'reverse', 2);
  const y = plan.value('sequence', 2 * H, { reverseFrom: H });
  plan.forward.push((kernels, T) => kernels.concatForward(y.at, forward.at, reverse.at, T, H, H));
  return y;
};

function planDirection(
  plan: Plan,
  x: Value,
  H: number,
  name: string,
  direction: 'forward' | 'reverse',
  directions: number,
): Value {
  const { features: D } = x;
  const H4 = 4 * stride(H);
  const { index, steps, bagStart, bagIds, isQuantised, kernels: sizes } = plan;
  const K = x.isWord ? keptWords(plan.tableRows, H4, isQuantised, directions) : 0;
  // The weights lie there, too, until they are packed: pages that are met for the first time take long.
  const bytes = isQuantised ? 1 : 4;
  const projected = plan.memory.reserve(Math.max((plan.rows + K) * H4 * 4, 4 * H * (D + H) * bytes));
  const kept = projected + plan.rows * H4 * 4;
  const weightIH = plan.matrix(`${name}.${direction}.weightIH`, 4 * H, D, projected);
  const weightHH = plan.matrix(`${name}.${direction}.weightHH`, 4 * H, H, projected + 4 * H * D * bytes);
  const bias = plan.vector(`${name}.${direction}.bias`, 4 * H);
  const panels = (C: number) =>
    plan.memory.reserve(isQuantised ? (H4 / 8) * sizes.quantisedPanelBytes(C) : H4 * C * 4);
  const [panelsIH, panelsHH, biasRow] = [panels(D), panels(H), plan.floats(H4)];
  const scratch = plan.floats(sizes.lstmPredictScratch(D));
  const [known, home] = [plan.floats(K), plan.floats(plan.rows)];
  const packed = [panelsIH, panelsHH, biasRow, known] as const;
  plan.prepare.push((kernels) => {
    const sizes = [K, D, H] as const;
    if (weightIH.scales === undefined || weightHH.scales === undefined) {
      kernels.lstmPredictPack(...packed, weightIH.at, weightHH.at, bias, ...sizes);
    } else {
      const weights = [weightIH.at, weightIH.scales, weightHH.at, weightHH.scales] as const;
      kernels.lstmPredictPackQuantised(...packed, ...weights, bias, ...sizes);
    }
  });
  // What follows from a word alone is kept for the next text.
  const rows = [home, kept, known, projected] as const;
  const projection = [x.at, bagStart, bagIds, panelsIH, biasRow, scratch] as const;
  plan.forward.push((kernels, T) =>
    kernels.lstmPredictDistinct(...rows, ...projection, T, K, D, H, isQuantised ? 1 : 0),
  );
  const h = plan.value('sequence', H);
  const c = plan.state(stride(H));
  const h0 = plan.isStream ? plan.state(stride(H)) : 0;
  const z = plan.floats(32);
  const q = isQuantised ? plan.memory.reserve(sizes.quantisedRowBytes(H)) : 0;
  const states = [h.at, c, h0, z, q] as const;
  const inputs = [projected, home, index, steps, panelsHH] as const;
  const reverse = direction === 'reverse' ? 1 : 0;
  plan.forward.push((kernels, T) => kernels.lstmPredict(...states, ...inputs, T, 1, H, reverse));
  return h;
}
