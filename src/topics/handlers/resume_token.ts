/** What a client comes back with: its session, signed. */
import { logWarning } from "../../log.ts";
import type { Application } from "../../web/application.ts";
import type { CookieSecret } from "../../web/signed/cookie_secret.ts";
import { signatureOf } from "../../web/signed/signed_value_format.ts";
import { createSignedValue, decodeSignedValue } from "../../web/signed/signed_value.ts";

/** Milliseconds that a token holds, and that what a session did is remembered. */
export const SESSION_LIFE = 3_600_000;
/** Milliseconds after which a connection is given another token. */
export const TOKEN_RENEWAL = 600_000;

/** Under this name alone a token is read: no cookie of the application's is one. */
const NAME = "gustnado.session";

/** Whose sessions they are. */
export interface SessionOwner {
  readonly application: Application;
  /** The class of the handler: the sessions of one are nothing to another. */
  readonly handlerName: string;
  /** The user; `""` for one that is not known. */
  readonly user: string;
}

/** Writes a token. */
export function issueToken(session: string, owner: SessionOwner, now: number = Date.now()): string {
  const { keyVersion } = owner.application.settings;
  const value = JSON.stringify([session, now + SESSION_LIFE, bindingOf(session, owner)]);
  return createSignedValue(secretOf(owner.application), NAME, value, { keyVersion });
}

/**
 * The session of a token.
 *
 * @param token What the client sent.
 * @returns `null` if the token is forged, has expired, or is another owner's.
 */
export function readToken(
  token: string,
  owner: SessionOwner,
  now: number = Date.now(),
): string | null {
  const value = decodeSignedValue(secretOf(owner.application), NAME, token);
  if (value === null) return null;
  const [session, expires, binding]: unknown[] = JSON.parse(value);
  if (typeof session !== "string" || typeof expires !== "number" || expires < now) return null;
  return binding === bindingOf(session, owner) ? session : null;
}

/** Another one for each session, so that it does not tell who has several. */
function bindingOf(session: string, { handlerName, user }: SessionOwner): string {
  return signatureOf(NAME, JSON.stringify([session, handlerName, user]));
}

/** What applications without a secret sign with: their tokens end with them. */
const secrets = new WeakMap<Application, string>();

function secretOf(application: Application): CookieSecret {
  const { cookieSecret } = application.settings;
  if (cookieSecret !== undefined) return cookieSecret;
  let secret = secrets.get(application);
  if (secret === undefined) {
    secrets.set(application, secret = crypto.randomUUID() + crypto.randomUUID());
    if (application.settings.broker !== undefined) warnOfSecret();
  }
  return secret;
}

function warnOfSecret(): void {
  logWarning(
    "Sessions of topics cannot be resumed on another process: set cookieSecret in the settings of " +
      "the application",
  );
}
