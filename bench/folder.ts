import { fileURLToPath } from 'node:url';

/** A folder for files that a benchmark makes, beside the bundle. */
export const folderOf = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));
