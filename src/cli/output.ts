import { once } from 'node:events';

/** Prints a line. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Prints lines, and waits while the reader is behind: memory stays flat however much there is to say. */
export async function printAll(lines: readonly string[]): Promise<void> {
  const text = lines.map((line) => `${line}\n`).join('');
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Says something beside the results. */
export function note(line: string): void {
  process.stderr.write(`gatelet: ${line}\n`);
}
