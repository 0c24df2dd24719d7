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
  const hash = new Hash();
  for (const row of [...training, ...validation]) hash.add(JSON.stringify(row));
  const made = [optimizer, schedule].map(({ kind, options }) => ({ kind, options }));
  // What is off never had to be said, and is not now: such checkpoints are as they always were.
  const on = { ...(threads > 1 && { threads }), ...(mixup > 0 && { mixup }) };
  const limits = { clipNorm: String(clipNorm), clipValue: String(clipValue) }; // JSON has no word for infinity
  const rest = { ...others, ...limits, validation: validation.length, ...on };
  return hash.add(JSON.stringify([...made, rest])).toString();
}

class Hash {
  #low = 0x811c_9dc5;
  #high = 0x1234_5678;

  /** Takes the text and its end in. */
  add(text: string): this {
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
    this.#mix(0x1_0000);
    return this;
  }

  #mix(number: number): void {
    this.#low = Math.imul(this.#low ^ number, 0x0100_0193);
    this.#high = Math.imul(this.#high ^ (number + this.#low), 0x0100_0193);
  }

  toString(): string {
    return [this.#low, this.#high].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
