import { Html } from "../text/html.ts";
import { printable } from "../text/escape/printable.ts";
import { xhtmlEscape } from "../text/escape/xhtml.ts";
import { camelCase, hintForFailure, hintForName } from "./hints/foreign_names.ts";
import { closest } from "../checks/mistakes.ts";
import type { ModuleFunction, TemplateScope } from "./compiler/scope.ts";
import { placeText, TemplateError, type TemplatePlace } from "./template_error.ts";

/** The value of a variable of generated code that has not been looked up yet. */
const UNSET: unique symbol = Symbol("unset");

/** Names listed in an error: enough to find the one that was meant. */
const LISTED_NAMES = 30;

/** What a rendering needs of its template. */
export interface RenderedTemplate {
  /** The lines that the code refers to by number. */
  readonly places: readonly TemplatePlace[] | string;
  /** The escaping functions that it refers to by number. */
  readonly escapers: readonly ((text: string) => string)[];
  /** The modules that `{% import %}` finds. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * One rendering of a template: what the generated code calls.
 *
 * The code keeps `at` up to date, so that a failure can be traced to its line at no cost.
 */
export class Rendering {
  /** The index of the place that is being rendered. */
  at = 0;
  /** What variables hold until they are looked up. */
  readonly unset: typeof UNSET = UNSET;
  readonly #scope: TemplateScope;
  readonly #template: RenderedTemplate;
  #later: (string | Promise<string>)[] | undefined;

  /**
   * @param scope What the template can name; the last source holds the built-in names.
   * @param template What is rendered.
   */
  constructor(scope: TemplateScope, template: RenderedTemplate) {
    this.#scope = scope;
    this.#template = template;
  }

  /** Escapes a value for HTML. */
  escape(value: unknown): string {
    return xhtmlEscape(value);
  }

  /** The text of a value, not escaped. */
  print(value: unknown): string {
    if (typeof value === "string") return value;
    return Html.is(value) ? value.toString() : printable(value);
  }

  /** Escapes a value by a function that was handed to the template or its loader. */
  escapeBy(index: number, value: unknown): string {
    const escape = this.#template.escapers[index];
    return escape === undefined ? this.escape(value) : this.print(escape(this.print(value)));
  }

  /** Looks up a name. */
  get(name: string): unknown {
    for (const source of this.#scope.sources) {
      if (source.has(name)) return source.get(name);
    }
    throw this.#missing(`Name "${name}" is not defined`, name, this.#names());
  }

  /** Looks up a name for `typeof`, which takes a missing one for `undefined`. */
  peek(name: string): unknown {
    return this.#scope.sources.find((source) => source.has(name))?.get(name);
  }

  /**
   * An object of which a property in Python's spelling is asked for. One that has it only in ours is
   * told apart from one that has neither: it would print nothing.
   */
  spelled(object: unknown, name: string): unknown {
    if (object === null || object === undefined) return object;
    const camel = camelCase(name);
    const boxed = Object(object);
    if (camel === name || name in boxed || !(camel in boxed)) return object;
    throw new TemplateError(`The object has no "${name}"`, this.#place(), {
      hint: `It is spelled "${camel}"`,
    });
  }

  /**
   * What stands behind `in`, which asks for a key: of a list that would be an index, and never found.
   */
  keyed(object: unknown): unknown {
    const isList = Array.isArray(object);
    if (!isList && !(object instanceof Set) && !(object instanceof Map)) return object;
    const [kind, method] = isList ? ["an array", "includes"] : ["a Set or a Map", "has"];
    throw new TemplateError(
      `Cannot look into ${kind} with "in", which asks for a key`,
      this.#place(),
      {
        hint: `Write xs.${method}(x) for x in xs`,
      },
    );
  }

