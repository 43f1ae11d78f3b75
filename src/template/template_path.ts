/** A template that a loader does not have, or may not give. */
export class TemplateNotFoundError extends Error {
  /** The name of the class. */
  override readonly name = "TemplateNotFoundError";
  /** The name that was asked for. */
  readonly templateName: string;

  /**
   * @param templateName The name that was asked for.
   * @param reason Why there is no such template.
   * @param options The cause.
   */
  constructor(templateName: string, reason: string, options: ErrorOptions = {}) {
    super(`Cannot load template ${JSON.stringify(templateName)}: ${reason}`, options);
    this.templateName = templateName;
  }
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
