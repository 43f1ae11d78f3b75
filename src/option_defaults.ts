/**
 * Options over others: each that is given, and the one beneath in place of what is not.
 *
 * @param below What holds where nothing else is said.
 * @param above What is said. A member that is `undefined` is not given.
 */
export function withDefaults<Options extends object>(below: Options, above: Options): Options {
  const merged = { ...below, ...above };
  for (const name in below) {
    if (merged[name] === undefined) merged[name] = below[name];
  }
  return merged;
}
