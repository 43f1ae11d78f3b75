/** A provider, and the requests to it that carry a code, a token or a secret. */
import * as oauth from "oauth4webapi";
import { checkOptions } from "../checks/option_check.ts";
import type { RequestHandler } from "../web/request_handler.ts";
import { attempt } from "./login_failure.ts";
import type { LoginFlow } from "./flow_cookie.ts";
import { checkIDToken, CLOCK_TOLERANCE } from "./id_token.ts";
import type { ClientOptions, OpenIDRefreshOptions } from "./login_options.ts";
import type { OAuth2Handler } from "./mixins/oauth2_mixin.ts";
import { checkKeys, checkServer, CLIENT_TYPES, REFRESH_TYPES } from "./option_types.ts";
import type { OAuthKeys, OAuthServer, ServerMetadata } from "./oauth_server.ts";
import { providerFetch, type ProviderRequest } from "./provider_fetch.ts";
import { isLoopback, secureUrl } from "./secure_url.ts";
import type { IDClaims, TokenSet } from "./token_set.ts";

/** What a provider gave. */
export interface ProviderTokens {
  /** The tokens. */
  readonly tokens: TokenSet;
  /** What the ID token says; `null` where none was expected. */
  readonly claims: IDClaims | null;
}

/** How `oauth4webapi` is to send. */
interface Transport {
  readonly [oauth.customFetch]: (url: string, request: ProviderRequest) => Promise<Response>;
  readonly [oauth.allowInsecureRequests]: boolean;
}

/** A provider, as the handlers of one application see it. */
export class Provider {
  /** What is known of the provider. */
  readonly server: ServerMetadata;
  /** The application, as the provider knows it. */
  readonly client: oauth.Client;
  readonly #isDiscovered: boolean;
  readonly #tellsIssuer: boolean;
  readonly #auth: oauth.ClientAuth;
  readonly #transport: Transport;

  private constructor(server: OAuthServer, keys: OAuthKeys, transport: Transport) {
    this.server = server.metadata ?? describe(server);
    this.client = { client_id: keys.key, [oauth.clockTolerance]: CLOCK_TOLERANCE };
    this.#isDiscovered = server.metadata !== undefined;
    this.#tellsIssuer = this.#isDiscovered || server.issuer !== undefined;
    this.#auth = clientAuth(server, keys);
    this.#transport = transport;
  }

  /**
   * The provider of a handler.
   *
   * @param options The client, where it is not that of `getOAuthKeys()`.
   * @throws {TypeError} If what the handler says of the provider is ill-typed.
   */
  static async of(
    handler: RequestHandler & OAuth2Handler,
    { clientId, clientSecret }: ClientOptions = {},
  ): Promise<Provider> {
    const keys = clientId === undefined
      ? handler.getOAuthKeys()
      : { key: clientId, ...(clientSecret === undefined ? {} : { secret: clientSecret }) };
    const server = await handler.getOAuthServer();
    checkKeys(keys);
    checkServer(server);
    const root = secureUrl(server.metadata?.issuer ?? server.accessTokenUrl);
    return new Provider(server, keys, {
      [oauth.customFetch]: providerFetch(handler.getAuthHttpClient()),
      [oauth.allowInsecureRequests]: isLoopback(root),
    });
  }

