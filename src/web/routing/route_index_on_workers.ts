/**
 * What stands in the place of `route_index.ts` in the package, for Workers: what it saves of the time of
 * a request is little there, and a start reads all of it.
 */
export { isText, REST, SEGMENT } from "./route_index.ts";

/** See `route_index.ts`. */
export class RouteIndex<T> {
  readonly #rules: readonly T[];

  /** @param rules In their order. */
  constructor(rules: readonly T[]) {
    this.#rules = rules;
  }

  /** All rules. */
  candidates(): readonly T[] {
    return this.#rules;
  }
}

/** See `route_index.ts`. A regular expression does it. */
export function matchBySlashes(): null {
  return null;
}
