import type { Command } from 'commander';
import { toNumber } from './flags.ts';
import type { ReadOptions } from './read.ts';

/** What a verb says of its argument. */
export const ROWS = 'a .csv, .tsv, .jsonl or .conll file, or a folder: <folder>/<label>/*.txt';

/** The flags that say how a file of rows is read, as commander hands them over. */
export type DataFlags = ReadOptions;

/** Adds the flags of every verb that reads rows. */
export function addDataFlags(command: Command): Command {
  return command
    .optionsGroup('Data:')
    .option('--text <column>', 'column of the texts, in .conll files of the words (default text)')
    .option('--label <column>', 'column of the labels, in .conll files of the tags (default label)')
    .option('--roles <column>', 'first column of semantic roles in a .conll file', toNumber)
    .option('--label-separator <text>', 'between the labels of a cell that holds several')
    .option('--delimiter <character>', 'between the columns of a .csv file (default ,)')
    .option('--no-header', 'the first row is data; columns go by number')
    .option('--encoding <name>', 'such as latin1 or utf-16le (default utf-8)');
}
