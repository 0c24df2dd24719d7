// gatelet as serve.ts measures it: texts in, so splitting and encoding count.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from '../src/io/load.ts';
import { predict, predictAll } from '../src/model/predict.ts';
import { configWith } from './files.ts';
import { LABELS, vocabularyOf } from './models.ts';
import type { Prepared, Run, Settings } from './serve.ts';
import { Stepper, sharingOf } from './stepper.ts';

const own = (name: string) => fileURLToPath(import.meta.resolve(name));
export const { version } = JSON.parse(readFileSync(own('gatelet/package.json'), 'utf8'));

export async function prepare(folder: string, task: string, settings: Settings): Promise<Prepared> {
  const texts: string[] = JSON.parse(readFileSync(join(folder, 'texts.json'), 'utf8'));
  const file = settings.build === 'relaxed' ? 'gatelet/gatelet-relaxed.wasm' : 'gatelet/gatelet.wasm';
  const code = readFileSync(own(file));
  return task === 'train'
    ? prepareTraining(code, folder, texts, settings)
    : preparePrediction(code, folder, texts, settings);
}

function preparePrediction(
  code: BufferSource,
  folder: string,
  texts: string[],
  { weights, warm }: Settings,
): Prepared {
  const name = weights === 'int8' ? 'int8.safetensors' : 'model.safetensors';
  const bytes = readFileSync(join(folder, name));
  return async (): Promise<Run> => {
    // As the package's own doors for Node do.
    const model = await load(bytes, { module: new WebAssembly.Module(code) });
    if (warm) model.warm();
    return (from, count) => {
      if (count === 1) return [predict(model, texts[from]).probabilities[LABELS[1]]];
      return predictAll(model, texts.slice(from, from + count)).map((p) => p.probabilities[LABELS[1]]);
    };
  };
}

function prepareTraining(
  code: BufferSource,
  folder: string,
  texts: string[],
  { build, threads }: Settings,
): Prepared {
  const { heads } = JSON.parse(readFileSync(join(folder, 'sizes.json'), 'utf8'));
  return async (): Promise<Run> => {
    const module = await WebAssembly.compile(code);
    const sharing = await sharingOf(build, threads);
    const stepper = new Stepper(module, configWith(heads), vocabularyOf(), texts, sharing);
    readInto(stepper.network.weights, join(folder, 'weights.f32'));
    return async (from, count) => [await stepper.step(from, count)];
  };
}

/** Reads a file to where it shall be, so that no copy of it counts as memory of the training. */
function readInto({ buffer, byteOffset, byteLength }: Float32Array, path: string): void {
  const file = openSync(path, 'r');
  readSync(file, new Uint8Array(buffer, byteOffset, byteLength), 0, byteLength, 0);
  closeSync(file);
}
