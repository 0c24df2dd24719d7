// A function on Vercel's edge: api/mood.mjs of a project, with the model beside it.
import { load } from 'gatelet';
import { classifier } from '../classifier.mjs';

export const config = { runtime: 'edge' };

// Vercel puts files that are named like this into the deployment.
const model = fetch(new URL('./mood.safetensors', import.meta.url))
  .then((answer) => answer.arrayBuffer())
  .then((bytes) => load(new Uint8Array(bytes)));

export default classifier(() => model);
