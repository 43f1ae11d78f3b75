/**
 * An OpenID provider on loopback that signs with real keys, and lies as it is told.
 *
 * @module
 */

/** A key of the provider. */
export interface SigningKey {
  /** What the token's header calls it. */
  readonly kid: string;
  /** Both halves. */
  readonly pair: CryptoKeyPair;
}

/** The lies. What is not given is true. */
export interface Lies {
  /** Fields of the provider's description. */
  metadata?: Record<string, unknown>;
  /** Arguments of the redirect that brings the visitor back; `null` leaves one out. */
  callback?: Record<string, string | null>;
  /** Claims of the ID token; `null` leaves one out. */
  claims?: Record<string, unknown>;
  /** Fields of the ID token's header. */
  header?: Record<string, unknown>;
  /** What signs the ID token, in place of the published key. */
  signWith?: SigningKey;
  /** The ID token, in place of a signed one. */
  idToken?: (honest: string) => string;
  /** Answers in place of the token endpoint. */
  token?: (request: Request) => Response | Promise<Response>;
  /** Fields of the token endpoint's answer. */
  tokens?: Record<string, unknown>;
  /** Answers in place of the userinfo endpoint. */
  userinfo?: () => Response | Promise<Response>;
  /** Answers in place of the endpoint of the keys. */
  jwks?: () => Response | Promise<Response>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

/** A running provider. */
export class HostileOpenID implements AsyncDisposable {
  /** What it lies about; may be changed at any time. */
  lies: Lies = {};
  /** The keys that it publishes, the first of which signs. */
  keys: SigningKey[];
  /** The paths that were asked for, in order. */
  readonly requests: string[] = [];
  /** The forms that the token endpoint got. */
  readonly forms: URLSearchParams[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #codes = new Map<string, { nonce: string | null; challenge: string | null }>();

  private constructor(key: SigningKey) {
    this.keys = [key];
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  /** Starts a provider. */
  static async start(): Promise<HostileOpenID> {
    return new HostileOpenID(await HostileOpenID.newKey("first"));
  }

  /** Makes a key, which is not published yet. */
  static async newKey(kid: string): Promise<SigningKey> {
    return { kid, pair: await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) };
  }

  /** Its name, and the beginning of its URLs. */
  get issuer(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** How often a path was asked for. */
  count(path: string): number {
    return this.requests.filter((each) => each === path).length;
  }

  /** Stops the provider. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #answer(request: Request): Response | Promise<Response> {
    const url = new URL(request.url);
    this.requests.push(url.pathname);
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        return Response.json({ ...this.#metadata(), ...this.lies.metadata });
      case "/authorize":
        return this.#authorize(url.searchParams);
      case "/token":
        return this.lies.token?.(request) ?? this.#token(request);
      case "/jwks":
        return this.lies.jwks?.() ?? this.#jwks();
      case "/userinfo":
        return this.lies.userinfo?.() ?? Response.json({ sub: "ada", name: "Ada" });
      default:
        return new Response("Not found", { status: 404 });
    }
  }

  #metadata(): Record<string, unknown> {
    const { issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      userinfo_endpoint: `${issuer}/userinfo`,
      id_token_signing_alg_values_supported: ["ES256"],
      userinfo_signing_alg_values_supported: ["ES256"],
    };
  }

  #authorize(params: URLSearchParams): Response {
    const code = crypto.randomUUID();
    this.#codes.set(code, {
      nonce: params.get("nonce"),
      challenge: params.get("code_challenge"),
    });
    const back = new URL(params.get("redirect_uri") ?? "");
    const args = { code, state: params.get("state") ?? "", ...this.lies.callback };
    for (const [name, value] of Object.entries(args)) {
      if (value !== null) back.searchParams.set(name, value);
    }
    return Response.redirect(back.href, 302);
  }

  async #token(request: Request): Promise<Response> {
    const form = new URLSearchParams(await request.text());
    this.forms.push(form);
    const code = form.get("code") ?? "";
    const known = this.#codes.get(code);
    this.#codes.delete(code);
    const isRefresh = form.get("grant_type") === "refresh_token";
    if (!isRefresh && (known === undefined || known.challenge !== await challengeOf(form))) {
      return Response.json({ error: "invalid_grant" }, { status: 400 });
    }
    const honest = await this.#idToken(isRefresh ? null : known?.nonce ?? null);
    return Response.json({
      access_token: "secret-access-token",
      token_type: "Bearer",
      expires_in: 60,
      refresh_token: "secret-refresh-token",
      id_token: this.lies.idToken?.(honest) ?? honest,
      ...this.lies.tokens,
    });
  }

  async #jwks(): Promise<Response> {
    const keys = this.keys.map(async ({ kid, pair }) => {
      const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
      return { kty, crv, x, y, kid, use: "sig" };
    });
    return Response.json({ keys: await Promise.all(keys) });
  }

  #idToken(nonce: string | null): Promise<string> {
    const [published] = this.keys;
    const key = this.lies.signWith ?? published;
    if (key === undefined) throw new Error("Cannot sign: the provider has no key");
    const now = Math.floor(Date.now() / 1000);
    const honest = { iss: this.issuer, sub: "ada", aud: "gustnado", iat: now, exp: now + 60 };
    const claims = { ...honest, ...(nonce === null ? {} : { nonce }), ...this.lies.claims };
    const given = Object.entries(claims).filter(([, value]) => value !== null);
    return sign(
      { alg: "ES256", kid: key.kid, ...this.lies.header },
      Object.fromEntries(given),
      key,
    );
  }
}

/** Signs a token with ES256, whatever its header says. */
export async function sign(header: object, claims: object, key: SigningKey): Promise<string> {
  const text = `${base64Url(JSON.stringify(header))}.${base64Url(JSON.stringify(claims))}`;
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const bytes = new TextEncoder().encode(text);
  const signature = await crypto.subtle.sign(algorithm, key.pair.privateKey, bytes);
  return `${text}.${base64Url(new Uint8Array(signature))}`;
}

/** The base64url of bytes, or of a text's UTF-8. */
export function base64Url(value: string | Uint8Array): string {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

async function challengeOf(form: URLSearchParams): Promise<string> {
  const bytes = new TextEncoder().encode(form.get("code_verifier") ?? "");
  return base64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
