/** Which pages of other sites may read a response. */
import { excerpt } from "../../http/excerpt.ts";
import { linearMatcher, type WholeMatcher } from "../routing/linear_regexp.ts";

/**
 * Decides on one origin, as the browser sent it. Only `true` allows it.
 *
 * @category Middleware
 */
export type OriginPredicate = (
  origin: string,
  request: Request,
) => boolean | Promise<boolean>;

/**
 * Origins that may read responses: `"*"` for all; one origin or several, such as
 * `"https://example.com"`; expressions, which have to match all of the origin; or a function.
 *
 * @category Middleware
 */
export type AllowedOrigins = string | RegExp | readonly (string | RegExp)[] | OriginPredicate;

/**
 * A scheme, a host and perhaps a port (RFC 6454 §6.1): printable ASCII without what only a URL has,
 * since it goes into a header field of the response.
 */
const SERIALIZED = /^[a-z][a-z0-9+.-]*:\/\/[!"$-.0->A-[\]-~]+$/;
/** The same, with letters that are not ASCII. */
const WRITTEN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@\\]+$/;
/** A scheme, a host of 255 characters and a port. */
const MAX_LENGTH = 300;

/**
 * Makes the decision out of the option.
 *
 * The origin `null` is that of files, of redirected requests and of any page in a sandbox: whoever
 * likes can have it. So only the text `"null"` allows it, no expression and no function does.
 *
 * @throws {TypeError} If the option is nothing of the kind, or a text in it is no origin.
 * @throws {SyntaxError} If an expression could take longer than linear time.
 */
export function originMatcher(allowed: AllowedOrigins): OriginPredicate {
  if (typeof allowed === "function") {
    return (origin, request) => wellFormed(origin) && allowed(origin, request);
  }
  const list = Array.isArray(allowed) ? allowed : [allowed];
  const names = new Set(list.filter((entry) => typeof entry === "string").map(serialized));
  const expressions = list.filter((entry) => typeof entry !== "string").map(whole);
  return (origin) =>
    names.has(origin) ||
    (wellFormed(origin) && expressions.some((expression) => expression.exec(origin) !== null));
}

function wellFormed(origin: string): boolean {
  return origin.length <= MAX_LENGTH && SERIALIZED.test(origin);
}

/** An origin as browsers write it: in lower case, in Punycode, without the port that goes unsaid. */
function serialized(text: string): string {
  if (text === "null") return text;
  const lower = text.toLowerCase();
  const url = WRITTEN.test(lower) ? URL.parse(lower) : null;
  // The URL of an application or of a browser's extension has no origin of its own.
  const origin = url?.origin === "null" ? lower : url?.origin ?? "";
  if (!SERIALIZED.test(origin)) throw notAnOrigin(text);
  return origin;
}

/** What matches an expression as a whole, in linear time: anybody may send any origin. */
function whole(pattern: unknown): WholeMatcher {
  if (!(pattern instanceof RegExp)) {
    throw new TypeError(
      `Cannot allow ${typeof pattern} as an origin: expected a string, a RegExp or a function`,
    );
  }
  const matcher = linearMatcher(pattern);
  if (matcher !== null) return matcher;
  throw new SyntaxError(
    `Cannot allow origins by ${pattern}: an origin could keep it busy for minutes, since its ` +
      "repetitions can share a text between them in many ways; use a function",
  );
}

function notAnOrigin(text: string): TypeError {
  return new TypeError(
    `Cannot allow the origin ${excerpt(text)}: expected a scheme, a host and perhaps a port, ` +
      'without a slash at the end, such as "https://example.com"',
  );
}
