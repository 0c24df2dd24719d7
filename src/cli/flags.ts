import { InvalidArgumentError } from 'commander';

/** Reads the value of a flag. */
export function toNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) throw new InvalidArgumentError('It is not a number.');
  return number;
}

/** An option of the library as a flag: `maxLength` → `--max-length`. */
export const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
