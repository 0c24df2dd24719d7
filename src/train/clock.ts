import { Breather } from './pause.ts';

/** How fast the training is, without the time that others had. */
export class Clock extends Breather {
  tokens = 0;
  #tokensBefore = 0;
  #epochStart = performance.now();

  startEpoch(): void {
    this.#epochStart = performance.now();
    this.#tokensBefore = this.tokens;
  }

  count(tokens: number): void {
    this.tokens += tokens;
  }

  /** Of the epoch under way. */
  get seconds(): number {
    return (performance.now() - this.#epochStart) / 1000;
  }

  get tokensPerSecond(): number {
    return (this.tokens - this.#tokensBefore) / Math.max(this.seconds, 1e-9);
  }
}
