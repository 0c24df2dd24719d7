// The same with a model that lies in R2 or in KV, so that a new one needs no deployment.
import { load } from 'gatelet';
import { classifier } from '../classifier.mjs';

const KEY = 'mood.safetensors';

/** Loaded at the first request of each isolate, and again if that failed. */
let model;

function fetchModel(env) {
  model ??= fetchBytes(env)
    .then((bytes) => load(new Uint8Array(bytes)))
    .catch((error) => {
      model = undefined;
      throw error;
    });
  return model;
}

async function fetchBytes({ MODELS_R2, MODELS_KV }) {
  const bytes = MODELS_R2
    ? await (await MODELS_R2.get(KEY))?.arrayBuffer()
    : await MODELS_KV.get(KEY, 'arrayBuffer');
  if (bytes) return bytes;
  throw new Error(`there is no ${KEY} in the bucket`);
}

export default { fetch: (request, env) => classifier(() => fetchModel(env))(request) };
