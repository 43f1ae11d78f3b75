/** Log-in with any OpenID provider. */
import type { HandlerBase } from "../../web/handler_traits.ts";
import type {
  GetAuthenticatedUserOptions,
  OpenIDAuthorizeOptions,
  OpenIDRefreshOptions,
} from "../login_options.ts";
import { type OAuth2Handler, OAuth2Mixin } from "./oauth2_mixin.ts";
import type { OAuthKeys, OAuthServer, OpenIDSettings } from "../oauth_server.ts";
import type { LogoutOptions, UserinfoOptions } from "../open_id.ts";
import type { OpenIDUser, TokenSet } from "../token_set.ts";

/**
 * What {@linkcode OpenIDConnectMixin} adds to a handler.
 *
 * @category Log-in
 */
export interface OpenIDConnectHandler extends OAuth2Handler {
  /** The provider, and what it knows the application by: the setting `openidConnect`. */
  getOpenIDSettings(): OpenIDSettings;
  /**
   * Sends the visitor to the provider to log in, as `authorizeRedirect` of {@linkcode OAuth2Mixin} does,
   * with a nonce besides. Unless `scope` says otherwise, it asks for `openid`, `profile` and `email`;
   * `openid` it always asks for.
   *
   * @throws {AuthError} If the visitor has just refused, or the provider cannot be reached.
   */
  authorizeRedirect(options: OpenIDAuthorizeOptions): Promise<void>;
  /**
   * Completes the log-in when the visitor has come back. The ID token is verified: its signature by
   * the keys that the provider publishes, `iss`, `aud`, `azp`, `exp`, `nbf`, `iat`, `nonce` and
   * `at_hash`, with 30 seconds for clocks that differ (OpenID Connect Core §3.1.3.7).
   *
   * @throws {AuthError} If it does not hold, or the provider refused or did not answer.
   */
  getAuthenticatedUser(options?: GetAuthenticatedUserOptions): Promise<OpenIDUser>;
  /**
   * Gets new tokens for a refresh token. An ID token that comes with them is verified.
   *
   * @throws {AuthError} With the `error` `"invalid_grant"` if the user has to log in anew.
   */
  refreshToken(refreshToken: string, options?: OpenIDRefreshOptions): Promise<TokenSet>;
  /**
   * Asks the provider what it knows of a user (OpenID Connect Core §5.3).
   *
   * @returns The claims.
   * @throws {AuthError} If they are another user's, or the provider refused or did not answer.
   */
  getUserinfo(options: UserinfoOptions): Promise<Readonly<Record<string, unknown>>>;
  /**
   * Sends the visitor to the provider to log out there, too (OpenID Connect RP-Initiated Logout 1.0),
   * and completes the response. Clear the application's own session first.
   *
   * @throws {AuthError} If the provider cannot be reached.
   * @throws {Error} If the provider does not offer it, as Google does not.
   */
  logoutRedirect(options: LogoutOptions): Promise<void>;
}

/**
 * The class of a handler with {@linkcode OpenIDConnectHandler}.
 *
 * @category Log-in
 */
// deno-lint-ignore no-explicit-any -- what a mixin's constructor has to look like
export type OpenIDConnectHandlerClass = abstract new (...args: any[]) => OpenIDConnectHandler;

/**
 * Adds log-in with an OpenID provider to a handler class (OpenID Connect Core 1.0, with Discovery):
 * what `OAuth2Mixin` does, and knows for certain who the user is. The settings `openidConnect` and
 * `cookieSecret` have to be there.
 *
 * @param Base The handler class, mostly `RequestHandler`.
 * @returns A class to derive from.
 *
 * @example
 * ```ts
 * import { Application, OpenIDConnectMixin, RequestHandler } from "@gustnado/gustnado";
 *
 * class Login extends OpenIDConnectMixin(RequestHandler) {
 *   override async get() {
 *     if (this.getArgument("code", null)) {
 *       const { claims, next } = await this.getAuthenticatedUser();
 *       // Remember claims.sub here.
 *       this.redirect(next);
 *     } else {
 *       await this.authorizeRedirect({ redirectUri: "https://site.example/login" });
 *     }
 *   }
 * }
 *
 * new Application([["/login", Login]], {
 *   cookieSecret: "change me",
 *   openidConnect: { issuer: "https://id.example", key: "my-client-id", secret: "my-secret" },
 * });
 * ```
 *
 * @category Log-in
 */
export function OpenIDConnectMixin<Base extends HandlerBase>(
  Base: Base,
): Base & OpenIDConnectHandlerClass {
  abstract class Login extends OAuth2Mixin(Base) implements OpenIDConnectHandler {
    getOpenIDSettings(): OpenIDSettings {
      return this.requireSetting("openidConnect", "OpenIDConnectMixin");
    }

    override getOAuthKeys(): OAuthKeys {
      return this.getOpenIDSettings();
    }

    override async getOAuthServer(): Promise<OAuthServer> {
      const { openIDServer } = await import("../open_id.ts");
      return await openIDServer(this);
    }

    override async authorizeRedirect(options: OpenIDAuthorizeOptions): Promise<void> {
      const { beginOpenIDLogin } = await import("../open_id.ts");
      await beginOpenIDLogin(this, options);
    }

    override async getAuthenticatedUser(
      options: GetAuthenticatedUserOptions = {},
    ): Promise<OpenIDUser> {
      const { completeOpenIDLogin } = await import("../open_id.ts");
      return await completeOpenIDLogin(this, options);
    }

    override async refreshToken(
      refreshToken: string,
      options: OpenIDRefreshOptions = {},
    ): Promise<TokenSet> {
      return await super.refreshToken(refreshToken, options);
    }

    async getUserinfo(options: UserinfoOptions): Promise<Readonly<Record<string, unknown>>> {
      const { userinfo } = await import("../open_id.ts");
      return await userinfo(this, options);
    }

    async logoutRedirect(options: LogoutOptions): Promise<void> {
      const { beginLogout } = await import("../open_id.ts");
      await beginLogout(this, options);
    }
  }
  return Login;
}
