import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import type { OAuthKeys, OAuthServer } from "../../src/auth/oauth_server.ts";
import type { OpenIDConnectHandler } from "../../src/auth/mixins/open_id_connect_mixin.ts";
import { FacebookGraphMixin } from "../../src/auth/mixins/facebook_graph_mixin.ts";
import { OAuth2Mixin } from "../../src/auth/mixins/oauth2_mixin.ts";
import { OpenIDConnectMixin } from "../../src/auth/mixins/open_id_connect_mixin.ts";
import { hashPassword, needsRehash, verifyPassword } from "../../src/auth/passwords/password.ts";
import { AsyncHTTPClient } from "../../src/client/async_http_client.ts";
import { Application } from "../../src/web/application.ts";
import type { HandlerClass } from "../../src/web/handler_traits.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";

/** What the types would not let pass. */
const untyped = <T>(value: unknown): T => value as T;

const SERVER: OAuthServer = {
  authorizeUrl: "https://id.example/authorize",
  accessTokenUrl: "https://id.example/token",
};
const KEYS: OAuthKeys = { key: "key", secret: "client-secret" };
const redirectUri = "https://site.example/login";

/** Where requests go: nobody is asked unless the test says what is answered. */
function clientOf(answer: (url: string, init: RequestInit) => Response): AsyncHTTPClient {
  return new AsyncHTTPClient({ fetch: (url, init) => Promise.resolve(answer(url, init)) });
}

const silent = clientOf(() => {
  throw new Error("Something was sent");
});

/** Runs something within a handler of OAuth 2.0. */
function withinOAuth(
  use: (handler: OpenIDConnectHandler) => unknown,
  { server = SERVER, keys = KEYS, client = silent } = {},
): Promise<unknown> {
  class Login extends OAuth2Mixin(RequestHandler) {
    override getOAuthServer() {
      return server;
    }
    override getOAuthKeys() {
      return keys;
    }
    override getAuthHttpClient() {
      return client;
    }
  }
  return within(Login, use);
}

/** Runs something within a handler of OpenID Connect. */
function withinOpenID(use: (handler: OpenIDConnectHandler) => unknown): Promise<unknown> {
  class Login extends OpenIDConnectMixin(RequestHandler) {
    override getOAuthServer() {
      return Promise.resolve(SERVER);
    }
    override getAuthHttpClient() {
      return silent;
    }
  }
  return within(Login, use);
}

async function within(
  Login: HandlerClass,
  use: (handler: OpenIDConnectHandler) => unknown,
): Promise<unknown> {
  let outcome: unknown;
  class Within extends untyped<typeof RequestHandler>(Login) {
    override async get() {
      outcome = await Promise.try(() => use(untyped(this))).catch((error) => error);
    }
  }
  const app = new Application([["/", untyped<HandlerClass>(Within)]], {
    cookieSecret: "cookie-secret of these tests",
    openidConnect: { ...KEYS, issuer: "https://id.example" },
    facebookApiKey: "key",
    facebookSecret: "client-secret",
  });
  const response = await app.fetch(new Request("http://localhost/"));
  const location = response.headers.get("location");
  return outcome ?? location;
}

/** The members that an error names. */
function assertRefusal(error: unknown, name: string): void {
  assertInstanceOf(error, Error, `"${name}" is taken: ${error}`);
  assert(error instanceof TypeError || error instanceof RangeError, String(error));
  assert(error.message.includes(`"${name}"`), error.message);
  assert(!error.message.includes("hush"), error.message);
}

const texts = [1, null, ["hush"]];
const records = ["hush", ["hush"], { a: 1 }, null];

const refused: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  authorizeRedirect: {
    clientId: [1, null],
    scope: ["read", [1], null],
    extraParams: records,
    next: [1, null],
    redirect_uri: [redirectUri],
  },
  getAuthenticatedUser: { clientId: [1], clientSecret: texts, redirectUri: [1, null], code: ["x"] },
  refreshToken: { clientId: [1], clientSecret: texts, subject: [1, null], scope: ["x"] },
  revokeToken: { clientId: [1], clientSecret: texts, tokenTypeHint: ["x"] },
  oauth2Request: {
    accessToken: texts,
    args: records,
    body: records,
    json: [() => "hush"],
    method: [1, null],
    headers: records,
    access_token: ["hush"],
  },
};

/** Calls a method that has its options last. */
function call(handler: object, method: string, options: object): unknown {
  const first = method === "oauth2Request"
    ? ["https://id.example/me"]
    : method === "refreshToken" || method === "revokeToken"
    ? ["token"]
    : [];
  return Reflect.apply(Reflect.get(handler, method), handler, [...first, options]);
}

Deno.test("log-in methods refuse options that are unknown or ill-typed, before anything is sent", async () => {
  for (const [method, options] of Object.entries(refused)) {
    for (const [name, values] of Object.entries(options)) {
      for (const value of values) {
        const given = {
          ...method === "authorizeRedirect" && { redirectUri },
          [name]: value,
        };
        assertRefusal(await withinOAuth((handler) => call(handler, method, given)), name);
        assertRefusal(await withinOpenID((handler) => call(handler, method, given)), name);
      }
    }
  }
});

