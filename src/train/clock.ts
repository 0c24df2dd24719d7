/** How fast a training is. */
export interface Clock {
  /** Words read in all. */
  readonly tokens: number;
  /** Of the epoch under way. */
  readonly seconds: number;
  readonly tokensPerSecond: number;
  startEpoch(): void;
  count(tokens: number): void;
}

/** A clock that begins to run. */
export function startClock(): Clock {
  let tokens = 0;
  let tokensBefore = 0;
  let start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  return {
    get tokens() {
      return tokens;
    },
    get seconds() {
      return seconds();
    },
    get tokensPerSecond() {
      return (tokens - tokensBefore) / Math.max(seconds(), 1e-9);
    },
    startEpoch() {
      start = performance.now();
      tokensBefore = tokens;
    },
    count(more) {
      tokens += more;
    },
  };
}
