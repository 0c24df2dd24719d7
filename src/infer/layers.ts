import { show } from '../runtime/errors.ts';
import { stride } from '../runtime/stride.ts';
import { inOrder, notRead, sizeOf } from './in-order.ts';
import { planLstm } from './lstm.ts';
import { type Call, fits, type PlanLayer, type Value } from './plan.ts';

/** Rows of a value when a text has T words. */
const rowsOf = ({ kind }: Value, T: number) => (kind === 'vector' ? 1 : T);

const planEmbedding: PlanLayer = (plan, x, { size }, name) => {
  fits(x.kind === 'words');
  const E = sizeOf(size, 4096);
  const { at, scales } = plan.tableOf(`${name}.weight`, plan.tableRows, E);
  const y = plan.value('sequence', E, { isWord: true });
  const { bagStart, bagIds } = plan;
  plan.forward.push((kernels, T) =>
    scales === undefined
      ? kernels.embeddingForward(y.at, at, bagStart, bagIds, T, E)
      : kernels.embeddingForwardQuantised(y.at, at, scales, bagStart, bagIds, T, E),
  );
  return y;
};

const planPool: PlanLayer = (plan, x, { over }) => {
  fits(x.kind === 'sequence');
  inOrder(over === 'last' || over === 'mean' || over === 'max', 'it has a pool() over nothing known');
  const { features: C, reverseFrom } = x;
  const y = plan.value('vector', C);
  const other = plan.floats(stride(C)); // the sum so far, or the place of the largest
  const { steps, lengths } = plan;
  const calls: Readonly<Record<typeof over, Call>> = {
    last: (kernels, T) => kernels.poolLastForward(y.at, x.at, steps, T, 1, C, reverseFrom),
    mean: (kernels, T, keep) => kernels.poolMeanForward(y.at, other, x.at, steps, lengths, T, 1, C, keep),
    max: (kernels, T, keep) => kernels.poolMaxForward(y.at, other, x.at, steps, T, 1, C, keep),
  };
  plan.forward.push(calls[over]);
  return y;
};

const planBatchNorm: PlanLayer = (plan, x, { epsilon }, name) => {
  fits(x.kind !== 'words');
  inOrder(typeof epsilon === 'number' && epsilon > 0, 'the epsilon of batchNorm() is not above zero');
  const { features: C, kind } = x;
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'mean', 'variance'].map((one) =>
    plan.vector(`${name}.${one}`, C),
  );
  const table = plan.floats(3 * stride(C));
  const y = plan.value(kind, C, x);
  plan.prepare.push((kernels) => kernels.batchNormPrepare(table, gamma, beta, mean, variance, C, epsilon));
  plan.forward.push((kernels, T) => kernels.batchNormForward(y.at, x.at, table, rowsOf(x, T), C));
  return y;
};

const planDense: PlanLayer = (plan, x, { units, activation }, name) => {
  fits(x.kind !== 'words');
  const O = sizeOf(units, 65_536);
  const { at, features: I, kind, isWord } = x;
  const { at: weight, scales } = plan.matrix(`${name}.weight`, O, I);
  const bias = plan.vector(`${name}.bias`, O);
  const y = plan.value(kind, O, { isWord });
  if (scales === undefined) {
    const panels = plan.floats(stride(O) * I);
    plan.prepare.push((kernels) => kernels.densePack(panels, weight, I, O));
    plan.forward.push((kernels, T) => kernels.denseForward(y.at, at, panels, bias, rowsOf(x, T), I, O));
  } else {
    const q = plan.floats(stride(I) + 64);
    plan.forward.push((kernels, T) =>
      kernels.denseTextForward(y.at, at, weight, scales, bias, q, rowsOf(x, T), I, O),
    );
  }
  if (activation === 'none') return y;
  if (activation !== 'relu' && activation !== 'tanh')
    throw notRead(`dense({ activation: ${show(activation)} })`);
  plan.forward.push((kernels, T) => kernels[`${activation}Forward`](y.at, y.at, rowsOf(x, T) * stride(O)));
  return y;
};

/** What acts in training alone. */
const pass: PlanLayer = (_, x) => x;

/** The layers that are read, by the kind that the file names. */
export const LAYERS: Readonly<Record<string, PlanLayer>> = {
  embedding: planEmbedding,
  lstm: planLstm,
  pool: planPool,
  dense: planDense,
  batchNorm: planBatchNorm,
  dropout: pass,
  penalty: pass,
  adversarial: pass,
};
