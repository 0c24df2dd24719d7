import type { Declared } from '../runtime/declared.ts';

/** A public function and all its options, as `gatelet layers --json` prints them. */
export interface Entry {
  readonly kind: 'layer' | 'optimizer' | 'schedule' | 'average' | 'model' | 'training' | 'explanation';
  readonly name: string;
  /** Where it is declared. */
  readonly file: string;
  /** What it does, in a sentence. */
  readonly says: string;
  /** The paper it comes from. */
  readonly source?: string;
  readonly options: readonly EntryOption[];
}

/** An option: what it does; its range and default, or, where no range can say what it may be, its type. */
export type EntryOption = { readonly name: string; readonly says: string } & (
  | Declared
  | { readonly type: string; readonly required: boolean }
);
