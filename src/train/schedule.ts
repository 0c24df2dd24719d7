/** How the learning rate changes while a training goes on: a function of where it stands, and of nothing else. */
export interface Schedule {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** What the optimiser's learning rate is multiplied by in the step that follows. */
  factor(place: Place): number;
  /** Whether it can do nothing without rows to validate on. */
  readonly validates?: true;
}

/** Where a training stands before a step. */
export interface Place {
  /** Steps done. */
  readonly step: number;
  /** Epochs done, and of the one under way the share of its batches. */
  readonly epoch: number;
  /** Epochs in all. */
  readonly epochs: number;
  /** Of each epoch that is done, the loss on the rows held back; empty without such rows. */
  readonly losses: readonly number[];
}

/** The learning rate stays as it is. */
export function constantRate(): Schedule {
  return { kind: 'constant', options: {}, factor: () => 1 };
}
