import { UsageError } from './errors.ts';
import { finite, flag, oneOf, onlyKnown, positive, share, wholeNumber } from './options.ts';

/**
 * An option as it is declared: what it may be, and what it is where it is not given. Without `default` it must be
 * given; with `default: null` it may be left out, and is null then.
 *
 * - `whole`: a whole number from `from` to `to`
 * - `number`: a number from `from` to `to`; both count
 * - `share`: 0 ≤ value < 1
 * - `positive`: a number above 0, within f32
 * - `flag`: true or false
 * - a list of words: one of them
 * - a function, which checks it: what it returns is the value
 */
export type Declared =
  | {
      readonly is: 'whole' | 'number';
      readonly from: number;
      readonly to: number;
      readonly default?: number | null;
    }
  | { readonly is: 'share' | 'positive'; readonly default?: number | null }
  | { readonly is: 'flag'; readonly default?: boolean | null }
  | { readonly is: readonly string[]; readonly default?: string | null }
  | { readonly is: (name: string, value: unknown) => unknown; readonly default?: unknown };

/** The options of a function, by name; the comment above each is its line in `gatelet layers`. */
export type DeclaredOptions = Readonly<Record<string, Declared>>;

type ValueOf<D extends Declared> = D['is'] extends (name: string, value: unknown) => infer Value
  ? Value
  : D['is'] extends readonly (infer Word)[]
    ? Word
    : D['is'] extends 'flag'
      ? boolean
      : number;

/** Names of the options that may be left out. */
type Optional<D extends DeclaredOptions> = {
  [K in keyof D]: D[K] extends { readonly default: unknown } ? K : never;
}[keyof D];

/** What users may pass: the type of a declaration's options. */
export type OptionsOf<D extends DeclaredOptions> = {
  readonly [K in keyof D as K extends Optional<D> ? never : K]: ValueOf<D[K]>;
} & { readonly [K in keyof D as K extends Optional<D> ? K : never]?: ValueOf<D[K]> };

/** Options checked, defaults filled in. */
export type Checked<D extends DeclaredOptions> = {
  readonly [K in keyof D]: ValueOf<D[K]> | (D[K] extends { readonly default: null } ? null : never);
};

/**
 * Checks options against their declaration and fills in the defaults.
 * @param name of the function that takes them, as errors call it
 * @returns what the thing it makes begins with: its kind, and one value for each declared option, in the order of the declaration
 * @throws UsageError naming the option that is unknown, missing or out of range
 */
export function checkOptions<const D extends DeclaredOptions>(
  name: string,
  declared: D,
  options: OptionsOf<D>,
): Made<D> {
  return {
    kind: name,
    options: checkDeclared(`${name}()`, declared, options, (option) => `${name} ${option}`),
  };
}

/** What a thing with options begins with. */
export interface Made<D extends DeclaredOptions> {
  readonly kind: string;
  readonly options: Checked<D>;
}

/** The same of options that errors call otherwise. @param nameOf how they call an option */
export function checkDeclared<const D extends DeclaredOptions>(
  what: string,
  declared: D,
  options: object,
  nameOf: (option: string) => string = (option) => option,
): Checked<D> {
  onlyKnown(what, options, Object.keys(declared));
  const given = options as Readonly<Record<string, unknown>>;
  const entries = Object.entries(declared).map(([option, one]) => {
    const value = given[option] ?? one.default;
    const isLeftOut = value === null && one.default === null;
    return [option, isLeftOut ? null : checkOption(nameOf(option), one, value)];
  });
  return Object.fromEntries(entries) as Checked<D>;
}

function checkOption(name: string, declared: Declared, value: unknown): unknown {
  if (Array.isArray(declared.is)) return oneOf(name, value, declared.is);
  if (typeof declared.is === 'function') return declared.is(name, value);
  switch (declared.is) {
    case 'whole':
      return wholeNumber(name, value, declared.from, declared.to);
    case 'number':
      return finite(name, value, declared.from, declared.to);
    case 'share':
      return share(name, value);
    case 'positive':
      return positive(name, value);
    case 'flag':
      return flag(name, value);
  }
  throw new UsageError(`${name} is declared as nothing known`);
}
