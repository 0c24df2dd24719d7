/** Sinusoidal positions in float64: [t][C]. */
import type { Vector } from './lstm.ts';

export const sinusoid = (t: number, C: number): Vector =>
  Array.from({ length: C }, (_, j) => {
    const angle = t * 10000 ** (-(j - (j % 2)) / C);
    return (j % 2 === 0 ? Math.sin(angle) : Math.cos(angle)) / Math.sqrt(C);
  });
