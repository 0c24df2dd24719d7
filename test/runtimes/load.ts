import { performance } from 'node:perf_hooks';

/** Sends one request and reads the answer. */
export type Send = (body: string, method?: string) => Promise<{ status: number; json: unknown }>;

/** A server at an address. */
export const sendTo =
  (url: string): Send =>
  async (body, method = 'POST') => {
    const answer = await fetch(url, { method, ...(method === 'POST' && { body }) });
    return { status: answer.status, json: await answer.json() };
  };

export interface Load {
  readonly requestsPerSecond: number;
  /** 99th percentile of the time to an answer. */
  readonly p99Ms: number;
  /** Requests that were not answered with 200. */
  readonly failed: number;
}

/** Sends `count` texts of so many words, of which there are some hundred, `together` at a time. */
export async function load(send: Send, count: number, { words = 12, together = 32 } = {}): Promise<Load> {
  const times: number[] = [];
  let failed = 0;
  let next = 0;
  const client = async () => {
    while (next < count) {
      const number = next++;
      const text = Array.from({ length: words }, (_, i) => `word${(number * 7 + i * 13) % 400}`).join(' ');
      const begin = performance.now();
      const { status } = await send(JSON.stringify({ text }));
      times.push(performance.now() - begin);
      if (status !== 200) failed++;
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: together }, client));
  const seconds = (performance.now() - begin) / 1000;
  times.sort((a, b) => a - b);
  return { requestsPerSecond: count / seconds, p99Ms: times[Math.floor(0.99 * count)], failed };
}
