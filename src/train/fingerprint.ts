import type { Row } from '../model/targets.ts';
import type { Settings } from './options.ts';

/**
 * Everything that a resumed training must share with the one that was interrupted, in 64 bits: FNV-1a in two
 * halves over rows and options.
 */
export function fingerprint(
  training: readonly Row[],
  validation: readonly Row[],
  { epochs: _, optimizer, schedule, clipNorm, clipValue, mixup, threads, ...others }: Settings,
): string {
  const made = [optimizer, schedule].map(({ kind, options }) => ({ kind, options }));
  // What is off never had to be said, and is not now: such checkpoints are as they always were.
  const on = { ...(threads > 1 && { threads }), ...(mixup > 0 && { mixup }) };
  const limits = { clipNorm: String(clipNorm), clipValue: String(clipValue) }; // JSON has no word for infinity
  const rest = { ...others, ...limits, validation: validation.length, ...on };
  return hashOf([...training, ...validation, [...made, rest]].map((one) => JSON.stringify(one)));
}

function hashOf(texts: readonly string[]): string {
  let low = 0x811c_9dc5;
  let high = 0x1234_5678;
  for (const text of texts) {
    for (let i = 0; i <= text.length; i++) {
      const number = i < text.length ? text.charCodeAt(i) : 0x1_0000; // the end of a text counts, too
      low = Math.imul(low ^ number, 0x0100_0193);
      high = Math.imul(high ^ (number + low), 0x0100_0193);
    }
  }
  return [low, high].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
