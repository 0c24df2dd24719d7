import { basename, relative } from 'node:path';

/** A line for the user to type: this program, as it was called, with these arguments. */
export function commandLine(args: readonly string[]): string {
  return [program(), ...args.map(quote)].join(' ');
}

/** The arguments of this call with another `--resume`. */
export function resumeArguments(args: readonly string[], checkpoint: string): string[] {
  const others = args.filter((arg, i) => !/^--resume(=|$)/.test(arg) && args[i - 1] !== '--resume');
  const end = others.indexOf('--'); // behind it nothing is a flag
  const at = end < 0 ? others.length : end;
  return [...others.slice(0, at), '--resume', checkpoint, ...others.slice(at)];
}

function program(): string {
  const script = process.argv[1];
  // A checkout is called by its file; npm's link or shim stands for everything else.
  const isCheckout = basename(script) === 'cli.js' && !script.includes('node_modules');
  if (isCheckout) return `node ${quote(relative('.', script))}`;
  return process.env.npm_command === 'exec' ? 'npx gatelet' : 'gatelet';
}

function quote(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  if (/^[^"$`\\!]+$/.test(argument)) return `"${argument}"`;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
