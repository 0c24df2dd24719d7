import type { Learnt, TrainingFacts } from '../model/model.ts';

/** Where a training stands between two steps: all that is needed to go on as if it had never been interrupted. */
export interface TrainingState {
  /** The parameters as the last step left them, the vocabulary and the facts so far. */
  readonly learnt: Learnt;
  /** The epoch under way, counted from 0, and the batches of it that are done. */
  readonly epoch: number;
  readonly batch: number;
  /** Optimiser steps done in all. */
  readonly step: number;
  /** With an average of the parameters, which is among the moments: how many are in it. */
  readonly taken?: number;
  /** Sums over the epoch so far. */
  readonly sums: EpochSums;
  /** What validation said after each epoch that is done; empty without rows to validate on. */
  readonly losses: readonly number[];
  /** The optimiser's moments, and averages of the parameters. */
  readonly moments: Float32Array;
  /** With early stopping: the best epoch so far. */
  readonly best?: BestEpoch;
  /** Tells these rows and options from any others. */
  readonly fingerprint: string;
}

/** What early stopping goes back to. */
export interface BestEpoch {
  readonly epoch: number;
  /** Its metric; higher is better. */
  readonly value: number;
  readonly weights: Float32Array;
  readonly facts: TrainingFacts;
}

/** Sums over the batches of an epoch. */
export interface EpochSums {
  loss: number;
  weight: number;
  right: number;
  rows: number;
}
