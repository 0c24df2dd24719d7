// What the rows of a file teach: labels of texts, tags of words, or which words stand beside each other.
import type { Model } from '../model/model.ts';
import { textClassifier } from '../model/text-classifier.ts';
import { textReader } from '../model/text-reader.ts';
import { textTagger } from '../model/text-tagger.ts';
import { type TaggedRow, wholeSpans } from './conll.ts';
import { formatCount, formatTable } from './format.ts';
import { labelCounts } from './labels.ts';
import { areLabelled, areTagged, type FileRow, type FileRows } from './rows.ts';
import { classifierOptions, readerOptions, type TrainFlags, taggerOptions } from './train-flags.ts';

/** With more than these a list of labels hides what follows. */
const MOST_LABELS = 20;

/** What train has to know of a kind of rows. */
export interface Lesson {
  /** What a row is called. */
  readonly noun: string;
  /** How many bear which label, where there are labels. */
  readonly table?: string;
  /** The model that learns from them. @throws UsageError when a flag cannot act on it */
  untrained(flags: TrainFlags): Promise<Model>;
  /** What can be typed when it has learnt. */
  next(output: string): string[];
}

/** @throws DataError when there is nothing to tell apart */
export function lessonOf(file: string, rows: FileRows): Lesson {
  if (areTagged(rows)) return tagLesson(file, rows);
  return areLabelled(rows) ? labelLesson(file, rows) : TEXT_LESSON;
}

function labelLesson(file: string, rows: readonly FileRow[]): Lesson {
  const counts = labelCounts(file, rows);
  const multiLabel = Array.isArray(rows[0].label);
  return {
    noun: 'rows',
    table: countTable(['label', 'rows'], counts),
    untrained: (flags) =>
      textClassifier({ ...classifierOptions(flags), labels: [...counts.keys()], multiLabel }),
    next: (output) => ['predict', output, 'a joy to watch'],
  };
}

function tagLesson(file: string, rows: readonly TaggedRow[]): Lesson {
  const counts = labelCounts(file, rows);
  return {
    noun: 'rows',
    table: countTable(['tag', 'words'], counts),
    untrained: (flags) => textTagger({ ...taggerOptions(flags), labels: wholeSpans([...counts.keys()]) }),
    next: (output) => ['predict', output, rows[0].words.slice(0, 8).join(' ')],
  };
}

const TEXT_LESSON: Lesson = {
  noun: 'texts',
  untrained: (flags) => textReader(readerOptions(flags)),
  next: (output) => ['train', 'reviews.csv', '--begin-with', output, '-o', 'mood.safetensors'],
};

/** How many bear which label; of many labels the most frequent. */
function countTable(heads: readonly string[], counts: ReadonlyMap<string, number>): string {
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_LABELS);
  const shown = counts.size > MOST_LABELS ? most : [...counts];
  const table = formatTable([heads, ...shown.map(([label, n]) => [label, formatCount(n)])]);
  return counts.size > MOST_LABELS ? `${table}\n… and ${counts.size - MOST_LABELS} more` : table;
}
