/** Paths of static files: how they are joined, and which of them are never served. */

/** How the paths of a file system are written. */
export interface PathStyle {
  /** Whether `\` separates the parts of a path, as on Windows. */
  readonly windows: boolean;
}

/** Parts that say nothing or lead back: empty ones, `.`, `..`. */
const UNTIDY = /(?:^\.{1,2}|\/\.{0,2})(?:\/|$)/;

/**
 * A path without empty parts, `.` and `..`, and without a separator at its end. Only the text is
 * looked at: a `..` behind a symbolic link leads back to where the link stands.
 */
export function tidyPath(path: string, { windows }: PathStyle): string {
  if (!windows && !UNTIDY.test(path)) return path;
  const separator = windows ? "\\" : "/";
  const parts: string[] = [];
  const [root, rest] = splitRoot(path, windows);
  for (const part of rest.split(windows ? /[\\/]/ : "/")) {
    if (part === "" || part === ".") continue;
    const leadsBack = part === "..";
    if (leadsBack && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    // There is nothing above a root.
    else if (!leadsBack || root === "") parts.push(part);
  }
  return root + parts.join(separator) || ".";
}

/** `path` as seen from `root`. An absolute path stays what it is, as in Python's `os.path.join`. */
export function joinPath(root: string, path: string, style: PathStyle): string {
  const separator = style.windows ? "\\" : "/";
  const [own] = splitRoot(path, style.windows);
  return tidyPath(own === "" ? root + separator + path : path, style);
}

/** Whether a tidy path is `root`, which is tidy too, or stands below it. */
export function isWithin(root: string, path: string, { windows }: PathStyle): boolean {
  const separator = windows ? "\\" : "/";
  // With the separator: a sibling may begin with the name of the root.
  return path === root || path.startsWith(root.endsWith(separator) ? root : root + separator);
}

/** The part that makes a path absolute, and the rest of it. */
function splitRoot(path: string, windows: boolean): [root: string, rest: string] {
  const root = (windows ? /^(?:[A-Za-z]:[\\/]?|[\\/]+)/ : /^\/+/).exec(path)?.[0] ?? "";
  const rest = path.slice(root.length);
  if (!windows) return [root === "" ? "" : "/", rest];
  const network = /^[\\/]{2}/.test(root);
  return [network ? "\\\\" : root.replace("/", "\\"), rest];
}

/** A file or directory that begins with a dot, but `.well-known` at the top (RFC 8615). */
const DOT_FILE = /[\\/]\.|^\.(?!well-known(?:[\\/]|$))/;

/** Names that Windows takes for devices, in every directory and with any extension. */
const DEVICE =
  /(?:^|[\\/])(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:[.:\\/]|$)/i;

/**
 * Other names for the same file on Windows: a stream (`a:b`), a dot or a space at the end, a short
 * name (`GIT~1`), a character that the system drops.
 */
// deno-lint-ignore no-control-regex -- control characters are what it is to find
const ALIAS = /[:\u0001-\u001f]|[. ](?:[\\/]|$)|~\d/;

/**
 * Whether a file may be served by its name.
 *
 * Device names are refused on every system, so that an application behaves the same wherever it runs.
 *
 * @param name The path below the root.
 * @param options `dotFiles` lets names through that begin with a dot.
 */
export function isServableName(
  name: string,
  { windows, dotFiles }: PathStyle & { readonly dotFiles: boolean },
): boolean {
  if (!dotFiles && DOT_FILE.test(name)) return false;
  return !DEVICE.test(name) && !(windows && ALIAS.test(name));
}

/** Whether a path of a URL can name a file at all: without NUL, and without `\`. */
export function isPossiblePath(urlPath: string): boolean {
  return !urlPath.includes("\0") && !urlPath.includes("\\");
}
