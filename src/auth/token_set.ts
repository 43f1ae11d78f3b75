/** What a provider gives for a code. */

/**
 * The tokens of a user.
 *
 * @category Log-in
 */
export interface TokenSet {
  /** The token that requests in the user's name carry. */
  readonly accessToken: string;
  /** How they carry it, in lower case: `"bearer"`. */
  readonly tokenType: string;
  /** When the access token ends, in milliseconds since the epoch; `null` if the provider did not say. */
  readonly expiresAt: number | null;
  /** The token that gets the next access token; `null` if there is none. */
  readonly refreshToken: string | null;
  /** The ID token (OpenID Connect), which is verified; `null` if there is none. */
  readonly idToken: string | null;
  /** What the user has allowed; `null` if the provider did not say, which means all that was asked. */
  readonly scope: readonly string[] | null;
}

/**
 * A user that has come back from the provider.
 *
 * @category Log-in
 */
export interface AuthenticatedUser extends TokenSet {
  /** Where to go now: the `next` that the log-in began with, `"/"` if there was none. It is safe. */
  readonly next: string;
}

/**
 * What an ID token says (OpenID Connect Core §2, §5.1). It is verified.
 *
 * @category Log-in
 */
export interface IDClaims {
  /** The provider. */
  readonly iss: string;
  /** The user, unique at the provider and never given to anyone else: what to know a user by. */
  readonly sub: string;
  /** For whom the token is. */
  readonly aud: string | readonly string[];
  /** When it ends, in seconds since the epoch. */
  readonly exp: number;
  /** When it was made, in seconds since the epoch. */
  readonly iat: number;
  /** The user's name. */
  readonly name?: string;
  /** The user's address; whose it is, is proved only where `email_verified` is true. */
  readonly email?: string;
  /** Whether the provider has made sure of the address. */
  readonly email_verified?: boolean;
  /** Anything else. */
  readonly [claim: string]: unknown;
}

/**
 * A user that has come back from an OpenID provider.
 *
 * @category Log-in
 */
export interface OpenIDUser extends AuthenticatedUser {
  /** The ID token; `logoutRedirect` wants it back. */
  readonly idToken: string;
  /** What it says. */
  readonly claims: IDClaims;
}
