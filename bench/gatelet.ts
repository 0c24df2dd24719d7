// gatelet as serve.ts measures it: texts in, so splitting and encoding count.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeRows } from '../src/data/dataset.ts';
import { load } from '../src/io/load.ts';
import { predict, predictAll } from '../src/model/predict.ts';
import { targetsOf } from '../src/model/targets.ts';
import { Encoder } from '../src/text/encoder.ts';
import { Trainer } from '../src/train/trainer.ts';
import { BATCH, coreConfig, coreTraining, coreVocabulary, LABELS, LENGTH } from './core.ts';
import type { Run } from './serve.ts';

const own = (name: string) => fileURLToPath(import.meta.resolve(name));
export const { version } = JSON.parse(readFileSync(own('gatelet/package.json'), 'utf8'));

export async function prepare(folder: string, task: string): Promise<() => Promise<Run>> {
  const code = readFileSync(own('gatelet/gatelet.wasm'));
  const texts: string[] = JSON.parse(readFileSync(join(folder, 'texts.json'), 'utf8'));
  return task === 'train' ? prepareTraining(code, folder, texts) : preparePrediction(code, folder, texts);
}

function preparePrediction(code: BufferSource, folder: string, texts: string[]) {
  const bytes = readFileSync(join(folder, 'core.safetensors'));
  return async (): Promise<Run> => {
    const model = await load(bytes, { module: await WebAssembly.compile(code) });
    return (from, count) => {
      if (count === 1) return [predict(model, texts[from]).probabilities[LABELS[1]]];
      return predictAll(model, texts.slice(from, from + count)).map((p) => p.probabilities[LABELS[1]]);
    };
  };
}

function prepareTraining(code: BufferSource, folder: string, texts: string[]) {
  const weights = new Float32Array(readFileSync(join(folder, 'weights.f32')).buffer.slice(0));
  return async (): Promise<Run> => {
    const module = await WebAssembly.compile(code);
    const limits = { maxSequences: BATCH, maxRows: BATCH * LENGTH };
    const trainer = new Trainer(module, coreConfig, coreVocabulary, limits, coreTraining(coreConfig));
    trainer.network.weights.set(weights);
    const corpus = encodeRows(new Encoder(coreVocabulary, LENGTH), texts);
    const rows = texts.map((text, row) => ({ text, label: LABELS[row % 2] }));
    const targets = targetsOf(coreConfig, rows);
    const order = Int32Array.from(rows.keys());
    let step = 0;
    return (from, count) => [trainer.step({ corpus, targets, rows: order, from, count }, ++step, 1e-3).loss];
  };
}
