/** What an ID token has to fulfil beside what `oauth4webapi` checks. */
import { toBase64 } from "../http/byte_text.ts";
import type * as oauth from "oauth4webapi";
import { AuthError } from "./auth_error.ts";

/** Seconds that the provider's clock may differ from this one. */
export const CLOCK_TOLERANCE = 30;

/** The hash of each signature algorithm, of which `at_hash` takes the left half. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ["256", "SHA-256"],
  ["384", "SHA-384"],
  ["512", "SHA-512"],
  ["25519", "SHA-512"],
  ["EdDSA", "SHA-512"],
]);

/**
 * Checks that an ID token was not made in the future (OpenID Connect Core §3.1.3.7), that it is that
 * of the access token, if it names one (§3.1.3.6), and of the user that is expected, if any is (§12.2).
 *
 * @throws {AuthError} If it is not.
 */
export async function checkIDToken(
  tokens: oauth.TokenEndpointResponse,
  claims: oauth.IDToken,
  subject?: string,
): Promise<void> {
  if (subject !== undefined && claims.sub !== subject) {
    throw unsound("the ID token is another user's");
  }
  if (claims.iat > Date.now() / 1000 + CLOCK_TOLERANCE) {
    throw unsound('the "iat" of the ID token is in the future');
  }
  if (claims.at_hash === undefined) return;
  const expected = await accessTokenHash(tokens.access_token, algorithmOf(tokens.id_token ?? ""));
  if (claims.at_hash !== expected) {
    throw unsound('the "at_hash" of the ID token is that of another access token');
  }
}

async function accessTokenHash(accessToken: string, algorithm: string): Promise<string | null> {
  const suffix = /(?:\d+|EdDSA)$/.exec(algorithm)?.[0] ?? "";
  const hash = HASHES.get(suffix);
  if (hash === undefined) return null;
  const digest = await crypto.subtle.digest(hash, new TextEncoder().encode(accessToken));
  const half = new Uint8Array(digest, 0, digest.byteLength / 2);
  return toBase64(half, { alphabet: "base64url", omitPadding: true });
}

/** The header has been read before, so that it is known to be JSON. */
function algorithmOf(idToken: string): string {
  const [header = ""] = idToken.split(".");
  const bytes = Uint8Array.fromBase64(header, { alphabet: "base64url" });
  return String(JSON.parse(new TextDecoder().decode(bytes)).alg);
}

function unsound(why: string): AuthError {
  return new AuthError(`Cannot log in: ${why}`, { kind: "response" });
}
