import type { Argument, Block, KernelCall } from './plan.ts';

/** From the first call that names a block to the last. */
interface Use {
  readonly block: Block;
  readonly first: number;
  readonly last: number;
}

/**
 * Gives blocks their pointers so that two share memory only if the calls that name the one are over when those that name the
 * other begin: the largest first, each as low as it fits. Blocks that no call names share nothing.
 * Source: Pisarchyk & Lee 2020 (greedy by size).
 * @param calls in the order in which they run; the first that names a block must write all of it
 * @param kept blocks that are in use to the end
 * @returns where the last block ends
 */
export function overlay(
  blocks: readonly Block[],
  calls: readonly KernelCall[],
  kept: readonly Block[],
  start: number,
  align: number,
): number {
  const uses = blocks.map((block): Use => {
    const isNamed = ({ args }: KernelCall) => args.some((argument) => blockOf(argument) === block);
    const first = calls.findIndex(isNamed);
    if (first < 0) return { block, first: 0, last: calls.length };
    return { block, first, last: kept.includes(block) ? calls.length : calls.findLastIndex(isNamed) };
  });
  uses.sort((a, b) => b.block.bytes - a.block.bytes);
  let end = start;
  uses.forEach(({ block, first, last }, i) => {
    const beside = uses
      .slice(0, i)
      .filter((other) => other.first <= last && first <= other.last)
      .sort((a, b) => a.block.pointer - b.block.pointer);
    block.pointer = start;
    for (const { block: other } of beside) {
      if (other.pointer < block.pointer + block.bytes) {
        const behind = Math.ceil((other.pointer + other.bytes) / align) * align;
        block.pointer = Math.max(block.pointer, behind);
      }
    }
    end = Math.max(end, block.pointer + block.bytes);
  });
  return end;
}

function blockOf(argument: Argument): unknown {
  return typeof argument === 'object' && 'block' in argument ? argument.block : argument;
}
