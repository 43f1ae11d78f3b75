/** What OpenID Connect adds to the steps of a log-in. */
import type { RequestHandler } from "../web/request_handler.ts";
import { checkOptions } from "../checks/option_check.ts";
import { AuthError } from "./auth_error.ts";
import { discover } from "./discovery.ts";
import { beginLogin, completeLogin } from "./login.ts";
import type {
  ClientOptions,
  GetAuthenticatedUserOptions,
  OpenIDAuthorizeOptions,
} from "./login_options.ts";
import type { OAuthServer, ServerMetadata } from "./oauth_server.ts";
import type { OpenIDConnectHandler } from "./mixins/open_id_connect_mixin.ts";
import { LOGOUT_TYPES, OPENID_AUTHORIZE_TYPES, USERINFO_TYPES } from "./option_types.ts";
import { Provider } from "./provider.ts";
import { providerFetch } from "./provider_fetch.ts";
import { secureUrl } from "./secure_url.ts";
import type { OpenIDUser } from "./token_set.ts";

/**
 * Options of `getUserinfo`.
 *
 * @category Log-in
 */
export interface UserinfoOptions {
  /** The user's access token. */
  readonly accessToken: string;
  /** The `sub` of the user's verified ID token: an answer about anyone else is refused. */
  readonly subject: string;
}

/**
 * Options of `logoutRedirect`.
 *
 * @category Log-in
 */
export interface LogoutOptions extends ClientOptions {
  /** The ID token of the log-in, by which the provider knows whom to log out. */
  readonly idToken?: string;
  /** The absolute URL to come back to, as it is registered with the provider. */
  readonly redirectUri?: string;
}

type Handler = RequestHandler & OpenIDConnectHandler;

const DEFAULT_SCOPE = ["openid", "profile", "email"];

/** The endpoints of a handler's provider, as it describes them itself. */
export async function openIDServer(handler: Handler): Promise<OAuthServer> {
  const { issuer } = handler.getOpenIDSettings();
  const fetch = providerFetch(handler.getAuthHttpClient());
  const metadata = await discover(handler.application, { issuer, fetch });
  return {
    issuer: metadata.issuer,
    authorizeUrl: endpoint(metadata, "authorization_endpoint"),
    accessTokenUrl: endpoint(metadata, "token_endpoint"),
    clientAuth: clientAuthOf(metadata),
    metadata,
  };
}

/** As {@linkcode beginLogin}, for a log-in that has to have an ID token. */
export async function beginOpenIDLogin(
  handler: Handler,
  options: OpenIDAuthorizeOptions,
): Promise<void> {
  checkOptions(options, OPENID_AUTHORIZE_TYPES, "option of authorizeRedirect()");
  const { maxAge, ...rest } = options;
  const scope = [...new Set(["openid", ...options.scope ?? DEFAULT_SCOPE])];
  await beginLogin(handler, { ...rest, scope }, {
    openid: true,
    maxAge: maxAge === undefined ? null : Math.floor(maxAge / 1000),
  });
}

/** As {@linkcode completeLogin}, for a log-in that has to have an ID token. */
export async function completeOpenIDLogin(
  handler: Handler,
  options: GetAuthenticatedUserOptions,
): Promise<OpenIDUser> {
  const { tokens, claims, next } = await completeLogin(handler, options);
  const { idToken } = tokens;
  if (claims !== null && idToken !== null) return { ...tokens, idToken, claims, next };
  throw new AuthError("Cannot log in: it was begun without OpenID Connect", { kind: "flow" });
}

/** What the provider knows of a user. */
export async function userinfo(
  handler: Handler,
  options: UserinfoOptions,
): Promise<Readonly<Record<string, unknown>>> {
  checkOptions(options, USERINFO_TYPES, "option of getUserinfo()");
  const { accessToken, subject } = options;
  if (accessToken === undefined || subject === undefined) {
    throw new TypeError('Cannot ask who the user is: set "accessToken" and "subject"');
  }
  return await (await Provider.of(handler)).userinfo(accessToken, subject);
}

/** Sends the visitor to the provider to log out. */
export async function beginLogout(handler: Handler, options: LogoutOptions): Promise<void> {
  checkOptions(options, LOGOUT_TYPES, "option of logoutRedirect()");
  const { server, client } = await Provider.of(handler, options);
  const { end_session_endpoint: endSession, issuer } = server;
  if (endSession === undefined) {
    throw new Error(
      `Cannot log out at ${JSON.stringify(issuer)}: it has no end_session_endpoint; ` +
        "end the session here only",
    );
  }
  const url = secureUrl(endSession);
  const { idToken, redirectUri } = options;
  url.searchParams.set("client_id", client.client_id);
  if (idToken !== undefined) url.searchParams.set("id_token_hint", idToken);
  if (redirectUri !== undefined) url.searchParams.set("post_logout_redirect_uri", redirectUri);
  handler.redirect(url.href);
}

function endpoint(
  metadata: ServerMetadata,
  name: "authorization_endpoint" | "token_endpoint",
): string {
  const url = metadata[name];
  if (typeof url === "string") return url;
  const issuer = JSON.stringify(metadata.issuer);
  throw new AuthError(`Cannot log in with ${issuer}: its description has no ${name}`, {
    kind: "response",
  });
}

/** The default of the specification is "basic" (OpenID Connect Discovery §3). */
function clientAuthOf(metadata: ServerMetadata): "post" | "basic" {
  const methods = metadata.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  const postOnly = methods.includes("client_secret_post") &&
    !methods.includes("client_secret_basic");
  return postOnly ? "post" : "basic";
}
