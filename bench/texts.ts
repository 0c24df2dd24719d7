import { machineOf } from '../src/runtime/machine.ts';
import { MemoryPlan } from '../src/runtime/plan.ts';

/** Different words, unless said otherwise. */
export const VOCABULARY = 10_000;

/** The words of the texts, most frequent first. */
export const wordList = (count: number): string[] => Array.from({ length: count }, (_, rank) => `w${rank}`);

/** Texts of the given lengths whose words are as uneven as those of real texts: the r-th is drawn 1/r as often. */
export function drawTexts(
  module: WebAssembly.Module,
  lengths: readonly number[],
  vocabulary = VOCABULARY,
): string[] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const upTo = zipf(vocabulary);
  const last = upTo[vocabulary - 1];
  const drawn = Array.from(uniform(module, total, 1), (u) => `w${firstAbove(upTo, u * last)}`);
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return drawn.slice(end - length, end).join(' ');
  });
}

/** Lengths as sentences and short notes have them: 10 words and on average 45 more, cut at `longest`. */
export function drawLengths(module: WebAssembly.Module, count: number, longest: number): number[] {
  return Array.from(uniform(module, count, 2), (u) =>
    Math.min(longest, Math.round(10 - 45 * Math.log(1 - u))),
  );
}

/** What drawReviewLengths() draws from, for people. */
export const REVIEW_LENGTHS = 'log-normal, median 190 words, σ 0.64 (as the 25,000 training reviews of IMDB)';

/** Lengths as film reviews have them, cut at `longest`. */
export function drawReviewLengths(module: WebAssembly.Module, count: number, longest: number): number[] {
  const draws = uniform(module, 2 * count, 3);
  return Array.from({ length: count }, (_, i) => {
    // Box and Muller 1958: two uniform numbers give a normal one.
    const normal = Math.sqrt(-2 * Math.log(1 - draws[2 * i])) * Math.cos(2 * Math.PI * draws[2 * i + 1]);
    return Math.max(1, Math.min(longest, Math.round(190 * Math.exp(0.64 * normal))));
  });
}

/** Of so many words, the r-th as frequent as 1/r: sums up to and with each. */
export function zipf(count: number): Float64Array {
  const upTo = new Float64Array(count);
  for (let rank = 0, sum = 0; rank < count; rank++) upTo[rank] = sum += 1 / (rank + 1);
  return upTo;
}

/** Numbers in [0, 1), the same at every call. */
export function uniform(module: WebAssembly.Module, count: number, stream: number): Float32Array {
  const plan = new MemoryPlan({ B: 0, N: 0, U: 0 });
  const block = plan.reserve('io', 'draws', count * 4);
  const machine = machineOf(module, plan);
  machine.kernels.fillUniform(block.pointer, count, 0, 1, 1, stream);
  return machine.floats(block);
}

/** The first place of ascending sums that is above a number. */
export function firstAbove(sums: Float64Array, number: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > number) high = middle;
    else low = middle + 1;
  }
  return low;
}
