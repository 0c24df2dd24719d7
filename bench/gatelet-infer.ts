// gatelet/infer, as it is built for users, as serve.ts measures it: predicts only, one text after another.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'gatelet/infer';
import type { Prepared, Settings } from './serve.ts';

const own = (name: string) => fileURLToPath(import.meta.resolve(name));
export const { version } = JSON.parse(readFileSync(own('gatelet/package.json'), 'utf8'));

export async function prepare(folder: string, _task: string, { weights }: Settings): Promise<Prepared> {
  const texts: string[] = JSON.parse(readFileSync(join(folder, 'texts.json'), 'utf8'));
  const code = readFileSync(own('gatelet/gatelet-infer.wasm'));
  const bytes = readFileSync(join(folder, weights === 'int8' ? 'int8.safetensors' : 'model.safetensors'));
  return async () => {
    // As the package's own doors for Node do.
    const model = await load(bytes, { module: new WebAssembly.Module(code) });
    const [, positive] = model.labels;
    return (from, count) => {
      const predictions = model.predictAll(texts.slice(from, from + count));
      return predictions.map(({ probabilities }) => probabilities[positive]);
    };
  };
}
