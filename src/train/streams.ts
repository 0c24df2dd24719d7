/** Streams of random numbers beside those of the layers. */
export const STREAMS = { split: 1_000_000, order: 1_000_001, words: 1_000_002, sources: 1_000_003 } as const;
