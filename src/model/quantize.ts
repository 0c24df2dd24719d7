import { UsageError } from '../runtime/errors.ts';
import { machineOf } from '../runtime/machine.ts';
import { MemoryPlan } from '../runtime/plan.ts';
import { Model } from './model.ts';
import { listParameters } from './network-plan.ts';

/**
 * A model that says nearly the same with weights of one byte each: its file is about a quarter as large. It
 * predicts and streams, is saved and loaded like any other, but cannot be trained further. Each row of a matrix of
 * weights gets a scale of its own; biases, gates and states stay f32.
 * @returns a new model; the one given is left as it is
 * @throws UsageError before the model is trained, and when it is quantised already
 * @example
 * const small = quantize(model);
 * compare(model, small, texts) // { texts: 500, equal: 0.998, largestDifference: 0.012 }
 */
export function quantize(model: Model): Model {
  const { config, modules, vocabulary, facts, weights } = model;
  if (config.weights === 'i8') throw new UsageError('this model is quantised already');
  const plan = new MemoryPlan({ B: 0, N: 0, U: 0 });
  const given = plan.reserve('activations', 'weights', weights.byteLength);
  const blocks = new Map(
    listParameters(config.layers, vocabulary.tableRows, 'i8').map(({ name, dtype, size }) => [
      name,
      dtype === 'I8' ? plan.reserve('quantised', name, size) : plan.reserve('parameters', name, size * 4),
    ]),
  );
  const machine = machineOf(modules.exact, plan);
  machine.floats(given).set(weights);
  let at = 0;
  for (const { name, shape, size } of listParameters(config.layers, vocabulary.tableRows)) {
    const value = blocks.get(name)!;
    const scales = blocks.get(`${name}.scales`);
    if (scales) {
      const [rows, columns] = shape;
      const from = given.pointer + at * 4;
      machine.kernels.quantiseWeights(value.pointer, scales.pointer, from, rows, columns);
    } else {
      machine.floats(value).set(weights.subarray(at, at + size));
    }
    at += size;
  }
  const small = new Model({ ...config, weights: 'i8' }, modules);
  const [floats, quantised] = [machine.region('parameters').slice(), machine.quantised.slice()];
  small.adopt({ vocabulary, facts, weights: floats, quantised });
  return small;
}
