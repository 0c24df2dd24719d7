// The LSTM behind its input projection, step by step, and its weights put into panels: the calls that a network plans.
import type { Answer } from '../src/model/answer.ts';
import { quantize } from '../src/model/quantize.ts';
import type { Runner } from '../src/model/runner.ts';
import type { Machine, Program } from '../src/runtime/machine.ts';
import type { KernelCall } from '../src/runtime/plan.ts';
import { type Meter, shareOfPeak, type Timing } from './measure.ts';
import { BATCH, configOf, coreConfig, coreLayers, drawModel, LENGTH, vocabularyOf } from './models.ts';
import { type Measurement, round } from './rows.ts';
import { Stepper } from './stepper.ts';
import { drawTexts } from './texts.ts';

const STEPS = 20;

/** Calls of a list that a pattern names, ready to run, and their names. */
function only(machine: Machine, calls: readonly KernelCall[], pattern: RegExp) {
  const found = calls.filter(({ kernel }) => pattern.test(kernel));
  return { run: machine.program(found), kernels: found.map(({ kernel }) => kernel).join(', ') };
}

const RECURRENT = /^lstm(?!.*(Project|Distinct))/;

/** A step for one text, with f32 weights and with int8. @param goals in µs */
export async function* predictionSteps(
  meter: Meter,
  module: WebAssembly.Module,
  goals: { readonly step: number; readonly quantisedStep: number },
): AsyncGenerator<Measurement> {
  const [text] = drawTexts(module, [LENGTH]);
  const full = drawModel(module, coreConfig, vocabularyOf());
  for (const [kind, model, goal] of [
    ['f32', full, goals.step],
    ['int8', quantize(full), goals.quantisedStep],
  ] as const) {
    const { network } = entered(model.runner, [text]);
    network.forward();
    const { run, kernels } = only(network.machine, network.calls.forward, RECURRENT);
    const timing = await meter.time(run);
    const row = microseconds(meter.name(`LSTM step, ${kind} (batch 1, H 256)`), timing, LENGTH);
    yield { ...row, goal, kernels };
  }
}

/** Texts packed and entered, so that calls have something to do. */
function entered(runner: Runner<Answer>, texts: readonly string[]): Runner<Answer> {
  runner.batches(runner.encode(texts)).next();
  return runner;
}

/** Steps of 32 texts in training; at H 64 the cell weighs more than the product. And the panels, once a step. */
export async function* trainingSteps(meter: Meter, module: WebAssembly.Module): AsyncGenerator<Measurement> {
  for (const H of [64, 256]) {
    const config = configOf(coreLayers(H), STEPS);
    const texts = drawTexts(module, new Array(BATCH).fill(STEPS));
    const stepper = new Stepper(module, config, vocabularyOf(), texts);
    await stepper.step(0, BATCH); // enters a batch
    const { machine, calls } = stepper.network;
    const forward = only(machine, calls.forward, RECURRENT).run;
    const backward = only(machine, calls.backward, /^lstmBackward/).run;
    const both = () => {
      forward();
      backward(); // turns the gates into their gradients, so it never runs alone
    };
    const product = 2 * BATCH * 4 * H * H;
    yield await step(meter, 'forward', H, forward, product);
    yield await step(meter, 'forward and backward', H, both, 2 * product);
    const all = [...calls.prepare, ...calls.forward, ...calls.backward];
    const panels = await meter.time(only(machine, all, /^gates(Pack|Row)/).run);
    yield microseconds(meter.name(`pack weights for forward and backward (D 128, H ${H})`), panels);
  }
}

async function step(meter: Meter, what: string, H: number, run: Program, flop: number): Promise<Measurement> {
  const timing = await meter.time(run);
  const name = meter.name(`LSTM step, ${what} (batch ${BATCH}, H ${H})`);
  return {
    ...microseconds(name, timing, STEPS),
    productShare: shareOfPeak(timing, flop * STEPS).value,
  };
}

/** The time of a call, or of each of the equal parts it consists of. */
export function microseconds(name: string, { ms, slices }: Timing, parts = 1): Measurement {
  const us = (time: number) => round((1000 * time) / parts);
  const value = us(ms.quantile);
  return { name, value, unit: 'µs', better: 'lower', median: us(ms.median), best: us(ms.best), slices };
}
