// deno run --allow-read --allow-net --allow-env=PORT server.mjs mood.safetensors
import { load } from 'gatelet';
import { classifier } from '../classifier.mjs';

const [file] = Deno.args;
if (!file) {
  console.error('Which model? server.mjs mood.safetensors');
  Deno.exit(2);
}
const model = await load(await Deno.readFile(file));
const port = Number(Deno.env.get('PORT') ?? 8080);
Deno.serve(
  { port, onListen: ({ port }) => console.log(`http://localhost:${port}`) },
  classifier(() => model),
);
