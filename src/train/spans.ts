import type { ClassMetrics } from './metrics.ts';

/** How well spans of words are found, such as names and roles: one counts only if its words and its label are all right. */
export interface SpanMetrics extends ClassMetrics {
  /** Of each label, without the prefix of its tags. */
  readonly classes: Readonly<Record<string, ClassMetrics>>;
}

/** Words from..to−1 of a text, with one label. */
interface Span {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

const PREFIXED = /^([BIES])-(.+)$/s;

/** Whether tags are `O` and `B-…`, `I-…` (IOB), or these with `E-…` and `S-…` too: then they tell spans. */
export function tellSpans(labels: readonly string[]): boolean {
  return (
    labels.includes('O') && labels.length > 1 && labels.every((tag) => tag === 'O' || PREFIXED.test(tag))
  );
}

/**
 * The spans that tags tell, as the shared tasks of CoNLL count them: `B-` and `S-` begin one, so do `I-` and `E-` where
 * no span of their label is open; `E-` and `S-` end theirs.
 */
export function spansOf(tags: readonly string[]): Span[] {
  const spans: Span[] = [];
  let open: { label: string; from: number } | undefined;
  const close = (to: number) => {
    if (open) spans.push({ ...open, to });
    open = undefined;
  };
  for (const [i, tag] of tags.entries()) {
    const [, prefix, label] = PREFIXED.exec(tag) ?? [];
    const goesOn = open?.label === label && (prefix === 'I' || prefix === 'E');
    if (!goesOn) {
      close(i);
      if (label !== undefined) open = { label, from: i };
    }
    if (prefix === 'E' || prefix === 'S') close(i + 1);
  }
  close(tags.length);
  return spans;
}
