import type { Entrant } from './contestant.ts';
import { hasRelaxed } from './relaxed.ts';
import type { Settings } from './serve.ts';

/** Largest difference between two libraries' outputs, probabilities or losses, that are f32. */
const SAME = 1e-5;
/** Int8 weights move a probability. */
const NEAR = 0.02;

const PLAIN: Settings = { threads: 1, build: 'plain', weights: 'f32', warm: false };

/** gatelet in all builds that this engine takes; the first is what the others are compared with. */
export function gatelets(settings: Partial<Omit<Settings, 'build'>> = {}): Entrant[] {
  const { threads, weights, warm } = { ...PLAIN, ...settings };
  const builds = hasRelaxed ? (['plain', 'relaxed'] as const) : (['plain'] as const);
  return builds.map((build) => ({
    name: ['gatelet', weights === 'int8' && 'int8', build === 'relaxed' && 'relaxed']
      .filter(Boolean)
      .join(' '),
    library: 'gatelet',
    settings: { threads, build, weights, warm },
    tolerance: weights === 'int8' ? NEAR : SAME,
  }));
}

/** gatelet/infer, which has one build. */
export function gateletInfer(weights: Settings['weights'] = 'f32'): Entrant {
  const [{ settings, tolerance }] = gatelets({ weights });
  const name = weights === 'int8' ? 'gatelet/infer int8' : 'gatelet/infer';
  return { name, library: 'gatelet-infer', settings, tolerance };
}

/** Another library. */
export function peer(
  library: Exclude<Entrant['library'], 'gatelet' | 'gatelet-infer'>,
  settings: Partial<Settings> = {},
): Entrant {
  return { name: library, library, settings: { ...PLAIN, ...settings }, tolerance: SAME };
}

/** PyTorch as it is on a processor whose vectors are 256 bits wide. */
export const torchOnAvx2 = (): Entrant => ({
  ...peer('PyTorch', { without: 'AVX-512' }),
  name: 'PyTorch on AVX2',
});
