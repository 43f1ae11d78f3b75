/** The steps of a log-in (RFC 6749 §4.1, with RFC 7636 and RFC 9207; OpenID Connect Core §3.1). */
import * as oauth from "oauth4webapi";
import type { RequestHandler } from "../web/request_handler.ts";
import { checkOptions } from "../checks/option_check.ts";
import { safeNext } from "../web/signed/safe_next.ts";
import { AuthError } from "./auth_error.ts";
import { attempt } from "./login_failure.ts";
import { hasFlow, keepFlow, type LoginFlow, takeFlow } from "./flow_cookie.ts";
import type {
  AuthorizeOptions,
  ClientOptions,
  GetAuthenticatedUserOptions,
} from "./login_options.ts";
import type { OAuth2Handler } from "./mixins/oauth2_mixin.ts";
import { AUTHORIZE_TYPES, givenTexts, USER_TYPES } from "./option_types.ts";
import { Provider, type ProviderTokens } from "./provider.ts";
import { secureUrl } from "./secure_url.ts";

/** A handler that logs visitors in. */
export type LoginHandler = RequestHandler & OAuth2Handler;

/** What the mixin adds to what a handler asked for. */
export interface AuthorizeDetails {
  /** Whether an ID token is expected. */
  readonly openid?: boolean;
  /** The greatest age of the log-in at the provider, in seconds. */
  readonly maxAge?: number | null;
}

/** Tokens, and where to go now. */
export interface CompletedLogin extends ProviderTokens {
  /** Where to go now. */
  readonly next: string;
}

/** Bytes of JSON. With a longer target the sealed flow would not fit into a cookie. */
const LONGEST_NEXT = 2_000;

/**
 * Sends the visitor to the provider.
 *
 * @throws {AuthError} If the visitor has just come back from there with a refusal: asking again would
 *   go round in circles. Also if the provider is insecure.
 * @throws {TypeError} If an option is unknown or ill-typed.
 */
export async function beginLogin(
  handler: LoginHandler,
  options: AuthorizeOptions,
  { openid = false, maxAge = null }: AuthorizeDetails = {},
): Promise<void> {
  checkOptions(options, AUTHORIZE_TYPES, "option of authorizeRedirect()");
  if (isRefusal(handler)) await completeLogin(handler, clientOf(options));
  checkExtraParams(options.extraParams);
  const { server, client } = await Provider.of(handler, clientOf(options));
  const url = secureUrl(server.authorization_endpoint ?? "");
  const flow: LoginFlow = {
    issuer: server.issuer,
    clientId: client.client_id,
    redirectUri: absolute(options.redirectUri),
    codeVerifier: oauth.generateRandomCodeVerifier(),
    nonce: openid ? oauth.generateRandomNonce() : null,
    maxAge,
    next: nextOf(handler, options),
  };
  const state = oauth.generateRandomState();
  const extraParams = givenTexts(options.extraParams);
  const params = { ...await authorizationParams(flow, state, options), ...extraParams };
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  keepFlow(handler, state, flow);
  handler.setHeader("Cache-Control", "no-store");
  handler.redirect(url.href);
}

/**
 * Takes up a log-in when the visitor comes back, and gets the tokens.
 *
 * @throws {AuthError} If the request belongs to no log-in of this browser, if the provider refused, or
 *   if its answer does not hold.
 * @throws {TypeError} If an option is unknown or ill-typed.
 */
export async function completeLogin(
  handler: LoginHandler,
  options: GetAuthenticatedUserOptions = {},
): Promise<CompletedLogin> {
  handler.request.hideQuery();
  checkOptions(options, USER_TYPES, "option of getAuthenticatedUser()");
  const params = new URLSearchParams(handler.request.query);
  const flow = flowOf(handler, params);
  const provider = await Provider.of(handler, options);
  checkFlow(flow, provider, options);
  const tokens = await attempt("log in", () => provider.exchange(params, flow));
  return { ...tokens, next: flow.next };
}

async function authorizationParams(
  flow: LoginFlow,
  state: string,
  { scope = [] }: AuthorizeOptions,
): Promise<Record<string, string>> {
  return {
    response_type: "code",
    client_id: flow.clientId,
    redirect_uri: flow.redirectUri,
    ...(scope.length === 0 ? {} : { scope: scope.join(" ") }),
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(flow.codeVerifier),
    code_challenge_method: "S256",
    ...(flow.nonce === null ? {} : { nonce: flow.nonce }),
    ...(flow.maxAge === null ? {} : { max_age: String(flow.maxAge) }),
  };
}

/** What protects the log-in is not for handlers to say. */
const RESERVED: ReadonlySet<string> = new Set([
  "client_id",
  "code_challenge",
  "code_challenge_method",
  "max_age",
  "nonce",
  "redirect_uri",
  "response_mode",
  "response_type",
  "scope",
  "state",
]);

function checkExtraParams(params: Readonly<Record<string, string>> = {}): void {
  const name = Object.keys(params).find((name) => RESERVED.has(name));
  if (name === undefined) return;
  throw new TypeError(
    `Cannot set "${name}" in extraParams: authorizeRedirect() sets it itself, or has an option for it`,
  );
}

function absolute(redirectUri: string): string {
  if (/^https?:$/.test(URL.parse(redirectUri)?.protocol ?? "")) return redirectUri;
  throw new TypeError(
    `Cannot use ${
      JSON.stringify(redirectUri)
    } as redirectUri: it is not an absolute http or https URL`,
  );
}

function nextOf(handler: RequestHandler, options: AuthorizeOptions): string {
  const next = safeNext(options.next ?? handler.getArgument("next", null) ?? "/");
  const { length } = new TextEncoder().encode(JSON.stringify(next));
  return length > LONGEST_NEXT ? "/" : next;
}

function isRefusal(handler: RequestHandler): boolean {
  const params = new URLSearchParams(handler.request.query);
  const state = params.get("state");
  return params.has("error") && state !== null && hasFlow(handler, state);
}

function flowOf(handler: RequestHandler, params: URLSearchParams): LoginFlow {
  const [state, second] = params.getAll("state");
  if (state === undefined) throw stray('the request has no "state"');
  if (second !== undefined) throw stray('the request has more than one "state"');
  const flow = takeFlow(handler, state);
  if (flow !== null) return flow;
  throw stray(
    "this browser has no such log-in under way; it was begun elsewhere or too long ago, or is complete",
  );
}

function checkFlow(
  flow: LoginFlow,
  { server, client }: Provider,
  { redirectUri }: GetAuthenticatedUserOptions,
): void {
  if (flow.issuer !== server.issuer) throw stray("it was begun with another provider");
  if (flow.clientId !== client.client_id) throw stray("it was begun for another client");
  if (redirectUri !== undefined && redirectUri !== flow.redirectUri) {
    throw stray("it was begun with another redirectUri");
  }
}

function stray(why: string): AuthError {
  return new AuthError(`Cannot log in: ${why}`, { kind: "flow" });
}

function clientOf({ clientId }: AuthorizeOptions): ClientOptions {
  return clientId === undefined ? {} : { clientId };
}
