/** Bearer tokens as a client sends them, and the challenge that asks for one (RFC 6750). */
import { trimWhitespace } from "./field.ts";

/** What a challenge tells a client of its mistake (RFC 6750 §3.1). */
export type BearerErrorCode = "invalid_request" | "invalid_token" | "insufficient_scope";

/** A challenge, but for its realm. */
export interface BearerProblem {
  /** Which mistake it is. */
  readonly error: BearerErrorCode;
  /** What it is in words, in printable ASCII without quotes and backslashes. */
  readonly description: string;
  /** The scope that would do, if that is what is missing. */
  readonly scope?: string | undefined;
}

/** Characters of a token: enough for one that holds claims, and no work for more. */
const MAX_LENGTH = 8192;
const SCHEME = /^bearer(?: |$)/i;
const TOKEN = /^[\w.~+/-]+=*$/;

/**
 * Reads a token from the value of `Authorization` (RFC 6750 §2.1).
 *
 * @param header The value; `null` if there is none.
 * @returns The token; `null` without one, or with credentials of another scheme; `"malformed"` if it is
 *   none, or longer than 8,192 characters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseBearerToken("Bearer mF_9.B5f-4.1JqM"), { token: "mF_9.B5f-4.1JqM" });
 * assertEquals(parseBearerToken("Bearer a b"), "malformed");
 * assertEquals(parseBearerToken("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), null);
 * ```
 */
export function parseBearerToken(
  header: string | null,
): { readonly token: string } | "malformed" | null {
  if (header === null || !SCHEME.test(header)) return null;
  if (header.length > MAX_LENGTH) return "malformed";
  const token = trimWhitespace(header.slice("bearer".length));
  return TOKEN.test(token) ? { token } : "malformed";
}

/**
 * Writes the value of `WWW-Authenticate` (RFC 6750 §3).
 *
 * @param realm What the place is called, in printable ASCII.
 * @param problem What was wrong; `null` where there were no credentials at all, which is no mistake.
 */
export function formatBearerChallenge(realm: string, problem: BearerProblem | null): string {
  const parameters = [`Bearer realm="${realm.replace(/["\\]/g, "\\$&")}"`];
  if (problem !== null) {
    parameters.push(`error="${problem.error}"`, `error_description="${problem.description}"`);
    if (problem.scope !== undefined) parameters.push(`scope="${problem.scope}"`);
  }
  return parameters.join(", ");
}

/**
 * Whether a text is a list of scopes, with single spaces between them (RFC 6749 §3.3).
 *
 * @param text The text.
 */
export function isScope(text: unknown): text is string {
  return typeof text === "string" && /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/.test(text);
}
