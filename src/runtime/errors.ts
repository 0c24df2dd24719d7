/** The parts of an error after its subject, each a phrase in the user's nouns. */
export interface ErrorDetail {
  readonly expected?: string;
  readonly got?: string;
  /** The likely cause, or what to do about it: a whole sentence. */
  readonly cause?: string;
}

/**
 * Every error this package throws on purpose: `what: expected …, got …. cause`.
 * @param what the subject and what is wrong with it, without a full stop
 * @example
 * new DataError('reviews.csv', { expected: 'a column "label"', got: 'the columns id, text' }).message
 * // reviews.csv: expected a column "label", got the columns id, text
 */
export class GateletError extends Error {
  override name = 'GateletError';

  constructor(what: string, { expected, got, cause }: ErrorDetail = {}) {
    const clauses = [expected && `expected ${expected}`, got && `got ${got}`].filter(Boolean).join(', ');
    const sentence = clauses ? `${what}: ${clauses}` : what;
    super(cause ? `${sentence}. ${cause}` : sentence);
  }
}

/** The data or the file is bad; the command line ends with exit code 1. */
export class DataError extends GateletError {
  override name = 'DataError';
}

/** The call, an option or a combination of options is wrong; the command line ends with exit code 2. */
export class UsageError extends GateletError {
  override name = 'UsageError';
}

/**
 * Training diverged or lost a thread; the model keeps its last good parameters. The command line ends with exit code 1.
 */
export class TrainingError extends GateletError {
  override name = 'TrainingError';
  /** The optimiser step that failed, counted from 1 over the whole training. */
  readonly step: number;
  /** The epoch it belongs to, counted from 1. */
  readonly epoch: number;

  constructor(what: string, { step, epoch, ...detail }: ErrorDetail & { step: number; epoch: number }) {
    super(what, detail);
    this.step = step;
    this.epoch = epoch;
  }
}

/** A value of the user's as JSON, for a message; short, however long the value is. */
export function show(value: unknown): string {
  return brief(textOf(value));
}

/** The beginning of a text, which may be of any length, for a message. */
export function brief(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function textOf(value: unknown): string {
  // JSON has no word for NaN and the infinities.
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'function') return 'a function';
  try {
    return JSON.stringify(value) ?? 'nothing';
  } catch {
    return String(value); // it holds itself
  }
}
