/**
 * Log-in: with others by OAuth 2.0 and OpenID Connect (`tornado.auth`), and by passwords of your own.
 *
 * Here are {@linkcode hashPassword}, {@linkcode verifyPassword}, {@linkcode needsRehash},
 * {@linkcode OpenIDConnectMixin}, {@linkcode OAuth2Mixin}, {@linkcode FacebookGraphMixin},
 * {@linkcode GitHubOAuth2Mixin}, {@linkcode GoogleOAuth2Mixin}, {@linkcode AuthError}.
 *
 * @example
 * ```ts
 * import { hashPassword, verifyPassword } from "@gustnado/gustnado/auth";
 * import { assertEquals } from "@std/assert";
 *
 * const stored = await hashPassword("correct horse battery staple");
 * assertEquals(await verifyPassword("correct horse battery staple", stored), true);
 * assertEquals(await verifyPassword("Tr0ub4dor&3", stored), false);
 * ```
 *
 * @module
 */
export { AuthError, type AuthErrorKind, type AuthErrorOptions } from "./auth_error.ts";
export {
  type FacebookGraphHandler,
  type FacebookGraphHandlerClass,
  FacebookGraphMixin,
  type FacebookUser,
  type FacebookUserOptions,
} from "./mixins/facebook_graph_mixin.ts";
export {
  type GitHubOAuth2Handler,
  type GitHubOAuth2HandlerClass,
  GitHubOAuth2Mixin,
  type GitHubUser,
} from "./mixins/github_oauth2_mixin.ts";
export { GoogleOAuth2Mixin } from "./mixins/google_oauth2_mixin.ts";
export type {
  AuthorizeOptions,
  ClientOptions,
  GetAuthenticatedUserOptions,
  OAuth2RequestOptions,
  OpenIDAuthorizeOptions,
  OpenIDRefreshOptions,
} from "./login_options.ts";
export { type OAuth2Handler, type OAuth2HandlerClass, OAuth2Mixin } from "./mixins/oauth2_mixin.ts";
export type {
  JsonValue,
  OAuthKeys,
  OAuthServer,
  OpenIDSettings,
  ServerMetadata,
} from "./oauth_server.ts";
export type { LogoutOptions, UserinfoOptions } from "./open_id.ts";
export {
  type OpenIDConnectHandler,
  type OpenIDConnectHandlerClass,
  OpenIDConnectMixin,
} from "./mixins/open_id_connect_mixin.ts";
export type { AuthSettings } from "./settings.ts";
export type { Profile } from "./profile.ts";
export type { AuthenticatedUser, IDClaims, OpenIDUser, TokenSet } from "./token_set.ts";
export { hashPassword, needsRehash, verifyPassword } from "./passwords/password.ts";
export type { ScryptParameters } from "./passwords/password_hash.ts";
