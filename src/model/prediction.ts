import type { ModelConfig } from './config.ts';

/** What a model says of a text. */
export interface Prediction {
  /** The most probable label. */
  readonly label: string;
  /** Its probability. */
  readonly probability: number;
  /** Of every label. They sum to one unless the model is multi-label. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** Multi-label models: every label with a probability of at least ½. Otherwise the one label. */
  readonly labels: readonly string[];
  /** Whether the text is longer than the model's maxLength, so that its end was not read. */
  readonly truncated: boolean;
}

/** A text that arrives piece by piece. */
export interface TextStream {
  /**
   * Reads on. The last word waits until white space shows that it is whole; so a text in a script without
   * spaces waits for its end.
   * @returns what the model says of the words so far; undefined before the first
   */
  push(piece: string): Prediction | undefined;
  /** Reads the word that waits, too. @returns what predict() says of the whole text; the stream starts anew */
  end(): Prediction;
}

/** Reads the numbers behind the last layer. @param values probabilities [units] */
export function predictionOf(
  { labels, multiLabel }: Pick<ModelConfig, 'labels' | 'multiLabel'>,
  values: Float32Array,
  truncated: boolean,
): Prediction {
  const single = values.length < labels.length; // one unit: the probability of the second of two labels
  const shares = single ? [1 - values[0], values[0]] : Array.from(values);
  const best = largest(shares, 0, shares.length);
  return {
    label: labels[best],
    probability: shares[best],
    probabilities: Object.fromEntries(labels.map((label, i) => [label, shares[i]])),
    labels: multiLabel ? labels.filter((_, i) => shares[i] >= 0.5) : [labels[best]],
    truncated,
  };
}

/** The place of the largest of `count` numbers, counted from the first of them; of equals it is the first. */
export function largest(numbers: ArrayLike<number>, from: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (numbers[from + i] > numbers[from + best]) best = i;
  return best;
}