Deno.test("log-in methods of OpenID Connect refuse what is unknown or ill-typed", async () => {
  for (const maxAge of [NaN, -1, Infinity, "1", null]) {
    const options = untyped<{ redirectUri: string }>({ redirectUri, maxAge });
    assertRefusal(await withinOpenID((handler) => handler.authorizeRedirect(options)), "maxAge");
  }
  // Without OpenID Connect nothing would hold it.
  const aged = untyped<{ redirectUri: string }>({ redirectUri, maxAge: 1000 });
  assertRefusal(await withinOAuth((handler) => handler.authorizeRedirect(aged)), "maxAge");
  for (const [name, value] of [["idToken", 1], ["redirectUri", 1], ["id_token", "hush"]]) {
    const options = { [String(name)]: value };
    const out = await withinOpenID((handler) => handler.logoutRedirect(untyped(options)));
    assertRefusal(out, String(name));
  }
  for (
    const options of [{ accessToken: "t" }, { subject: "s" }, {
      accessToken: "t",
      subject: undefined,
    }]
  ) {
    const out = await withinOpenID((handler) => handler.getUserinfo(untyped(options)));
    assertInstanceOf(out, TypeError);
    assert(out.message.includes('"subject"'), out.message);
  }
});

Deno.test("log-in with Facebook refuses extra fields that are no list of texts", async () => {
  for (const extraFields of ["email", [1], null]) {
    const out = await within(
      FacebookGraphMixin(RequestHandler),
      (handler) => call(handler, "getAuthenticatedUser", { extraFields }),
    );
    assertRefusal(out, "extraFields");
  }
});

Deno.test("log-in refuses a server or keys that are ill-typed: no unknown word decides how a secret travels", async () => {
  const begin = (handler: OpenIDConnectHandler) => handler.authorizeRedirect({ redirectUri });
  for (const clientAuth of ["Basic", "POST", "none", null]) {
    const server = untyped<OAuthServer>({ ...SERVER, clientAuth });
    assertRefusal(await withinOAuth(begin, { server }), "clientAuth");
  }
  const misspelt = untyped<OAuthServer>({ ...SERVER, client_auth: "basic" });
  assertRefusal(await withinOAuth(begin, { server: misspelt }), "client_auth");
  for (const keys of [{}, { key: 1 }, { key: "k", secret: ["hush"] }, Promise.resolve(KEYS)]) {
    const out = await withinOAuth(begin, { keys: untyped<OAuthKeys>(keys) });
    assertRefusal(out, untyped<Partial<OAuthKeys>>(keys).secret === undefined ? "key" : "secret");
  }
});

Deno.test("option of a log-in that is undefined counts as not given, in what is sent too", async () => {
  const url = await withinOAuth((handler) =>
    handler.authorizeRedirect(untyped({
      redirectUri,
      clientId: undefined,
      scope: undefined,
      next: undefined,
      extraParams: { prompt: undefined, hint: "x" },
    }))
  );
  const { searchParams } = new URL(String(url));
  const given = ["prompt", "hint", "scope"].map((name) => searchParams.get(name));
  assertEquals(given, [null, "x", null]);
  const sent: string[] = [];
  const client = clientOf((url, init) => {
    sent.push(`${init.method} ${url} ${init.body} ${new Headers(init.headers).has("x-a")}`);
    return Response.json({});
  });
  await withinOAuth((handler) =>
    handler.oauth2Request(
      "https://id.example/me",
      untyped({
        accessToken: undefined,
        args: { a: "1", b: undefined },
        body: { c: "2", d: undefined },
        json: undefined,
        method: undefined,
        headers: { "x-a": undefined },
      }),
    ), { client });
  assertEquals(sent, ["POST https://id.example/me?a=1 c=2 false"]);
});

Deno.test("oauth2Request sends a form or JSON, not both", async () => {
  const out = await withinOAuth((handler) =>
    handler.oauth2Request("https://id.example/me", { body: { a: "1" }, json: {} })
  );
  assertInstanceOf(out, TypeError);
  assert(out.message.includes("give one of them"), out.message);
});

Deno.test("parameters of scrypt that are undefined are not given, and others are checked", async () => {
  const cheap = untyped<{ ln: number }>({ ln: 4, r: undefined, p: undefined });
  const hash = await hashPassword("correct horse", cheap);
  assert(hash.startsWith("$scrypt$ln=4,r=8,p=1$"), hash);
  assertEquals(needsRehash(hash, cheap), false);
  for (const parameters of [{ N: 16 }, { ln: "4" }, { r: null }]) {
    await assertRejects(() => hashPassword("x", untyped(parameters)), TypeError);
    assertThrows(() => needsRehash(hash, untyped(parameters)), TypeError);
  }
  for (const ln of [NaN, -1, 0, 1.5, Infinity]) {
    await assertRejects(() => hashPassword("x", { ln }), RangeError);
  }
});

Deno.test("password that is no text is an error that says so, and does not verify", async () => {
  const hash = await hashPassword("1", { ln: 4 });
  for (const password of [1, undefined, null, ["1"], {}]) {
    await assertRejects(() => hashPassword(untyped(password)), TypeError, "it is no text");
    await assertRejects(() => verifyPassword(untyped(password), hash), TypeError, "it is no text");
  }
});
