import { execSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { root } from '../support/source.ts';
import { here } from './scratch.ts';

/** What a section of docs/recipes.md says: files to write, and what to run. */
export interface Recipe {
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
  readonly commands: readonly string[];
}

const CODE = /^```(\w+)\n([\s\S]*?)^```$/gm;
/** The name of a file stands in a comment in its first line. */
const NAME = /^(?:\/\/|<!--) (\S+)(?: -->)?\n/;

/** The recipes of the page; what stands before the first belongs to all. */
export function readRecipes(): Recipe[] {
  const page = readFileSync(join(root, 'docs/recipes.md'), 'utf8');
  const [common, ...sections] = page.split(/^## /m).map(readSection);
  return sections.map(({ files, ...rest }) => ({ ...rest, files: new Map([...common.files, ...files]) }));
}

function readSection(section: string): Recipe {
  const blocks = [...section.matchAll(CODE)].map(([, language, code]) => ({ language, code }));
  const commands = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code);
  const files = new Map(
    blocks
      .filter(({ language }) => language !== 'sh')
      .map(({ code }) => [code.match(NAME)![1], code.replace(NAME, '')]),
  );
  return { name: section.slice(0, section.indexOf('\n')), files, commands };
}

/** What the files of recipes import beside the package. */
const PLUGINS = ['@rollup/plugin-node-resolve'];

/**
 * Does what a recipe says, in a folder of its own.
 * @param folder of installExamples()
 * @returns the folder; what the recipe made is in site/, the model beside it
 */
export function cook(folder: string, { name, files, commands }: Recipe): string {
  const kitchen = join(folder, name.replaceAll(/\W+/g, '-'));
  mkdirSync(join(kitchen, 'site'), { recursive: true });
  symlinkSync(join(folder, 'node_modules'), join(kitchen, 'node_modules'));
  for (const [path, content] of files) {
    mkdirSync(join(kitchen, dirname(path)), { recursive: true });
    writeFileSync(join(kitchen, path), content);
  }
  const programs = [here('node_modules/.bin'), join(root, 'node_modules/.bin'), process.env.PATH];
  const env = { ...process.env, PATH: programs.join(delimiter) };
  for (const command of commands) execSync(`set -e\n${command}`, { cwd: kitchen, env, stdio: 'pipe' });
  copyFileSync(join(folder, 'mood.safetensors'), join(kitchen, 'site/mood.safetensors'));
  return kitchen;
}

/** Puts what recipes import where they find it. */
export function stock(folder: string): void {
  for (const plugin of PLUGINS) {
    const link = join(folder, 'node_modules', plugin);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(here(join('node_modules', plugin)), link);
  }
}
