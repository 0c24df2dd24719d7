import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../runtime/errors.ts';
import { fileError } from './file-error.ts';
import { readText } from './read-text.ts';
import type { FileRow } from './rows.ts';

/**
 * Reads `folder/label/*.txt`, one text a file, by name of label and then of file.
 * @throws DataError when there are no folders of labels, or one of them holds no .txt file
 */
export function readFolder(folder: string, encoding?: string): FileRow[] {
  const labels = list(folder).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  if (labels.length === 0) {
    throw new DataError(folder, {
      expected: 'a folder for each label with .txt files in it',
      got: 'no folders',
      cause: 'To read one file, name the file.',
    });
  }
  return labels.flatMap(({ name: label }) => {
    const texts = list(join(folder, label)).filter((entry) => entry.isFile() && entry.name.endsWith('.txt'));
    if (texts.length === 0) throw new DataError(`${join(folder, label)} holds no .txt file`);
    return texts.map(({ name }) => ({ text: readText(join(folder, label, name), encoding), label, line: 1 }));
  });
}

/** Sorted by code unit, so that the order is the same on every disk and in every language. */
function list(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw fileError(`cannot read ${folder}`, error);
  }
}
