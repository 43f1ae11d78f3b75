/** Log-in with GitHub. */
import type { HandlerBase } from "../../web/handler_traits.ts";
import type { GetAuthenticatedUserOptions, OAuth2RequestOptions } from "../login_options.ts";
import { type OAuth2Handler, OAuth2Mixin } from "./oauth2_mixin.ts";
import type { OAuthKeys, OAuthServer } from "../oauth_server.ts";
import type { Profile } from "../profile.ts";
import type { AuthenticatedUser } from "../token_set.ts";

/**
 * A user that has come back from GitHub.
 *
 * @category Log-in
 */
export interface GitHubUser extends AuthenticatedUser {
  /**
   * What GitHub says of the user: `id`, which never changes, `login`, `name` and more. `email` is what
   * the user shows in public, and may be `null`.
   */
  readonly profile: Profile;
}

/**
 * What {@linkcode GitHubOAuth2Mixin} adds to a handler.
 *
 * @category Log-in
 */
export interface GitHubOAuth2Handler extends OAuth2Handler {
  /** Where GitHub's REST interface is; `https://api.github.com` unless overridden. */
  getGitHubApiUrl(): string;
  /**
   * Completes the log-in when the visitor has come back, and asks GitHub who it is.
   *
   * @throws {AuthError} If it does not hold, or GitHub refused or did not answer.
   */
  getAuthenticatedUser(options?: GetAuthenticatedUserOptions): Promise<GitHubUser>;
  /**
   * Sends a request to GitHub's REST interface, as `oauth2Request` does.
   *
   * @param path The path, such as `"/user/emails"`.
   */
  githubRequest(path: string, options?: OAuth2RequestOptions): Promise<unknown>;
}

/**
 * The class of a handler with {@linkcode GitHubOAuth2Handler}.
 *
 * @category Log-in
 */
// deno-lint-ignore no-explicit-any -- what a mixin's constructor has to look like
export type GitHubOAuth2HandlerClass = abstract new (...args: any[]) => GitHubOAuth2Handler;

const SERVER: OAuthServer = {
  issuer: "https://github.com/login/oauth",
  authorizeUrl: "https://github.com/login/oauth/authorize",
  accessTokenUrl: "https://github.com/login/oauth/access_token",
};
const API_URL = "https://api.github.com";
const MEDIA_TYPE = "application/vnd.github+json";

/**
 * Adds log-in with GitHub to a handler class: {@linkcode OAuth2Mixin} with GitHub as the server and the
 * setting `githubOauth: { key, secret }`. For GitHub Enterprise, override `getOAuthServer` and
 * `getGitHubApiUrl`.
 *
 * @param Base The handler class, mostly `RequestHandler`.
 * @returns A class to derive from.
 *
 * @example
 * ```ts
 * import { Application, GitHubOAuth2Mixin, RequestHandler } from "@gustnado/gustnado";
 *
 * class Login extends GitHubOAuth2Mixin(RequestHandler) {
 *   override async get() {
 *     if (this.getArgument("code", null)) {
 *       const { profile, next } = await this.getAuthenticatedUser();
 *       // Remember profile.id here.
 *       this.redirect(next);
 *     } else {
 *       await this.authorizeRedirect({ redirectUri: "https://site.example/auth/github" });
 *     }
 *   }
 * }
 *
 * new Application([["/auth/github", Login]], {
 *   cookieSecret: "change me",
 *   githubOauth: { key: "my-client-id", secret: "my-client-secret" },
 * });
 * ```
 *
 * @category Log-in
 */
export function GitHubOAuth2Mixin<Base extends HandlerBase>(
  Base: Base,
): Base & GitHubOAuth2HandlerClass {
  abstract class Login extends OAuth2Mixin(Base) implements GitHubOAuth2Handler {
    override getOAuthServer(): OAuthServer | Promise<OAuthServer> {
      return SERVER;
    }

    override getOAuthKeys(): OAuthKeys {
      return this.requireSetting("githubOauth", "GitHubOAuth2Mixin");
    }

    getGitHubApiUrl(): string {
      return API_URL;
    }

    override async getAuthenticatedUser(
      options: GetAuthenticatedUserOptions = {},
    ): Promise<GitHubUser> {
      const user = await super.getAuthenticatedUser(options);
      const { accessToken } = user;
      const { profileOf } = await import("../profile.ts");
      const profile = profileOf(await this.githubRequest("/user", { accessToken }), "GitHub");
      return { ...user, profile };
    }

    async githubRequest(path: string, options: OAuth2RequestOptions = {}): Promise<unknown> {
      const headers = { accept: MEDIA_TYPE, ...options.headers };
      return await this.oauth2Request(this.getGitHubApiUrl() + path, { ...options, headers });
    }
  }
  return Login;
}
