// The same with a model that lies in R2 or in KV, so that a new one needs no deployment.
import { load } from 'gatelet';
import { classifier, once } from '../classifier.mjs';

const KEY = 'mood.safetensors';

const fetchModel = once(async (env) => load(new Uint8Array(await fetchBytes(env))));

async function fetchBytes({ MODELS_R2, MODELS_KV }) {
  const bytes = MODELS_R2
    ? await (await MODELS_R2.get(KEY))?.arrayBuffer()
    : await MODELS_KV.get(KEY, 'arrayBuffer');
  if (bytes) return bytes;
  throw new Error(`there is no ${KEY} in the bucket`);
}

export default { fetch: (request, env) => classifier(() => fetchModel(env))(request) };
