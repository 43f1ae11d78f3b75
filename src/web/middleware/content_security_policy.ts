/** The value of `Content-Security-Policy`. */
import { toBase64 } from "../../http/byte_text.ts";
import { excerpt } from "../../http/excerpt.ts";

/**
 * The directives of a policy by their names, such as `{ "img-src": ["'self'", "https:"] }` (CSP 3 §6).
 * The source `'nonce'` stands for the nonce of the request; `[]` is a directive without a value; and
 * `null` leaves out one of the default ones.
 *
 * @category Middleware
 */
export type CspDirectives = Readonly<Record<string, readonly string[] | null>>;

const NONCE = "'nonce'";

const DEFAULTS: CspDirectives = {
  "default-src": ["'self'"],
  "script-src": ["'self'", NONCE],
  "style-src": ["'self'", NONCE],
  "img-src": ["'self'", "data:"],
  "object-src": ["'none'"],
  "base-uri": ["'none'"],
  "form-action": ["'self'"],
  "frame-ancestors": ["'none'"],
};

/** A policy, ready to be written for each request. */
export class ContentSecurityPolicy {
  /** Who may show the page in a frame; `undefined` if the policy does not say. */
  readonly frameAncestors: readonly string[] | undefined;
  /** Whether scripts and styles need the nonce of the request. */
  readonly usesNonce: boolean;
  /** What stands before, between and after the nonces. */
  readonly #parts: readonly string[];

  /**
   * Reads the directives.
   *
   * @param directives What differs from the default policy.
   * @throws {TypeError} If a name or a source cannot stand in a policy.
   */
  constructor(directives: CspDirectives) {
    const merged = Object.entries({ ...DEFAULTS, ...directives }).filter(isPresent);
    for (const [name, sources] of merged) checkDirective(name, sources);
    this.frameAncestors = merged.find(([name]) => name === "frame-ancestors")?.[1];
    const text = merged.map(([name, sources]) => [name, ...sources].join(" ")).join("; ");
    this.#parts = text.split(NONCE);
    this.usesNonce = this.#parts.length > 1;
  }

  /**
   * Writes the policy of one request.
   *
   * @param nonce The nonce of the request.
   */
  format(nonce: string): string {
    return this.#parts.join(`'nonce-${nonce}'`);
  }
}

/** A nonce that nobody guesses: 144 random bits. Eighteen bytes make Base64 without padding. */
export function newNonce(): string {
  return toBase64(crypto.getRandomValues(new Uint8Array(18)));
}

function isPresent(
  entry: [string, readonly string[] | null],
): entry is [string, readonly string[]] {
  return entry[1] !== null;
}

function checkDirective(name: string, sources: unknown): void {
  if (!/^[a-z]+(?:-[a-z]+)*$/.test(name)) {
    throw new TypeError(
      `Cannot use ${excerpt(name)} as a directive: expected its name, such as "img-src"`,
    );
  }
  if (!Array.isArray(sources)) {
    throw new TypeError(`Cannot use ${typeof sources} as "${name}": expected an array of sources`);
  }
  for (const source of sources) {
    const why = problemOf(source);
    if (why === null) continue;
    throw new TypeError(`Cannot use ${excerpt(String(source))} in "${name}": ${why}`);
  }
}

/** Words that browsers take for the name of a host where their quotes are missing. */
const KEYWORD = /^(?:none|self|nonce|strict-dynamic|report-sample|(?:wasm-)?unsafe-[a-z-]+)$/i;

function problemOf(source: unknown): string | null {
  // A source with a semicolon or a comma would end the directive, or the whole policy.
  if (typeof source !== "string" || !/^[!-+\--:<-~]+$/.test(source)) {
    return 'a source is text without white space, ";" and ","';
  }
  if (KEYWORD.test(source)) return `write it with its quotes: "'${source.toLowerCase()}'"`;
  if (/^'nonce-/i.test(source)) return `"'nonce'" stands for a fresh one in each response`;
  return null;
}
