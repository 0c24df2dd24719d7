import { loadCheckpoint } from '../io/checkpoint.ts';
import type { ModelConfig } from '../model/config.ts';
import type { Model } from '../model/model.ts';
import { UsageError } from '../runtime/errors.ts';
import type { TrainingState } from '../train/state.ts';
import { formatOptions } from './format.ts';
import { readModelFile } from './model-file.ts';

/**
 * Reads a checkpoint whose model is the one that rows and flags ask for.
 * @throws UsageError naming what differs: a training goes on as it began or not at all
 */
export async function readCheckpoint(
  path: string,
  asked: ModelConfig,
): Promise<{ model: Model; resume: TrainingState }> {
  const { model, state } = await readModelFile(path, loadCheckpoint);
  const [stored, wanted] = [facts(model.config), facts(asked)];
  for (const name of Object.keys({ ...wanted, ...stored })) {
    const [expected = 'none', got = 'none'] = [stored[name], wanted[name]];
    if (expected === got) continue;
    throw new UsageError(`--resume ${path}`, {
      expected: `${name} ${expected}, as in the checkpoint`,
      got,
      cause: 'Give the same rows and options as before; only --epochs may differ.',
    });
  }
  return { model, resume: state };
}

function facts({ layers, ...config }: ModelConfig): Record<string, string> {
  const calls = layers.map(({ kind, options }, i) => [`layer ${i}`, `${kind}(${formatOptions(options)})`]);
  const others = Object.entries(config).map(([name, value]) => [name, JSON.stringify(value)]);
  return Object.fromEntries([...calls, ...others]);
}
