/** The media type of a file, by its name. */

let lookUp: ((extension: string) => string | undefined) | undefined;
let loading: Promise<void> | undefined;

const UNKNOWN = "application/octet-stream";

/** Extensions that name a compression, not a type: the bytes are not those of what is compressed. */
const COMPRESSIONS: ReadonlySet<string> = new Set([".br", ".bz2", ".xz", ".z"]);

/**
 * Loads the table of media types, when the first file is served: it is too large to load before
 * anybody needs it.
 *
 * @returns A promise while it is loading; `undefined` once it is there.
 */
export function loadMediaTypes(): Promise<void> | undefined {
  if (lookUp !== undefined) return undefined;
  return loading ??= import("@std/media-types").then(({ contentType }) => {
    lookUp = contentType;
  });
}

/**
 * The value of `Content-Type` for a file, with `charset=UTF-8` for text;
 * `application/octet-stream` where the extension tells nothing.
 *
 * @throws {Error} If {@linkcode loadMediaTypes} has not finished.
 */
export function mediaTypeOf(path: string): string {
  if (lookUp === undefined) throw new Error(`Cannot tell the type of "${path}": no types loaded`);
  const extension = extensionOf(path);
  if (extension === "" || COMPRESSIONS.has(extension)) return UNKNOWN;
  return lookUp(extension) ?? UNKNOWN;
}

/** With its dot, in lower case; empty for a name without one. */
function extensionOf(path: string): string {
  return /[^\\/](\.[^.\\/]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
}
