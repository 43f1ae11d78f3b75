/** Log-in with any OAuth 2.0 server. */
import type { AsyncHTTPClient } from "../../client/async_http_client.ts";
import { authHttpClient } from "../auth_http_client.ts";
import type { HandlerBase } from "../../web/handler_traits.ts";
import type {
  AuthorizeOptions,
  ClientOptions,
  GetAuthenticatedUserOptions,
  OAuth2RequestOptions,
} from "../login_options.ts";
import type { OAuthKeys, OAuthServer } from "../oauth_server.ts";
import type { AuthenticatedUser, TokenSet } from "../token_set.ts";

/**
 * What {@linkcode OAuth2Mixin} adds to a handler.
 *
 * @category Log-in
 */
export interface OAuth2Handler {
  /** The server to log in with. Override it. */
  getOAuthServer(): OAuthServer | Promise<OAuthServer>;
  /** What the server knows the application by. Override it, or pass `clientId` to the methods. */
  getOAuthKeys(): OAuthKeys;
  /**
   * The client that all requests to the server go through. Override it for a proxy, a certificate
   * authority or another time-out. By default one that the application's log-ins share, with 10,000 ms
   * for a request.
   */
  getAuthHttpClient(): AsyncHTTPClient;
  /**
   * Sends the visitor to the server to log in, and completes the response. What is needed when the
   * visitor comes back is kept in a sealed cookie for 10 minutes; several log-ins of one browser do
   * not disturb each other.
   *
   * If the request is the visitor's return with a refusal, nothing is asked again, and the refusal is
   * thrown.
   *
   * @throws {AuthError} If the visitor has just refused, or the server's URL is insecure.
   * @throws {TypeError} If `redirectUri` is not absolute, or `extraParams` overrules what protects the
   *   log-in.
   * @throws {Error} If there is no setting `cookieSecret`.
   */
  authorizeRedirect(options: AuthorizeOptions): Promise<void>;
  /**
   * Completes the log-in when the visitor has come back, with the `code` in the request's query: checks
   * that this browser began it, and gets the tokens. It works once for each log-in.
   *
   * @throws {AuthError} If it does not hold, or the server refused or did not answer.
   */
  getAuthenticatedUser(options?: GetAuthenticatedUserOptions): Promise<AuthenticatedUser>;
  /**
   * Sends a request in the name of a user, with the access token in the `Authorization` header.
   *
   * @param url An `https:` URL; `http:` for loopback hosts only.
   * @returns The answer, read as JSON; `null` for an empty one.
   * @throws {AuthError} If there is no answer, or its status is not 200 to 299, which is found in
   *   `providerStatus`, or it is no JSON.
   */
  oauth2Request(url: string, options?: OAuth2RequestOptions): Promise<unknown>;
  /**
   * Gets new tokens for a refresh token. Keep the refresh token that comes with them: the old one may
   * be worthless. `refreshToken` is `null` where the old one stays.
   *
   * @throws {AuthError} With the `error` `"invalid_grant"` if the user has to log in anew.
   */
  refreshToken(refreshToken: string, options?: ClientOptions): Promise<TokenSet>;
  /**
   * Makes an access token or a refresh token worthless (RFC 7009).
   *
   * @returns `false` if the server does not offer it.
   * @throws {AuthError} If the server refused or did not answer.
   */
  revokeToken(token: string, options?: ClientOptions): Promise<boolean>;
}

/**
 * The class of a handler with {@linkcode OAuth2Handler}.
 *
 * @category Log-in
 */
// deno-lint-ignore no-explicit-any -- what a mixin's constructor has to look like
export type OAuth2HandlerClass = abstract new (...args: any[]) => OAuth2Handler;

/**
 * Adds log-in with an OAuth 2.0 server to a handler class (`tornado.auth.OAuth2Mixin`): by code, with
 * a `state` and PKCE (RFC 7636) always. The setting `cookieSecret` has to be there.
 *
 * OAuth gives access to what a user has; who the user is, is said reliably by
 * {@linkcode OpenIDConnectMixin}.
 *
 * @param Base The handler class, mostly `RequestHandler`.
 * @returns A class to derive from.
 *
 * @example
 * ```ts
 * import { Application, OAuth2Mixin, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals, assertMatch } from "@std/assert";
 *
 * class Login extends OAuth2Mixin(RequestHandler) {
 *   override getOAuthServer() {
 *     return {
 *       authorizeUrl: "https://id.example/authorize",
 *       accessTokenUrl: "https://id.example/token",
 *     };
 *   }
 *   override getOAuthKeys() {
 *     return { key: "my-client-id", secret: "my-client-secret" };
 *   }
 *   override async get() {
 *     if (this.getArgument("code", null)) {
 *       const user = await this.getAuthenticatedUser();
 *       // Remember user.accessToken here.
 *       this.redirect(user.next);
 *     } else {
 *       const redirectUri = "https://site.example/login";
 *       await this.authorizeRedirect({ redirectUri, scope: ["read"] });
 *     }
 *   }
 * }
 *
 * const app = new Application([["/login", Login]], { cookieSecret: "change me" });
 * const response = await app.fetch(new Request("https://site.example/login?next=/inbox"));
 * assertEquals(response.status, 302);
 * assertMatch(response.headers.get("location") ?? "", /^https:\/\/id\.example\/authorize\?/);
 * ```
 *
 * @category Log-in
 */
export function OAuth2Mixin<Base extends HandlerBase>(Base: Base): Base & OAuth2HandlerClass {
  abstract class Login extends Base implements OAuth2Handler {
    getOAuthServer(): OAuthServer | Promise<OAuthServer> {
      throw new Error("Cannot log in: override getOAuthServer() to say with whom");
    }

    getOAuthKeys(): OAuthKeys {
      throw new Error("Cannot log in: override getOAuthKeys(), or pass clientId");
    }

    getAuthHttpClient(): AsyncHTTPClient {
      return authHttpClient(this.application);
    }

    async authorizeRedirect(options: AuthorizeOptions): Promise<void> {
      const { beginLogin } = await import("../login.ts");
      await beginLogin(this, options);
    }

    async getAuthenticatedUser(
      options: GetAuthenticatedUserOptions = {},
    ): Promise<AuthenticatedUser> {
      const { completeLogin } = await import("../login.ts");
      const { tokens, next } = await completeLogin(this, options);
      return { ...tokens, next };
    }

    async oauth2Request(url: string, options: OAuth2RequestOptions = {}): Promise<unknown> {
      const { apiRequest } = await import("../api_request.ts");
      return await apiRequest(this, url, options);
    }

    async refreshToken(refreshToken: string, options: ClientOptions = {}): Promise<TokenSet> {
      const { refreshTokens } = await import("../provider.ts");
      return await refreshTokens(this, refreshToken, options);
    }

    async revokeToken(token: string, options: ClientOptions = {}): Promise<boolean> {
      const provider = await import("../provider.ts");
      return await provider.revokeToken(this, token, options);
    }
  }
  return Login;
}
