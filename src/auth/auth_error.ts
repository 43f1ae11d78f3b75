/** What a log-in fails with. */
import { excerpt } from "../http/excerpt.ts";
import { HTTPError } from "../web/http_error.ts";

/**
 * Why a log-in failed.
 *
 * - `"flow"`: the request belongs to no log-in that this browser has under way (400).
 * - `"refused"`: the provider said no; `error` says how (403, 400, 502 or 503).
 * - `"response"`: what the provider sent does not hold, such as an ID token with a bad signature (502).
 * - `"unreachable"`: the provider did not answer (502), or not in time (504).
 * - `"insecure"`: the provider's URL is plain `http:` (500).
 *
 * @category Log-in
 */
export type AuthErrorKind = "flow" | "refused" | "response" | "unreachable" | "insecure";

/**
 * What an {@linkcode AuthError} carries besides its message.
 *
 * @category Log-in
 */
export interface AuthErrorOptions {
  /** Why the log-in failed. */
  readonly kind: AuthErrorKind;
  /** The status of the response; that of the kind unless given. */
  readonly status?: number;
  /** The code of the provider's error. */
  readonly error?: string | undefined;
  /** What the provider says about it. */
  readonly errorDescription?: string | undefined;
  /** Where the provider says more about it. */
  readonly errorUri?: string | undefined;
  /** The status of the provider's response. */
  readonly providerStatus?: number | undefined;
}

const STATUS: Readonly<Record<Exclude<AuthErrorKind, "refused">, number>> = {
  flow: 400,
  response: 502,
  unreachable: 502,
  insecure: 500,
};

/**
 * Errors that come from the visitor's own decision or state (RFC 6749 §4.1.2.1,
 * OpenID Connect Core §3.1.2.6).
 */
const REFUSED_STATUS: ReadonlyMap<string, number> = new Map([
  ["access_denied", 403],
  ["account_selection_required", 403],
  ["consent_required", 403],
  ["interaction_required", 403],
  ["login_required", 403],
  ["invalid_grant", 400],
  ["temporarily_unavailable", 503],
]);

/**
 * A log-in, or a request in its name, that failed (`tornado.auth.AuthError`). Uncaught, it is answered
 * with the error page of its status, and logged as a warning without a stack.
 *
 * No message holds a code, a token or a secret, and there is no `cause` that could.
 * `errorDescription` is what the provider says: escape it, as templates do.
 *
 * @example
 * ```ts
 * import { AuthError } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new AuthError("Cannot log in: the visitor said no", {
 *   kind: "refused",
 *   error: "access_denied",
 * });
 * assertEquals([error.status, error.error], [403, "access_denied"]);
 * ```
 *
 * @category Log-in
 */
export class AuthError extends HTTPError {
  /** The name of the class. */
  override readonly name = "AuthError";
  /** Why the log-in failed. */
  readonly kind: AuthErrorKind;
  /** The code of the provider's error, such as `"access_denied"`; `null` if it sent none. */
  readonly error: string | null;
  /** What the provider says about it, as it was sent; `null` for nothing. */
  readonly errorDescription: string | null;
  /** Where the provider says more about it; `null` for nowhere. */
  readonly errorUri: string | null;
  /** The status of the provider's response; `null` where there is none, or it does not matter. */
  readonly providerStatus: number | null;

  /**
   * Makes the exception, to be thrown.
   *
   * @param message What was attempted, and why it failed.
   */
  constructor(message: string, options: AuthErrorOptions) {
    const { kind, error, errorDescription, errorUri, providerStatus } = options;
    super(options.status ?? statusOf(kind, error), {
      logMessage: message,
      ...(error === undefined ? {} : { reason: `Log-in refused: ${excerpt(error)}` }),
    });
    this.kind = kind;
    this.error = error ?? null;
    this.errorDescription = errorDescription ?? null;
    this.errorUri = errorUri ?? null;
    this.providerStatus = providerStatus ?? null;
  }
}

function statusOf(kind: AuthErrorKind, error = ""): number {
  return kind === "refused" ? REFUSED_STATUS.get(error) ?? 502 : STATUS[kind];
}
