// A Cloudflare worker that classifies texts. The model is part of the deployment: a static import.
//
//   npx wrangler dev
//   curl localhost:8787 -d '{"text":"a joy to watch"}'
import { load } from 'gatelet';
import { classifier } from '../classifier.mjs';
import bytes from './mood.safetensors';

// Once for each isolate, before its first request, which need not wait for it.
const model = await load(new Uint8Array(bytes));
model.warm();

export default { fetch: classifier(() => model) };
