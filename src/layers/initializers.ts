import type { Initial } from './layer.ts';

const WORDS = ['glorotUniform', 'glorotNormal', 'heUniform', 'heNormal', 'orthogonal'] as const;

/** How the numbers of a linear map begin. */
export type Initializer = (typeof WORDS)[number];

/** Of every layer whose maps can begin otherwise. */
export const initializerOptions = {
  /**
   * How the weights of its input begin: `glorot…` for tanh and sigmoid, `he…` for relu, `orthogonal`, each gate's by itself.
   * Default glorotUniform.
   */
  initializer: { is: WORDS, default: 'glorotUniform' },
} as const;

/** Of every layer that multiplies its own state. */
export const recurrentInitializerOptions = {
  ...initializerOptions,
  /** The same for the weights of its state; `orthogonal` neither shrinks nor blows it up. Default glorotUniform. */
  recurrentInitializer: { is: WORDS, default: 'glorotUniform' },
} as const;

/**
 * The beginning of so many linear maps [O,I], each by itself.
 *   glorot  variance 2/(I + O)      he  variance 2/I      orthogonal  W·Wᵀ = 1, or WᵀW = 1 where O > I
 * Source: Glorot & Bengio 2010; He et al. 2015; Saxe et al. 2014.
 */
export function initialOf(initializer: Initializer, O: number, I: number, maps: number): Initial {
  const count = maps * O * I;
  if (initializer === 'orthogonal') return { from: 0, count, deviation: 1, orthogonal: { maps, O, I } };
  const variance = initializer.startsWith('glorot') ? 2 / (I + O) : 2 / I;
  if (initializer.endsWith('Normal')) return { from: 0, count, deviation: Math.sqrt(variance) };
  const limit = Math.sqrt(3 * variance);
  return { from: 0, count, low: -limit, high: limit };
}
