import { loadModules } from '../runtime/builds.ts';
import { type ModelOptions, modelConfig } from './config.ts';
import { Model } from './model.ts';

/** How the kernels reach a model. */
export interface ModuleOptions {
  /** gatelet.wasm, compiled by you; by default the package fetches its own. */
  readonly module?: WebAssembly.Module;
}

/**
 * A model of the layers you choose, untrained.
 * @param options labels, layers and how texts are read
 * @throws UsageError when an option is wrong or the layers do not fit together
 * @example
 * const model = await createModel({
 *   labels: ['negative', 'positive'],
 *   layers: [embedding({ size: 64 }), lstm({ size: 64 }), pool({ over: 'last' }), dense({ units: 1 })],
 * });
 */
export async function createModel(options: ModelOptions & ModuleOptions): Promise<Model> {
  const { module, ...others } = options ?? {};
  const config = modelConfig(others as ModelOptions);
  return new Model(config, await loadModules(module));
}
