import type { KernelName } from './kernels.ts';
import { overlay } from './overlay.ts';
import { stride } from './stride.ts';

/** The parts of a network's memory that all threads have in common, in the order in which they lie behind page 0. */
const COMMON = ['parameters', 'quantised', 'moments', 'update', 'state'] as const;
/** Those that each thread has for itself: they lie behind the common ones, once for each thread. */
const OWN = ['gradients', 'activations', 'overlaid', 'io', 'scratch'] as const;
export const REGIONS = [...COMMON, ...OWN] as const;
export type Region = (typeof REGIONS)[number];

/** Whether each thread has such a region for itself. */
export function isOwn(region: Region): boolean {
  return (OWN as readonly Region[]).includes(region);
}

/**
 * Sizes that change from batch to batch: B sequences, T steps, N packed rows, U distinct tokens;
 * `step` counts optimiser steps, each thread's apart (dropout draws anew), `scale` is 1 / Σ weights of the batch's targets,
 * `keep` is 1 while a stream goes on. In training `shareB` and `shareN` are what this thread has of the whole batch's
 * sequences and packed rows: 1 where there is but one thread.
 * Of an update: `rate`, the learning rate after the schedule; `moves`, counted from 1 over the whole training;
 * `gradientScale`, below 1 where the norm is clipped; `touched`, rows of the embedding that the batch shows, and `kept`,
 * those that the last move kept as they were before it; `share`, how far an average goes towards the parameters.
 */
export const DIMENSIONS = [
  ...(['B', 'T', 'N', 'U', 'step', 'scale', 'keep', 'shareB', 'shareN'] as const),
  ...(['rate', 'moves', 'gradientScale', 'touched', 'kept', 'share'] as const),
] as const;
export type Dimension = (typeof DIMENSIONS)[number];
/** The dimensions that count rows, and so bound the size of a block. */
export type RowCount = 'B' | 'N' | 'U';

/** A named piece of memory; `pointer` is known once the plan is laid out. */
export interface Block {
  readonly name: string;
  readonly region: Region;
  readonly bytes: number;
  pointer: number;
}

/** What a call passes: a number, a block's pointer (with a byte offset, or as a certain thread has it), or a dimension times a constant. */
export type Argument =
  | number
  | Block
  | { readonly block: Block; readonly offset: number }
  | { readonly block: Block; readonly thread: number }
  | Dimension
  | { readonly dimension: Dimension; readonly times: number };

/** One line of a plan: a kernel and its arguments. */
export interface KernelCall {
  readonly kernel: KernelName;
  readonly args: readonly Argument[];
}

/** Work that threads have in common: tasks that do not depend on one another, each a list of calls. */
export type Stage = readonly (readonly KernelCall[])[];

/** The most rows of each kind that one batch may bring. */
export type RowLimits = Readonly<Record<RowCount, number>>;

const PAGE_BYTES = 65_536;
/** wasm32 addresses 4 GiB; the last page stays free so that no pointer wraps. */
const MAX_PAGES = 65_535;
const ALIGNMENT = 64;
/** Parameters and what mirrors them lie without gaps, as in the file. */
const DENSE: Partial<Record<Region, number>> = { parameters: 4, quantised: 1, gradients: 4, moments: 4 };

/** Collects blocks, then lays them out region by region: everything is reserved once, for the worst case. */
export class MemoryPlan {
  readonly limits: RowLimits;
  readonly threads: number;
  readonly #blocks: Block[] = [];
  #scratchBytes = 0;
  #scratch: Block | undefined;
  #calls: readonly KernelCall[] = [];
  #kept: readonly Block[] = [];

  /** @param limits of each thread's batch */
  constructor(limits: RowLimits, threads = 1) {
    this.limits = limits;
    this.threads = threads;
  }

  /** Reserves `bytes` bytes in a region. */
  reserve(region: Region, name: string, bytes: number): Block {
    const block: Block = { name, region, bytes, pointer: 0 };
    this.#blocks.push(block);
    return block;
  }

  /** Reserves an activation matrix [rows, columns] of f32, rows at their limit, columns at their stride. */
  matrix(name: string, rows: RowCount, columns: number, region: Region = 'activations'): Block {
    return this.reserve(region, name, this.limits[rows] * stride(columns) * 4);
  }

  /** A scratch block for all that ask here, large enough for the hungriest kernel; nothing in it survives a call. */
  scratch(floats: number): Block {
    this.#scratchBytes = Math.max(this.#scratchBytes, floats * 4);
    this.#scratch ??= this.reserve('scratch', 'scratch', 0);
    return this.#scratch;
  }

  /**
   * Says which calls run, in this order, whenever any does: blocks of the region `overlaid` then lie over others that are no
   * longer in use.
   * @param kept blocks that are read behind the last call, too
   */
  runs(calls: readonly KernelCall[], kept: readonly Block[] = []): void {
    this.#calls = calls;
    this.#kept = kept;
  }

  /** Gives every block its pointer, that of the first thread, and says how much memory that takes. */
  layOut(): Layout {
    let end = PAGE_BYTES;
    const regions = {} as Record<Region, RegionExtent>;
    for (const region of REGIONS) {
      const start = end;
      const align = DENSE[region] ?? ALIGNMENT;
      const blocks = this.#blocks.filter((block) => block.region === region);
      if (region === 'overlaid') end = overlay(blocks, this.#calls, this.#kept, start, align);
      else {
        for (const block of blocks) {
          end = Math.ceil(end / align) * align;
          block.pointer = end;
          end += block === this.#scratch ? this.#scratchBytes : block.bytes;
        }
      }
      regions[region] = { start, bytes: end - start };
      end = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    }
    const threadBytes = end - regions[OWN[0]].start;
    end += (this.threads - 1) * threadBytes;
    return { pages: Math.ceil(end / PAGE_BYTES), regions, threadBytes };
  }
}

/** How a plan lies in memory. */
export interface Layout {
  readonly pages: number;
  /** Those of the first thread. */
  readonly regions: Readonly<Record<Region, RegionExtent>>;
  /** From a thread's own regions to the next thread's. */
  readonly threadBytes: number;
}

/** Where a region lies, in bytes. */
export interface RegionExtent {
  readonly start: number;
  readonly bytes: number;
}

/** Whether a plan of so many pages can be had at all. */
export function fitsMemory(pages: number): boolean {
  return Number.isSafeInteger(pages) && pages <= MAX_PAGES;
}

/** A plan's list of calls as text, one call a line: for people and for tests. */
export function printCalls(calls: readonly KernelCall[]): string {
  return calls.map(({ kernel, args }) => `${kernel}(${args.map(printArgument).join(', ')})`).join('\n');
}

function printArgument(argument: Argument): string {
  if (typeof argument !== 'object') return String(argument);
  if ('dimension' in argument) return `${argument.times}·${argument.dimension}`;
  if ('thread' in argument) return `${argument.block.name}@${argument.thread}`;
  return 'block' in argument ? `${argument.block.name}+${argument.offset}` : argument.name;
}