  /** Looks up a UI module. */
  module(name: string): ModuleFunction {
    const found = this.#scope.module(name);
    if (found !== undefined) return found;
    throw new TemplateError(`UI module "${name}" is not defined`, this.#place(), {
      hint: hintForName(name) ??
        `Pass a class that extends UIModule in the setting uiModules, as { ${name} }`,
    });
  }

  /** Finds what `{% import %}` names: a module, or one value of it. */
  import(module: string, name?: string): unknown {
    const { imports } = this.#template;
    const found = Object.hasOwn(imports, module) ? imports[module] : undefined;
    if (found === undefined) {
      throw this.#missing(`Cannot import "${module}"`, module, Object.keys(imports));
    }
    if (name === undefined) return found;
    if (Object.hasOwn(found, name)) return found[name];
    throw this.#missing(`"${module}" exports no "${name}"`, name, Object.keys(found));
  }

  /** Makes sure that `{% for %}` can go through a value. */
  iterate(values: unknown): unknown {
    if (typeof values === "object" && values !== null && Symbol.iterator in values) return values;
    if (typeof values === "string") return values;
    throw this.#notIterable(values);
  }

  /** Makes sure that `{% for await %}` can go through a value. */
  iterateAsync(values: unknown): unknown {
    const async = typeof values === "object" && values !== null && Symbol.asyncIterator in values;
    return async ? values : this.iterate(values);
  }

  /**
   * Appends what a module gave. What comes later is waited for by {@linkcode finish}.
   *
   * @param output What was rendered so far.
   * @param result Text, or a promise of it.
   * @returns What was rendered since the last promise.
   */
  append(output: string, result: unknown): string {
    if (!(result instanceof Promise)) return output + this.print(result);
    const place = this.#place();
    const text = result.then((value) => this.print(value)).catch((error: unknown) => {
      throw failureAt(error, place);
    });
    // Until finish() waits for it, its failure must not count as unhandled.
    text.catch(() => {});
    (this.#later ??= []).push(output, text);
    return "";
  }

  /** The page: its text, or a promise of it if a module was asynchronous. */
  finish(output: string): string | Promise<string> {
    if (this.#later === undefined) return output;
    return Promise.all([...this.#later, output]).then((parts) => parts.join(""));
  }

  /** What to throw for an error that escaped from the code. */
  failure(error: unknown): unknown {
    return failureAt(error, this.#place());
  }

  #place(): TemplatePlace {
    const { places } = this.#template;
    const list: readonly TemplatePlace[] = typeof places === "string" ? JSON.parse(places) : places;
    return list[this.at] ?? ["template", 0, "", ""];
  }

  #names(): string[] {
    // The last source holds the built-in names, which everybody knows.
    return this.#scope.sources.slice(0, -1).flatMap((source) => [...source.names()]);
  }

  #missing(reason: string, name: string, known: readonly string[]): TemplateError {
    const meant = closest(name, known);
    const listed = known.slice(0, LISTED_NAMES).join(", ") +
      (known.length > LISTED_NAMES ? "…" : "");
    const names = known.length === 0 ? "There are no names here" : `The names here are ${listed}`;
    const camel = camelCase(name);
    const way = known.includes(camel)
      ? `It is spelled "${camel}". `
      : meant === undefined
      ? ""
      : `Did you mean "${meant}"? `;
    const hint = hintForName(name) ?? way + names;
    return new TemplateError(reason, this.#place(), { hint });
  }

  #notIterable(values: unknown): TemplateError {
    const isObject = typeof values === "object" && values !== null;
    const what = isObject ? "an object that is not iterable" : String(values);
    return new TemplateError(
      `Cannot loop over ${what}`,
      this.#place(),
      { hint: loopHint(values) },
    );
  }
}

function loopHint(values: unknown): string {
  if (typeof values === "number") return `Write {% for i of Array(${values}).keys() %}`;
  return typeof values === "object" && values !== null
    ? "Write {% for [key, value] of Object.entries(object) %}"
    : "Write {% for x of xs ?? [] %} where there may be none";
}

/** The errors that JavaScript itself throws, whose messages alone do not tell where. */
const NATIVE: ReadonlySet<unknown> = new Set([
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
]);

/**
 * An error of the language is wrapped; one of the application's own classes stays what it is, so
 * that an `HTTPError` thrown by a UI module still is one, and its stack gets the place.
 */
function failureAt(error: unknown, place: TemplatePlace): unknown {
  if (error instanceof TemplateError || !(error instanceof Error)) return error;
  if (NATIVE.has(error.constructor)) {
    const hint = hintForFailure(error.message);
    // What the generated code has in place of a name says nothing to who wrote the name.
    const reason = error.message.replace(/^(?:\(intermediate value\))+/, "The value");
    return new TemplateError(reason, place, {
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  try {
    error.stack = `${error.stack}\n    at template ${placeText(place)}`;
  } catch {
    // A frozen error keeps its stack.
  }
  return error;
}
