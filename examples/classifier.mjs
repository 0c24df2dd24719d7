import { predict } from 'gatelet';

const MAX_BODY_BYTES = 64 * 1024;

/**
 * The web's common form of a server: a function from request to response, for Cloudflare, Vercel, Deno and Bun.
 * POST {"text":"…"} is answered with the prediction, anything else with a status and a reason.
 * @param getModel a function that returns the model, or a promise of it
 */
export function classifier(getModel) {
  return async (request) => {
    if (request.method !== 'POST') return refuse(405, 'POST {"text":"…"}');
    const body = await readAtMost(request.body, MAX_BODY_BYTES);
    if (body === undefined) return refuse(413, `the body is larger than ${MAX_BODY_BYTES} bytes`);
    let text;
    try {
      text = JSON.parse(body)?.text;
    } catch {
      return refuse(400, 'the body is not JSON; expected {"text":"…"}');
    }
    if (typeof text !== 'string') return refuse(400, 'expected {"text":"…"}, a string');
    try {
      return Response.json(predict(await getModel(), text));
    } catch (error) {
      console.error(error);
      return refuse(503, 'the model could not answer');
    }
  };
}

/**
 * For a model that is fetched at the first request, and again if that failed.
 * @param fetchModel a function that returns a promise of the model
 * @returns the same function, which fetches but once
 */
export function once(fetchModel) {
  let model;
  return (...given) => {
    model ??= fetchModel(...given).catch((error) => {
      model = undefined;
      throw error;
    });
    return model;
  };
}

function refuse(status, error) {
  return Response.json({ error }, { status });
}

/** A body as text; undefined as soon as it is longer than allowed. */
async function readAtMost(body, maxBytes) {
  const decoder = new TextDecoder();
  const reader = body?.getReader();
  let text = '';
  for (let bytes = 0; reader; ) {
    const { value, done } = await reader.read();
    if (done) break;
    bytes += value.length;
    if (bytes > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}
