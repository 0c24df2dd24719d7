import type { Corpus } from '../data/dataset.ts';
import type { Row, Targets } from '../model/targets.ts';
import type { Settings } from './options.ts';

/** Everything that a resumed training must share with the one that was interrupted. */
export function fingerprint(
  { tokens, starts }: Corpus,
  { values }: Targets,
  { epochs: _, optimizer, schedule, ...settings }: Settings,
  validation: readonly Row[],
): string {
  const options = [
    { kind: optimizer.kind, ...optimizer.options },
    { kind: schedule.kind, ...schedule.options },
    { ...settings, clipNorm: String(settings.clipNorm), validation },
  ];
  return new Fingerprint().add(tokens).add(starts).add(values).addText(JSON.stringify(options)).toString();
}

/** A short name for options and encoded rows: FNV-1a, 64 bits in two halves. */
class Fingerprint {
  #low = 0x811c_9dc5;
  #high = 0x1234_5678;

  add(numbers: ArrayLike<number>): this {
    for (let i = 0; i < numbers.length; i++) this.#mix(numbers[i]);
    return this;
  }

  addText(text: string): this {
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
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
