/** Where a template finds the values of its names. */
export interface NameSource {
  /** Tells whether the name has a value here. */
  has(name: string): boolean;
  /** The value of a name that is here; computed when it is asked for. */
  get(name: string): unknown;
  /** The names, to be listed in an error. */
  names(): Iterable<string>;
}

/** The own properties of an object. Nothing is inherited, so no name reaches a prototype. */
export class RecordNames implements NameSource {
  readonly #record: Readonly<Record<string, unknown>>;

  /** @param record The values by their names. */
  constructor(record: Readonly<Record<string, unknown>>) {
    this.#record = record;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#record, name);
  }

  get(name: string): unknown {
    return this.#record[name];
  }

  names(): Iterable<string> {
    return Object.keys(this.#record);
  }
}

/** A function that renders a UI module. */
export type ModuleFunction = (...args: readonly unknown[]) => unknown;

/** Everything that one rendering of a template can name. */
export interface TemplateScope {
  /** The sources of names; earlier ones hide later ones. */
  readonly sources: readonly NameSource[];
  /** The UI module of a name, or `undefined` if there is none. */
  module(name: string): ModuleFunction | undefined;
}

/**
 * The scope that a plain namespace makes. Its UI modules are the functions in `_tt_modules`, as in
 * Tornado.
 *
 * @param namespace The values by their names.
 */
export function plainScope(namespace: Readonly<Record<string, unknown>>): TemplateScope {
  return {
    sources: [new RecordNames(namespace)],
    module: (name) => moduleIn(namespace, name),
  };
}

/** The UI module of a name in the `_tt_modules` of a namespace. */
export function moduleIn(
  namespace: Readonly<Record<string, unknown>>,
  name: string,
): ModuleFunction | undefined {
  const modules = Object.hasOwn(namespace, "_tt_modules") ? namespace["_tt_modules"] : undefined;
  if (typeof modules !== "object" || modules === null) return undefined;
  const found = Object.entries(modules).find(([key]) => key === name)?.[1];
  return isModule(found) ? found : undefined;
}

function isModule(value: unknown): value is ModuleFunction {
  return typeof value === "function";
}
