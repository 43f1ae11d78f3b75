/** Log-in with Google. */
import type { HandlerBase } from "../../web/handler_traits.ts";
import type { OpenIDSettings } from "../oauth_server.ts";
import { type OpenIDConnectHandlerClass, OpenIDConnectMixin } from "./open_id_connect_mixin.ts";

const ISSUER = "https://accounts.google.com";

/**
 * Adds log-in with Google to a handler class (`tornado.auth.GoogleOAuth2Mixin`):
 * {@linkcode OpenIDConnectMixin} with Google as the provider and the setting
 * `googleOauth: { key, secret }`. Register the application and its `redirectUri` in the Google Cloud
 * console, under "Credentials", as a web application.
 *
 * @param Base The handler class, mostly `RequestHandler`.
 * @returns A class to derive from.
 *
 * @example
 * ```ts
 * import { Application, GoogleOAuth2Mixin, RequestHandler } from "@gustnado/gustnado";
 *
 * class Login extends GoogleOAuth2Mixin(RequestHandler) {
 *   override async get() {
 *     if (this.getArgument("code", null)) {
 *       const { claims, next } = await this.getAuthenticatedUser();
 *       // Remember claims.sub here.
 *       this.redirect(next);
 *     } else {
 *       await this.authorizeRedirect({
 *         redirectUri: "https://site.example/auth/google",
 *         scope: ["profile", "email"],
 *         extraParams: { prompt: "select_account" },
 *       });
 *     }
 *   }
 * }
 *
 * new Application([["/auth/google", Login]], {
 *   cookieSecret: "change me",
 *   googleOauth: { key: "my-client-id", secret: "my-client-secret" },
 * });
 * ```
 *
 * @category Log-in
 */
export function GoogleOAuth2Mixin<Base extends HandlerBase>(
  Base: Base,
): Base & OpenIDConnectHandlerClass {
  abstract class Login extends OpenIDConnectMixin(Base) {
    override getOpenIDSettings(): OpenIDSettings {
      return { issuer: ISSUER, ...this.requireSetting("googleOauth", "GoogleOAuth2Mixin") };
    }
  }
  return Login;
}
