import { closest } from "../../checks/mistakes.ts";

/**
 * What helps to find a template.
 *
 * @category Templates and pages
 */
export interface TemplateNotFoundOptions extends ErrorOptions {
  /** The names of templates that there are. */
  readonly known?: readonly string[];
}

/** Names listed in a hint: enough to see what they look like. */
const LISTED_NAMES = 20;

/**
 * A template that a loader does not have, or may not give.
 *
 * @example
 * ```ts
 * import { DictLoader, TemplateNotFoundError } from "@gustnado/gustnado";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const loader = new DictLoader({ "page.html": "" });
 * const error = assertThrows(() => loader.load("pgae.html"), TemplateNotFoundError);
 * assertEquals(error.hint, 'Did you mean "page.html"?');
 * ```
 *
 * @category Templates and pages
 */
export class TemplateNotFoundError extends Error {
  /** The name of the class. */
  override readonly name = "TemplateNotFoundError";
  /** The name that was asked for. */
  readonly templateName: string;
  /** The way out: the name that was probably meant, or those that there are. */
  readonly hint: string;

  /**
   * Makes the error.
   *
   * @param templateName The name that was asked for.
   * @param reason Why there is no such template.
   * @param options The cause, and the templates that there are.
   */
  constructor(templateName: string, reason: string, options: TemplateNotFoundOptions = {}) {
    const { known = [], ...rest } = options;
    const meant = nearest(templateName, known);
    const question = meant === undefined ? "" : `; did you mean ${JSON.stringify(meant)}?`;
    super(`Cannot load template ${JSON.stringify(templateName)}: ${reason}${question}`, rest);
    this.templateName = templateName;
    this.hint = meant === undefined ? listed(known) : `Did you mean ${JSON.stringify(meant)}?`;
  }
}

function listed(known: readonly string[]): string {
  if (known.length === 0) return "Write a path with slashes, below the root of the loader";
  const more = known.length > LISTED_NAMES ? "…" : "";
  return `The templates here are ${known.slice(0, LISTED_NAMES).join(", ")}${more}`;
}

/** The name that was probably meant: mistyped, without its ending, or in another directory. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const file = name.slice(name.lastIndexOf("/") + 1);
  return known.find((each) => each === file || each.endsWith(`/${file}`)) ??
    known.find((each) => each.startsWith(`${name}.`)) ?? closest(name, known);
}

/** A file in the root: what it resolves to is itself. */
const PLAIN_NAME = /^[\w-]+(?:\.[\w-]+)*$/;

/**
 * Turns a name into a path below the root of a loader.
 *
 * @param name The name: relative to the directory of `parentPath`, or to the root.
 * @param parentPath The template that names it; names in angle brackets are no files.
 * @throws {TemplateNotFoundError} When the path would leave the root: by `..`, by a leading slash or
 * a drive letter, by a backslash or a NUL.
 */
export function resolveTemplatePath(name: string, parentPath = "<string>"): string {
  // Each page asks for its template by name: most names need no closer look.
  if (PLAIN_NAME.test(name) && !parentPath.includes("/")) return name;
  // deno-lint-ignore no-control-regex -- a NUL ends a path in some file systems
  if (name === "" || /^[/~]|^[A-Za-z]:|[\\\x00]/.test(name)) {
    throw new TemplateNotFoundError(name, "it is not a relative path with slashes");
  }
  const parent = parentPath.startsWith("<") ? [] : parentPath.split("/").slice(0, -1);
  const path: string[] = [];
  for (const segment of [...parent, ...name.split("/")]) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") path.push(segment);
    else if (path.pop() === undefined) {
      throw new TemplateNotFoundError(name, "it is outside the root of the loader");
    }
  }
  if (path.length === 0) throw new TemplateNotFoundError(name, "it names a directory");
  return path.join("/");
}
