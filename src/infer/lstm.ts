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
  const [H8, H4] = [stride(H), 4 * stride(H)];
  const { bagStart, bagIds, isQuantised } = plan;
  const K = x.isWord ? keptWords(plan.tableRows, H4, isQuantised, directions) : 0;
  const [known, home] = [plan.floats(K), plan.floats(plan.rows)];
  const rows = (plan.rows + K) * H4;
  // f32 weights pass there, too, gate by gate, before they are packed: pages that are met for the first time take long.
  const projected = plan.floats(isQuantised ? rows : Math.max(rows, H * Math.max(D, H)));
  const kept = projected + plan.rows * H4 * 4;
  /** Where the kernels read a matrix, the scales of its rows, and scratch for what it is multiplied with. */
  const weights = (part: string, C: number): [number, number, number] => {
    const tensor = `${name}.${direction}.${part}`;
    if (isQuantised) {
      const { at, scales } = plan.matrix(tensor, 4 * H, C);
      return [at, scales!, plan.floats(stride(C) + 64)];
    }
    const gates = plan.parts(tensor, 4 * H, C);
    const panels = plan.floats(H4 * C);
    plan.prepare.push((kernels, copy) => {
      for (let gate = 0; gate < 4; gate++) {
        copy(gates, gate * H * C * 4, H * C * 4, projected);
        kernels.gatesPack(panels + gate * H8 * C * 4, projected, C, H, 1);
      }
    });
    return [panels, 0, 0];
  };
  const [weightIH, scalesIH, qIH] = weights('weightIH', D);
  const [weightHH, scalesHH, qHH] = weights('weightHH', H);
  const bias = plan.vector(`${name}.${direction}.bias`, 4 * H);
  const words = [home, kept, known, projected, x.at, bagStart, bagIds] as const;
  const projection = [weightIH, scalesIH, bias, qIH] as const;
  // What follows from a word alone is kept for the next text.
  plan.forward.push((kernels, T) => kernels.lstmTextProject(...words, ...projection, T, K, D, H));
  const h = plan.value('sequence', H);
  const c = plan.state(H8);
  const h0 = plan.isStream ? plan.state(H8) : 0;
  const recurrence = [h.at, c, h0, plan.floats(H4), qHH, home, weightHH, scalesHH] as const;
  const reverse = direction === 'reverse' ? 1 : 0;
  plan.forward.push((kernels, T) => kernels.lstmText(...recurrence, T, H, reverse));
  return h;
}
