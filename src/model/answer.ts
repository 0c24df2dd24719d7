import { type Chain, type PlanContext, spread, type Value } from '../layers/layer.ts';
import { DataError } from '../runtime/errors.ts';
import type { Block } from '../runtime/plan.ts';
import { stride } from '../runtime/stride.ts';
import type { ModelConfig } from './config.ts';
import type { Head } from './network-plan.ts';
import { isSoftmax, outputUnits } from './task.ts';

/** What a network says of a batch. */
export interface Answer {
  /** Probabilities or numbers: [B, units] of texts, [N, units] of words. */
  readonly values: Block;
  /** The best way through the tags, of a model that ends in crf(): Int32 [N]. */
  readonly tags?: Block;
}

/**
 * Looks over what a model is about to say.
 * @returns the same numbers
 * @throws DataError when one of the numbers is none: sums have passed what f32 holds, which trained parameters never do
 */
export function checkAnswer(values: Float32Array): Float32Array {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new DataError("the model's answer", {
      expected: 'finite numbers',
      got: String(values[i]),
      cause: 'Its parameters, or the numbers it was given, are far too large: the file is probably damaged.',
    });
  }
  return values;
}

/** The head for predictions. */
export function answerHead(config: ModelConfig): Head<Answer> {
  const units = outputUnits(config);
  return (context, output) => {
    if (config.task === 'regress' || config.task === 'language') return { values: output.block };
    if (output.chain) return chainAnswer(context, output, output.chain, units);
    const { block, rows } = spread(context, output); // words that know nothing of their text come once for all places
    const values = context.matrix('probabilities', rows, units);
    const kernel = isSoftmax(config) ? 'softmaxForward' : 'sigmoidForward';
    context.forward(kernel, values, block, rows, units);
    return { values };
  };
}

/** The blocks of a conditional random field's forward pass. */
export interface ChainBlocks {
  readonly panels: Block;
  readonly alpha: Block;
  readonly shift: Block;
  readonly beta: Block;
  readonly marginals: Block;
}

/** Lays the sums over all ways into a plan, as predictions and the loss need them. */
export function planChain(context: PlanContext, { block }: Value, chain: Chain, K: number): ChainBlocks {
  const { steps } = context.batch;
  const rows = ['alpha', 'beta', 'marginals'].map((name) => context.matrix(name, 'N', K));
  const [alpha, beta, marginals] = rows;
  const panels = context.floats('panels', 2 * K * stride(K));
  const shift = context.matrix('shift', 'N', 1);
  const [start, end] = [chain.start.value, chain.end.value];
  context.prepare('crfPack', panels, chain.transitions.value, K);
  context.forward('crfForward', alpha, shift, block, panels, start, steps, 'T', K);
  context.forward('crfMarginals', marginals, beta, alpha, block, panels, end, steps, 'T', K);
  return { panels, alpha, shift, beta, marginals };
}

/** Lays the search for the best way into a plan. @returns the tags, Int32 [N] */
export function planBestWay(
  context: PlanContext,
  { block }: Value,
  chain: Chain,
  panels: Block,
  K: number,
): Block {
  const tags = context.matrix('tags', 'N', 1);
  const [scores, back] = ['scores', 'back'].map((name) => context.matrix(name, 'N', K));
  const ends = [chain.start.value, chain.end.value];
  context.forward('viterbi', tags, scores, back, block, panels, ...ends, context.batch.steps, 'T', K);
  return tags;
}

function chainAnswer(context: PlanContext, output: Value, chain: Chain, K: number): Answer {
  const { marginals, panels } = planChain(context, output, chain, K);
  return { values: marginals, tags: planBestWay(context, output, chain, panels, K) };
}
