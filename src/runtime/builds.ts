import { loadModule } from '#module';
import { type Build, kernelsAlone } from './kernels.ts';

/** The kernels, compiled: the same formulas with two ways of rounding. */
export interface Modules {
  /** Plain SIMD: the same bits on every engine. */
  readonly exact: WebAssembly.Module;
  /** Relaxed SIMD where the engine has it, rounds a product and its sum once, and dots exactly; otherwise the exact one. */
  readonly fast: WebAssembly.Module;
}

let loaded: Promise<Modules> | undefined;

/** The package's own kernels, loaded once; or the module that the user brings, for everything. */
export async function loadModules(module?: WebAssembly.Module): Promise<Modules> {
  if (module) return { exact: module, fast: module };
  loaded ??= load().catch((error) => {
    loaded = undefined; // the next call may fare better
    throw error;
  });
  return loaded;
}

async function load(): Promise<Modules> {
  const [exact, relaxed] = await Promise.all([
    loadModule('plain'),
    loadModule('relaxed').catch(() => undefined), // engines without relaxed SIMD refuse it
  ]);
  return { exact, fast: relaxed && isWorthwhile(relaxed) ? relaxed : exact };
}

/** Relaxed SIMD that rounds twice, as Bun's, has nothing to offer; wrong sums have less. */
function isWorthwhile(module: WebAssembly.Module): boolean {
  return buildOf(module) === 'relaxed' && kernelsAlone(module).dotsExactly() === 1;
}

/** How a module rounds here: so other threads must round, too, if they are to get the same bits. */
export function buildOf(module: WebAssembly.Module): Build {
  return kernelsAlone(module).fusesMultiplyAdd() === 1 ? 'relaxed' : 'plain';
}
