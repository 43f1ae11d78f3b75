/**
 * Options over the defaults of all of them.
 *
 * @param defaults What holds where nothing else is said.
 * @param options What is said. A member that is `undefined` is not given.
 */
export function withDefaults<Options extends object>(
  defaults: Required<Options>,
  options: Options,
): Required<Options>;
/** Options over the defaults of some of them. */
export function withDefaults<Options extends object>(defaults: Options, options: Options): Options;
export function withDefaults<Options extends object>(defaults: Options, options: Options): Options {
  const merged = { ...defaults, ...options };
  for (const name in defaults) {
    if (merged[name] === undefined) merged[name] = defaults[name];
  }
  return merged;
}
