/** Log-in with Facebook. */
import type { HandlerBase } from "../../web/handler_traits.ts";
import { checkOptions, STRINGS } from "../../checks/option_check.ts";
import { nodeCrypto } from "../../platform/node_builtins.ts";
import type { GetAuthenticatedUserOptions, OAuth2RequestOptions } from "../login_options.ts";
import { type OAuth2Handler, OAuth2Mixin } from "./oauth2_mixin.ts";
import type { OAuthKeys, OAuthServer } from "../oauth_server.ts";
import type { Profile } from "../profile.ts";
import type { AuthenticatedUser } from "../token_set.ts";

/**
 * Options of `getAuthenticatedUser` of {@linkcode FacebookGraphMixin}.
 *
 * @category Log-in
 */
export interface FacebookUserOptions extends GetAuthenticatedUserOptions {
  /** Fields of the user to ask for besides `id`, `name`, `first_name`, `last_name` and `picture`. */
  readonly extraFields?: readonly string[];
}

/**
 * A user that has come back from Facebook.
 *
 * @category Log-in
 */
export interface FacebookUser extends AuthenticatedUser {
  /** What Facebook says of the user; `id` is the user's within this application. */
  readonly profile: Profile;
}

/**
 * What {@linkcode FacebookGraphMixin} adds to a handler.
 *
 * @category Log-in
 */
export interface FacebookGraphHandler extends OAuth2Handler {
  /** Where the Graph interface is; `https://graph.facebook.com` unless overridden. */
  getFacebookGraphUrl(): string;
  /**
   * Completes the log-in when the visitor has come back, and asks Facebook who it is.
   *
   * @throws {AuthError} If it does not hold, or Facebook refused or did not answer.
   */
  getAuthenticatedUser(options?: FacebookUserOptions): Promise<FacebookUser>;
  /**
   * Sends a request to the Graph interface, as `oauth2Request` does, with an `appsecret_proof`: so that
   * the application can demand one, and stolen tokens are worth nothing without its secret.
   *
   * @param path The path, such as `"/me/feed"`.
   */
  facebookRequest(path: string, options?: OAuth2RequestOptions): Promise<unknown>;
}

/**
 * The class of a handler with {@linkcode FacebookGraphHandler}.
 *
 * @category Log-in
 */
// deno-lint-ignore no-explicit-any -- what a mixin's constructor has to look like
export type FacebookGraphHandlerClass = abstract new (...args: any[]) => FacebookGraphHandler;

const SERVER: OAuthServer = {
  authorizeUrl: "https://www.facebook.com/dialog/oauth",
  accessTokenUrl: "https://graph.facebook.com/oauth/access_token",
};
const GRAPH_URL = "https://graph.facebook.com";
const EXTRA_TYPES = { extraFields: STRINGS };
const FIELDS = ["id", "name", "first_name", "last_name", "picture"];

/**
 * Adds log-in with Facebook to a handler class (`tornado.auth.FacebookGraphMixin`):
 * {@linkcode OAuth2Mixin} with Facebook as the server and the settings `facebookApiKey` and
 * `facebookSecret`.
 *
 * @param Base The handler class, mostly `RequestHandler`.
 * @returns A class to derive from.
 *
 * @example
 * ```ts
 * import { Application, FacebookGraphMixin, RequestHandler } from "@gustnado/gustnado";
 *
 * class Login extends FacebookGraphMixin(RequestHandler) {
 *   override async get() {
 *     if (this.getArgument("code", null)) {
 *       const { profile, next } = await this.getAuthenticatedUser({ extraFields: ["email"] });
 *       // Remember profile.id here.
 *       this.redirect(next);
 *     } else {
 *       await this.authorizeRedirect({
 *         redirectUri: "https://site.example/auth/facebook",
 *         scope: ["email"],
 *       });
 *     }
 *   }
 * }
 *
 * new Application([["/auth/facebook", Login]], {
 *   cookieSecret: "change me",
 *   facebookApiKey: "my-app-id",
 *   facebookSecret: "my-app-secret",
 * });
 * ```
 *
 * @category Log-in
 */
export function FacebookGraphMixin<Base extends HandlerBase>(
  Base: Base,
): Base & FacebookGraphHandlerClass {
  abstract class Login extends OAuth2Mixin(Base) implements FacebookGraphHandler {
    override getOAuthServer(): OAuthServer | Promise<OAuthServer> {
      return SERVER;
    }

    override getOAuthKeys(): OAuthKeys {
      return {
        key: this.requireSetting("facebookApiKey", "FacebookGraphMixin"),
        secret: this.requireSetting("facebookSecret", "FacebookGraphMixin"),
      };
    }

    getFacebookGraphUrl(): string {
      return GRAPH_URL;
    }

    override async getAuthenticatedUser(
      { extraFields = [], ...options }: FacebookUserOptions = {},
    ): Promise<FacebookUser> {
      checkOptions({ extraFields }, EXTRA_TYPES, "option of getAuthenticatedUser()");
      const user = await super.getAuthenticatedUser(options);
      const { accessToken } = user;
      const { clientSecret = this.getOAuthKeys().secret } = options;
      const fields = [...new Set([...FIELDS, ...extraFields])].join(",");
      const args = { fields, ...proof(accessToken, clientSecret) };
      const answer = await this.oauth2Request(`${this.getFacebookGraphUrl()}/me`, {
        accessToken,
        args,
      });
      const { profileOf } = await import("../profile.ts");
      return { ...user, profile: profileOf(answer, "Facebook") };
    }

    async facebookRequest(path: string, options: OAuth2RequestOptions = {}): Promise<unknown> {
      const { secret } = this.getOAuthKeys();
      const args = { ...options.args, ...proof(options.accessToken, secret) };
      return await this.oauth2Request(this.getFacebookGraphUrl() + path, { ...options, args });
    }
  }
  return Login;
}

/** Shows that a request comes from who has the application's secret, and not only the token. */
function proof(accessToken?: string, secret?: string): Record<string, string> {
  if (secret === undefined || accessToken === undefined) return {};
  const hmac = nodeCrypto().createHmac("sha256", secret).update(accessToken);
  return { appsecret_proof: hmac.digest("hex") };
}
