// bun server.mjs mood.safetensors
import { load } from 'gatelet';
import { classifier } from '../classifier.mjs';

const [file] = Bun.argv.slice(2);
if (!file) {
  console.error('Which model? server.mjs mood.safetensors');
  process.exit(2);
}
const model = await load(await Bun.file(file).bytes());
const { port } = Bun.serve({ port: process.env.PORT ?? 8080, fetch: classifier(() => model) });
console.log(`http://localhost:${port}`);
