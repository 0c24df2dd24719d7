import type { Corpus } from '../data/dataset.ts';
import type { Targets } from '../model/targets.ts';
import type { Settings } from './options.ts';

/** Everything that a resumed training must share with the one that was interrupted. */
export function fingerprint({ tokens, starts }: Corpus, { values }: Targets, settings: Settings): string {
  const { epochs: _, optimizer, schedule, validation, ...others } = settings;
  const held = typeof validation === 'number' ? validation : validation.length;
  const options = [
    { kind: optimizer.kind, ...optimizer.options },
    { kind: schedule.kind, ...schedule.options },
    { validation: held, ...others, clipNorm: String(others.clipNorm) },
  ];
  return new Fingerprint().add(tokens).add(starts).add(values).addText(JSON.stringify(options)).toString();
}

/** A short name for options and encoded rows: FNV-1a, 64 bits in two halves. */
class Fingerprint {
  #low = 0x811c_9dc5;
  #high = 0x1234_5678;

  add(numbers: ArrayLike<number>): this {
    for (let i = 0; i < numbers.length; i++) {
      this.#low = Math.imul(this.#low ^ numbers[i], 0x0100_0193);
      this.#high = Math.imul(this.#high ^ (numbers[i] + this.#low), 0x0100_0193);
    }
    return this;
  }

  addText(text: string): this {
    return this.add(Array.from(text, (character) => character.codePointAt(0)!));
  }

  toString(): string {
    return [this.#low, this.#high].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
