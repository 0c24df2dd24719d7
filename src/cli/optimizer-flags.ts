import { UsageError } from '../runtime/errors.ts';
import type { Average } from '../train/average.ts';
import { exponentialAverage } from '../train/averages/exponential.ts';
import { nonMonotoneAverage } from '../train/averages/non-monotone.ts';
import type { Optimizer } from '../train/optimizer.ts';
import { adadelta } from '../train/optimizers/adadelta.ts';
import { adafactor } from '../train/optimizers/adafactor.ts';
import { adagrad } from '../train/optimizers/adagrad.ts';
import { adam, adamW } from '../train/optimizers/adam.ts';
import { lion } from '../train/optimizers/lion.ts';
import { nadam } from '../train/optimizers/nadam.ts';
import { rmsprop } from '../train/optimizers/rmsprop.ts';
import { scheduleFreeAdamW } from '../train/optimizers/schedule-free.ts';
import { sgd } from '../train/optimizers/sgd.ts';
import { constantRate, type Schedule } from '../train/schedule.ts';
import { cosineDecay, oneCycle } from '../train/schedules/cosine.ts';
import { exponentialDecay, inverseTimeDecay, polynomialDecay, stepDecay } from '../train/schedules/decay.ts';
import { reduceOnPlateau } from '../train/schedules/plateau.ts';

/** Every optimiser, as the command line calls it. */
export const OPTIMIZERS: Readonly<Record<string, (options: object) => Optimizer>> = {
  ...{ adam, adamw: adamW, sgd, rmsprop, adagrad, adadelta, nadam, lion },
  ...{ adafactor, 'schedule-free': scheduleFreeAdamW },
};

/** Every schedule, as the command line calls it. */
export const SCHEDULES: Readonly<Record<string, (options: object) => Schedule>> = {
  ...{ step: stepDecay, exponential: exponentialDecay, 'inverse-time': inverseTimeDecay },
  ...{ polynomial: polynomialDecay, cosine: cosineDecay, 'one-cycle': oneCycle, plateau: reduceOnPlateau },
};

/** Every average, as the command line calls it. */
export const AVERAGES: Readonly<Record<string, (options: object) => Average>> = {
  ...{ exponential: exponentialAverage, 'non-monotone': nonMonotoneAverage },
};

/** The flags that make an optimiser, a schedule and an average. */
export interface OptimizerFlags {
  optimizer?: string;
  learningRate?: number;
  weightDecay?: number;
  schedule?: string;
  decay?: number;
  decayEvery?: number;
  average?: string;
}

/** Refuses flags that the optimiser or the schedule cannot act on. @throws UsageError */
export function checkOptimizerFlags({
  optimizer,
  weightDecay,
  schedule,
  decay,
  decayEvery,
}: OptimizerFlags): void {
  const check = (flag: string, value: unknown, needed: string, able: readonly string[], chosen?: string) => {
    if (value === undefined || (chosen !== undefined && able.includes(chosen))) return;
    throw new UsageError(`${flag} can do nothing without ${needed} ${able.join('|')}`);
  };
  check('--weight-decay', weightDecay, '--optimizer', knowing(OPTIMIZERS, 'weightDecay'), optimizer);
  check('--decay', decay, '--schedule', knowing(SCHEDULES, 'factor'), schedule);
  check('--decay-every', decayEvery, '--schedule', knowing(SCHEDULES, 'every'), schedule);
}

/** Those that have an option. */
function knowing(
  makers: Readonly<Record<string, (options: object) => { readonly options: object }>>,
  option: string,
): string[] {
  return Object.keys(makers).filter((name) => option in makers[name]({}).options);
}

export function optimizerOf({ optimizer = 'adam', learningRate, weightDecay }: OptimizerFlags): Optimizer {
  return OPTIMIZERS[optimizer](given({ learningRate, weightDecay }));
}

export function scheduleOf({ schedule, decay: factor, decayEvery: every }: OptimizerFlags): Schedule {
  return schedule === undefined ? constantRate() : SCHEDULES[schedule](given({ factor, every }));
}

export function averageOf({ average }: OptimizerFlags): Average | undefined {
  return average === undefined ? undefined : AVERAGES[average]({});
}

/** How errors of the library begin, and the flag that the user typed. */
export const OPTIMIZER_FLAG_OF: Readonly<Record<string, string>> = {
  ...namesOf(OPTIMIZERS, { learningRate: '--learning-rate', weightDecay: '--weight-decay' }),
  'stepDecay factor': '--decay',
  'exponentialDecay factor': '--decay',
  'reduceOnPlateau factor': '--decay',
  'stepDecay every': '--decay-every',
};

function namesOf(makers: typeof OPTIMIZERS, flags: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.values(makers).flatMap((make) =>
    Object.entries(flags).map(([option, flag]) => [`${make({}).kind} ${option}`, flag]),
  );
  return Object.fromEntries(names);
}

/** Drops what is undefined, so that the library's defaults stand. */
export function given<T extends object>(options: T): Given<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>;
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