  /** Turns the code of a response into tokens. */
  async exchange(params: URLSearchParams, flow: LoginFlow): Promise<ProviderTokens> {
    // A server that was never asked for its name may send any.
    if (!this.#tellsIssuer) params.delete("iss");
    const state = params.get("state") ?? oauth.expectNoState;
    const { server, client } = this;
    const callback = oauth.validateAuthResponse(server, client, params, state);
    const { redirectUri, codeVerifier } = flow;
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      this.#auth,
      callback,
      redirectUri,
      codeVerifier,
      this.#transport,
    );
    if (flow.nonce === null) return await this.#plainTokens(response);
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: flow.nonce,
      ...(flow.maxAge === null ? {} : { maxAge: flow.maxAge }),
    });
    return await this.#openIDTokens(tokens, response);
  }

  /** Gets new tokens for a refresh token. */
  refresh(refreshToken: string, { subject }: OpenIDRefreshOptions): Promise<ProviderTokens> {
    return attempt("refresh the tokens", async () => {
      const { server, client } = this;
      const response = await oauth.refreshTokenGrantRequest(
        server,
        client,
        this.#auth,
        refreshToken,
        this.#transport,
      );
      if (!this.#isDiscovered) return await this.#plainTokens(response);
      const tokens = await oauth.processRefreshTokenResponse(server, client, response);
      // Providers need not send a new ID token (OpenID Connect Core §12.2).
      if (tokens.id_token === undefined) return { tokens: tokenSet(tokens), claims: null };
      return await this.#openIDTokens(tokens, response, subject);
    });
  }

  /** Makes a token worthless (RFC 7009); `false` if the provider does not offer it. */
  async revoke(token: string): Promise<boolean> {
    const { server, client } = this;
    if (server.revocation_endpoint === undefined) return false;
    await attempt("revoke a token", async () => {
      const response = await oauth.revocationRequest(
        server,
        client,
        this.#auth,
        token,
        this.#transport,
      );
      await oauth.processRevocationResponse(response);
    });
    return true;
  }

  /** What the provider knows of a user, who has to be the one that is expected. */
  userinfo(accessToken: string, subject: string): Promise<oauth.UserInfoResponse> {
    return attempt("ask who the user is", async () => {
      const { server, client } = this;
      const response = await oauth.userInfoRequest(server, client, accessToken, this.#transport);
      const claims = await oauth.processUserInfoResponse(server, client, subject, response);
      if (isSigned(response)) await this.#checkSignature(response);
      return claims;
    });
  }

  async #plainTokens(response: Response): Promise<ProviderTokens> {
    const { server, client } = this;
    const plain = await withoutIDToken(response);
    const tokens = await oauth.processGenericTokenEndpointResponse(server, client, plain);
    return { tokens: tokenSet(tokens), claims: null };
  }

  async #openIDTokens(
    tokens: oauth.TokenEndpointResponse,
    response: Response,
    subject?: string,
  ): Promise<ProviderTokens> {
    await this.#checkSignature(response);
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    if (claims === undefined) throw new TypeError("Cannot read the ID token: there is none");
    await checkIDToken(tokens, claims, subject);
    return { tokens: tokenSet(tokens), claims };
  }

  /** By the keys that the provider publishes; they are asked for again when one is not among them. */
  async #checkSignature(response: Response): Promise<void> {
    await oauth.validateApplicationLevelSignature(this.server, response, this.#transport);
  }
}

/** The library takes nothing else for a token, and so leaves none unchecked. */
function isSigned(response: Response): boolean {
  return /^application\/jwt/i.test(response.headers.get("content-type") ?? "");
}

/**
 * Gets new tokens for a refresh token of a handler's provider.
 *
 * @throws {TypeError} If an option is unknown or ill-typed.
 */
export async function refreshTokens(
  handler: RequestHandler & OAuth2Handler,
  refreshToken: string,
  options: OpenIDRefreshOptions,
): Promise<TokenSet> {
  checkOptions(options, REFRESH_TYPES, "option of refreshToken()");
  const provider = await Provider.of(handler, options);
  return (await provider.refresh(refreshToken, options)).tokens;
}

/**
 * Makes a token of a handler's provider worthless.
 *
 * @throws {TypeError} If an option is unknown or ill-typed.
 */
export async function revokeToken(
  handler: RequestHandler & OAuth2Handler,
  token: string,
  options: ClientOptions,
): Promise<boolean> {
  checkOptions(options, CLIENT_TYPES, "option of revokeToken()");
  return await (await Provider.of(handler, options)).revoke(token);
}

function describe(server: OAuthServer): ServerMetadata {
  const { authorizeUrl, accessTokenUrl, revocationUrl } = server;
  return {
    issuer: server.issuer ?? secureUrl(authorizeUrl).origin,
    authorization_endpoint: authorizeUrl,
    token_endpoint: accessTokenUrl,
    ...(revocationUrl === undefined ? {} : { revocation_endpoint: revocationUrl }),
  };
}

function clientAuth(server: OAuthServer, { secret }: OAuthKeys): oauth.ClientAuth {
  if (secret === undefined) return oauth.None();
  return server.clientAuth === "basic"
    ? oauth.ClientSecretBasic(secret)
    : oauth.ClientSecretPost(secret);
}

/** An ID token that nobody can verify must not be taken for one that was. */
async function withoutIDToken(response: Response): Promise<Response> {
  if (response.status !== 200) return response;
  const text = await response.text();
  return new Response(dropIDToken(text), { status: 200, headers: response.headers });
}

function dropIDToken(text: string): string {
  try {
    const tokens: unknown = JSON.parse(text);
    const isObject = typeof tokens === "object" && tokens !== null && !Array.isArray(tokens);
    return isObject ? JSON.stringify({ ...tokens, id_token: undefined }) : text;
  } catch {
    // The library says what is wrong with it.
    return text;
  }
}

function tokenSet(tokens: oauth.TokenEndpointResponse): TokenSet {
  const { expires_in: seconds } = tokens;
  return {
    accessToken: tokens.access_token,
    tokenType: tokens.token_type,
    expiresAt: seconds === undefined ? null : Date.now() + seconds * 1000,
    refreshToken: tokens.refresh_token ?? null,
    idToken: tokens.id_token ?? null,
    // GitHub and Facebook put commas where RFC 6749 §3.3 has spaces.
    scope: tokens.scope === undefined ? null : tokens.scope.split(/[ ,]+/).filter(Boolean),
  };
}
