/** What log-ins are told. */

/**
 * The application, as the provider knows it, where it is not what `getOAuthKeys()` gives.
 *
 * @category Log-in
 */
export interface ClientOptions {
  /** The client identifier. */
  readonly clientId?: string;
  /** The client secret; none for a public client. */
  readonly clientSecret?: string;
}

/**
 * Options of `authorizeRedirect`.
 *
 * @category Log-in
 */
export interface AuthorizeOptions {
  /**
   * The absolute URL that the visitor comes back to, as it is registered with the provider. Write it
   * out: one made from the request would be up to whoever sends the `Host` header.
   */
  readonly redirectUri: string;
  /** The client identifier; that of `getOAuthKeys()` unless given. */
  readonly clientId?: string;
  /** What to ask the visitor for. Default: what the mixin says, or nothing in particular. */
  readonly scope?: readonly string[];
  /** More arguments for the provider, such as `{ prompt: "login" }`. */
  readonly extraParams?: Readonly<Record<string, string>>;
  /**
   * Where the visitor goes in the end; the request's argument `next` unless given. A target on
   * another site becomes `"/"`, as `safeNext` decides.
   */
  readonly next?: string;
}

/**
 * Options of `authorizeRedirect` of {@linkcode OpenIDConnectMixin}.
 *
 * @category Log-in
 */
export interface OpenIDAuthorizeOptions extends AuthorizeOptions {
  /**
   * The longest time since the visitor has shown a password or the like to the provider, in
   * milliseconds; an older log-in has to be renewed there, which is checked. Default: any time.
   */
  readonly maxAge?: number;
}

/**
 * Options of `getAuthenticatedUser`.
 *
 * @category Log-in
 */
export interface GetAuthenticatedUserOptions extends ClientOptions {
  /** The URL that the visitor comes back to, to compare with that of `authorizeRedirect`. */
  readonly redirectUri?: string;
}

/**
 * Options of `refreshToken` of {@linkcode OpenIDConnectMixin}.
 *
 * @category Log-in
 */
export interface OpenIDRefreshOptions extends ClientOptions {
  /** Whose tokens these are: a new ID token has to be of the same user. Default: it is not compared. */
  readonly subject?: string;
}

/**
 * Options of `oauth2Request`.
 *
 * @category Log-in
 */
export interface OAuth2RequestOptions {
  /** The token to send in the `Authorization` header (RFC 6750 §2.1). Default none. */
  readonly accessToken?: string;
  /** Arguments of the query. */
  readonly args?: Readonly<Record<string, string>>;
  /** A form to send: the request is then a POST (`post_args` in Tornado). */
  readonly body?: Readonly<Record<string, string>> | URLSearchParams;
  /** What to send as JSON, in place of `body`: the request is then a POST. */
  readonly json?: unknown;
  /** The method, where it is not GET without and POST with something to send. */
  readonly method?: string;
  /** Header fields. */
  readonly headers?: Readonly<Record<string, string>>;
}
