/** What is remembered of a log-in while the visitor is at the provider. */
import type { CookieSecret } from "../web/signed/cookie_secret.ts";
import type { RequestHandler } from "../web/request_handler.ts";
import { protectedCookie } from "../web/signed/signed_cookies.ts";
import { openSealedContent, type SealedContent, sealValue } from "../web/signed/sealed_value.ts";

/** A log-in that is under way. */
export interface LoginFlow {
  /** The provider that the visitor was sent to. */
  readonly issuer: string;
  /** The application, as the provider knows it. */
  readonly clientId: string;
  /** Where the visitor comes back to. */
  readonly redirectUri: string;
  /** The secret that the code is bound to (RFC 7636). */
  readonly codeVerifier: string;
  /** What the ID token has to repeat; `null` where none is expected. */
  readonly nonce: string | null;
  /** The greatest age of the log-in at the provider, in seconds; `null` for any. */
  readonly maxAge: number | null;
  /** Where to go in the end. */
  readonly next: string;
}

/** Milliseconds that a visitor has at the provider. */
const LIFETIME = 600_000;
/** Log-ins of one browser at a time, such as in several tabs: the oldest gives way. */
const MAX_FLOWS = 5;
const PREFIX = "oauth2_";
/** Browsers let nobody plant a cookie of such a name: no other host of the domain, no plain http. */
const HOST_PREFIX = "__Host-";

/**
 * Remembers a log-in in a cookie of its own: sealed under the name, which holds the state, so that it
 * serves for nothing else; for 10 minutes; unseen by scripts and by requests of other sites.
 */
export function keepFlow(handler: RequestHandler, state: string, flow: LoginFlow): void {
  makeRoom(handler);
  const isSecure = new URL(flow.redirectUri).protocol === "https:";
  const name = `${isSecure ? HOST_PREFIX : ""}${PREFIX}${state}`;
  const { keyVersion } = handler.settings;
  const value = sealValue(secretOf(handler), name, JSON.stringify(flow), { keyVersion });
  handler.setCookie(name, value, { ...protectedCookie(handler, name), maxAge: LIFETIME / 1000 });
}

/**
 * The log-in that a state belongs to, which the browser then forgets.
 *
 * @returns `null` if this browser has none of that state, or it is too old, or was tampered with.
 */
export function takeFlow(handler: RequestHandler, state: string): LoginFlow | null {
  const name = cookieName(handler, state);
  if (name === undefined) return null;
  handler.clearCookie(name, protectedCookie(handler, name));
  const content = open(handler, name);
  // Sealed content is what keepFlow() has written.
  return content && JSON.parse(new TextDecoder().decode(content.value)) as LoginFlow;
}

/** Whether the browser has a log-in of that state under way. */
export function hasFlow(handler: RequestHandler, state: string): boolean {
  return cookieName(handler, state) !== undefined;
}

/** The cookie that the browser has sent for a state. */
function cookieName(handler: RequestHandler, state: string): string | undefined {
  return [`${HOST_PREFIX}${PREFIX}${state}`, `${PREFIX}${state}`]
    .find((name) => isFlowName(name) && handler.getCookie(name) !== null);
}

function makeRoom(handler: RequestHandler): void {
  const names = Object.keys(handler.cookies).filter(isFlowName);
  if (names.length < MAX_FLOWS) return;
  const byAge = names
    .map((name) => ({ name, sealedAt: open(handler, name)?.sealedAt ?? 0 }))
    .sort((a, b) => b.sealedAt - a.sealedAt);
  for (const { name } of byAge.slice(MAX_FLOWS - 1)) {
    handler.clearCookie(name, protectedCookie(handler, name));
  }
}

function isFlowName(name: string): boolean {
  return /^(?:__Host-)?oauth2_[\w-]+$/.test(name);
}

function open(handler: RequestHandler, name: string): SealedContent | null {
  const sealed = handler.getCookie(name);
  return openSealedContent(secretOf(handler), name, sealed, { maxAgeMs: LIFETIME });
}

function secretOf(handler: RequestHandler): CookieSecret {
  return handler.requireSetting("cookieSecret", "authorizeRedirect()");
}
