/** Whom to log in with, and as which application. */

/**
 * An OAuth 2.0 server.
 *
 * @category Log-in
 */
export interface OAuthServer {
  /** Where visitors are sent to log in (`_OAUTH_AUTHORIZE_URL` in Tornado). */
  readonly authorizeUrl: string;
  /** Where codes become tokens (`_OAUTH_ACCESS_TOKEN_URL` in Tornado). */
  readonly accessTokenUrl: string;
  /** Where tokens are revoked (RFC 7009). Default: the server does not offer it. */
  readonly revocationUrl?: string;
  /**
   * The name that the server gives itself. If set, an `iss` parameter that comes back has to be the
   * same (RFC 9207). Default: the origin of `authorizeUrl`, and `iss` is not looked at.
   */
  readonly issuer?: string;
  /**
   * How the application shows its secret: in the form (`"post"`, the default, as Tornado does) or in
   * the `Authorization` header (`"basic"`). RFC 6749 §2.3.1.
   */
  readonly clientAuth?: "post" | "basic";
  /** The server's own description of itself (RFC 8414), where it was discovered. */
  readonly metadata?: ServerMetadata;
}

/**
 * The fields of a server's description that log-ins use (OpenID Connect Discovery §3, RFC 8414 §2).
 *
 * @category Log-in
 */
export interface ServerMetadata {
  /** The name of the server. */
  readonly issuer: string;
  /** Where visitors are sent to log in. */
  readonly authorization_endpoint?: string;
  /** Where codes become tokens. */
  readonly token_endpoint?: string;
  /** The keys that ID tokens are signed with. */
  readonly jwks_uri?: string;
  /** What is known about a user. */
  readonly userinfo_endpoint?: string;
  /** Where visitors are sent to log out. */
  readonly end_session_endpoint?: string;
  /** Where tokens are revoked. */
  readonly revocation_endpoint?: string;
  /** How applications can show their secret. */
  readonly token_endpoint_auth_methods_supported?: string[];
  /** Whether every response of the authorization endpoint has `iss`. */
  readonly authorization_response_iss_parameter_supported?: boolean;
  /** Anything else. */
  readonly [name: string]: JsonValue | undefined;
}

/**
 * What JSON can hold.
 *
 * @category Log-in
 */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | JsonValue[]
  | { [name: string]: JsonValue | undefined };

/**
 * What a provider knows an application by.
 *
 * @category Log-in
 */
export interface OAuthKeys {
  /** The client identifier. */
  readonly key: string;
  /** The client secret. Public clients have none: what protects them is PKCE alone. */
  readonly secret?: string;
}

/**
 * The provider of {@linkcode OpenIDConnectMixin}, and what it knows the application by.
 *
 * @category Log-in
 */
export interface OpenIDSettings extends OAuthKeys {
  /** The provider's issuer URL, such as `https://accounts.google.com`. */
  readonly issuer: string;
}
