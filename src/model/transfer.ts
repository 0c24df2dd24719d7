import { show, UsageError } from '../runtime/errors.ts';
import { type ModelConfig, networkSpec } from './config.ts';
import type { Model } from './model.ts';
import { networkOf } from './network.ts';
import { parametersByLayer, planNetwork } from './network-plan.ts';
import { oneText } from './runner.ts';

/** How many layers two models have in common, from the first on: equal kinds with equal options. */
export function commonLayers(one: ModelConfig, other: ModelConfig): number {
  const [ours, theirs] = [one, other].map(({ layers }) =>
    layers.map(({ kind, options }) => JSON.stringify([kind, options])),
  );
  return commonBeginning(ours, theirs);
}

/** How many things two lists of texts have in common, from the first on. */
function commonBeginning(ours: readonly string[], theirs: readonly string[]): number {
  const differs = ours.findIndex((text, i) => text !== theirs[i]);
  return differs < 0 ? ours.length : differs;
}

/**
 * Lets a model begin with what another has learnt: it gets the vocabulary, and the parameters of the layers both begin
 * with. Layers that act in training alone, such as dropout, do not count, nor do options that change no parameter's
 * shape. Its other layers begin as they always do. What it had learnt itself is gone. Train it further with `layerRates`
 * to keep what it was given: first the new layers alone, then one below after another (gradual unfreezing, Howard &
 * Ruder 2018).
 * @returns how many layers it was given
 * @throws UsageError when `from` is untrained or quantised, or they do not begin with such layers and equal tokenizers
 * @example
 * transfer(reader, mood);
 * for await (const epoch of train(mood, rows, { epochs: 1, layerRates: [0, 0, 1, 1] })) console.log(epoch.loss);
 * for await (const epoch of train(mood, rows, { layerRates: [0.15, 0.4, 1, 1] })) console.log(epoch.loss);
 */
export function transfer(from: Model, to: Model): number {
  const { vocabulary, weights } = from;
  if (from.config.weights === 'i8' || to.config.weights === 'i8') {
    throw new UsageError('transfer()', { expected: 'models with f32 weights', got: 'a quantised one' });
  }
  const [ours, theirs] = [to, from].map(({ config }) => acting(config, vocabulary.tableRows));
  const common = commonBeginning(ours.told, theirs.told);
  checkAlike('transfer()', from.config, to.config, common);
  const { fast } = to.modules;
  const plan = planNetwork(
    fast,
    networkSpec(to.config, vocabulary),
    'predict',
    oneText(to.config),
    () => undefined,
  );
  const network = networkOf(fast, plan);
  network.initialise(to.config.seed);
  const size = ours.sizes.slice(0, common).reduce((sum, one) => sum + one, 0);
  network.weights.set(weights.subarray(0, size));
  const facts = { epochs: 0, steps: 0, rows: 0, loss: 0, accuracy: 0, optimizer: 'none' };
  to.adopt({ vocabulary, weights: network.weights.slice(), facts });
  return common;
}

/** The layers that act in predictions, too, as texts to compare, and how many numbers their parameters are. */
function acting({ layers }: ModelConfig, tableRows: number): { told: string[]; sizes: number[] } {
  const told: string[] = [];
  const sizes: number[] = [];
  for (const [i, own] of parametersByLayer(layers, tableRows).entries()) {
    const { kind, options, trainsOnly } = layers[i];
    if (trainsOnly) continue;
    const shapes = own.map(({ name, shape }) => [name.slice(`layers.${i}.`.length), shape]);
    told.push(JSON.stringify([kind, own.length > 0 ? shapes : options]));
    sizes.push(own.reduce((sum, { size }) => sum + size, 0));
  }
  return { told, sizes };
}

/** @throws UsageError unless both models read words alike, and have first layers in common */
export function checkAlike(what: string, one: ModelConfig, other: ModelConfig, common: number): void {
  const [ours, theirs] = [one, other].map(({ tokenizer }) => JSON.stringify(tokenizer));
  if (ours !== theirs) {
    throw new UsageError(`${what}: the models split texts in different ways`, {
      expected: ours,
      got: theirs,
    });
  }
  if (common > 0) return;
  const [expected, got] = [one, other].map(({ layers }) =>
    show(layers[0] && [layers[0].kind, layers[0].options]),
  );
  throw new UsageError(`${what}: the models do not begin with layers that are alike`, { expected, got });
}
