// An HTTP endpoint that classifies texts. Requests that arrive together go through the network together.
//
//   node server.mjs mood.safetensors          PORT=8080 by default
//   curl localhost:8080/classify -d '{"text":"a joy to watch"}'
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { load, predictAll } from 'gatelet';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_BATCH = 64;

const [file] = process.argv.slice(2);
if (!file) {
  console.error('Which model? node server.mjs mood.safetensors');
  process.exit(2);
}
const model = await load(await readFile(file));

/** Texts that wait for the network, each with what shall hear of it. */
let waiting = [];

/** @returns the prediction, once the batch that the text goes with has been run */
function classify(text) {
  return new Promise((resolve, reject) => {
    if (waiting.push({ text, resolve, reject }) === 1) setImmediate(run);
  });
}

function run() {
  const batch = waiting.slice(0, MAX_BATCH);
  waiting = waiting.slice(MAX_BATCH);
  if (waiting.length > 0) setImmediate(run);
  try {
    const predictions = predictAll(
      model,
      batch.map(({ text }) => text),
    );
    for (const [i, { resolve }] of batch.entries()) resolve(predictions[i]);
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

/** What a request did wrong: answered with a status and a reason. */
class BadRequest extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function textOf(request) {
  const tooLarge = () => new BadRequest(413, `the body is larger than ${MAX_BODY_BYTES} bytes`);
  if (Number(request.headers['content-length']) > MAX_BODY_BYTES) throw tooLarge();
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  let body;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new BadRequest(400, 'the body is not JSON; expected {"text":"…"}');
  }
  if (typeof body?.text !== 'string') throw new BadRequest(400, 'expected {"text":"…"}, a string');
  return body.text;
}

async function answer(request) {
  const [pathname] = request.url.split('?');
  if (pathname === '/healthz') return { status: 'ok' };
  if (pathname !== '/classify') throw new BadRequest(404, 'POST a text to /classify');
  if (request.method !== 'POST') throw new BadRequest(405, 'POST {"text":"…"}');
  return classify(await textOf(request));
}

const server = createServer(async (request, response) => {
  const send = (status, body) => {
    if (response.destroyed) return;
    const headers = { 'content-type': 'application/json' };
    // What is left of a body that nobody reads would be taken for the next request.
    if (!request.complete) headers.connection = 'close';
    response.writeHead(status, headers).end(JSON.stringify(body));
  };
  try {
    send(200, await answer(request));
  } catch (error) {
    if (error instanceof BadRequest) return send(error.status, { error: error.message });
    console.error(error);
    send(500, { error: 'the server could not answer' });
  }
});
server.listen(Number(process.env.PORT ?? 8080), () =>
  console.log(`http://localhost:${server.address().port}`),
);

// A graceful stop: no new requests, and those under way are answered.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server.close();
    server.closeIdleConnections();
  });
}
