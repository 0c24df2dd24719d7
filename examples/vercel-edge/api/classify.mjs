// A Vercel function on the edge that classifies texts. The model is a file beside it, which Vercel deploys with it.
//
//   npx vercel dev
//   curl localhost:3000/api/classify -d '{"text":"a joy to watch"}'
import { load } from 'gatelet';
import { classifier, once } from '../../classifier.mjs';

export const config = { runtime: 'edge' };

const fetchModel = once(async () => {
  const file = await fetch(new URL('./mood.safetensors', import.meta.url));
  return load(new Uint8Array(await file.arrayBuffer()));
});

export default classifier(fetchModel);
