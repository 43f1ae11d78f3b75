import { assertEquals, assertRejects } from "@std/assert";
import { AuthError } from "../../src/auth/auth_error.ts";
import type { OAuthServer } from "../../src/auth/oauth_server.ts";
import { type OAuth2Handler, OAuth2Mixin } from "../../src/auth/mixins/oauth2_mixin.ts";
import { Application } from "../../src/web/application.ts";
import type { HandlerBase } from "../../src/web/handler_traits.ts";
import type { FetchFunction } from "../../src/web/routing/routing.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { expectRefusal, loginSite } from "../support/login_site.ts";
import { LoginVisitor } from "../support/login_visitor.ts";
import { serve, type ServedApplication } from "../support/serve.ts";

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly authorization: string | null;
  readonly contentType: string | null;
  readonly body: string;
}

/** An OAuth 2.0 server that says yes to everybody, and keeps what it was asked. */
interface Imitation extends AsyncDisposable {
  readonly origin: string;
  readonly recorded: Recorded[];
  readonly server: OAuthServer;
}

function imitation(
  options: { readonly callback?: Record<string, string>; readonly answer?: FetchFunction } = {},
): Imitation {
  const recorded: Recorded[] = [];
  const authorize: FetchFunction = (request) => {
    const back = new URL(new URL(request.url).searchParams.get("redirect_uri") ?? "");
    const state = new URL(request.url).searchParams.get("state") ?? "";
    const params = { code: "the-code", state, ...options.callback };
    for (const [name, value] of Object.entries(params)) back.searchParams.set(name, value);
    return Response.redirect(back.href, 302);
  };
  const record: FetchFunction = async (request, info) => {
    recorded.push(await recordOf(request));
    return options.answer?.(request, info) ?? Response.json({
      access_token: "secret-access-token",
      token_type: "bearer",
    });
  };
  const app = new Application([["/authorize", authorize], ["/*", record]]);
  const { origin, ...served } = serve(app);
  const server = {
    authorizeUrl: `${origin}/authorize?tenant=1`,
    accessTokenUrl: `${origin}/token`,
  };
  return { origin, recorded, server, [Symbol.asyncDispose]: served[Symbol.asyncDispose] };
}

async function recordOf(request: Request): Promise<Recorded> {
  const { pathname, searchParams } = new URL(request.url);
  return {
    method: request.method,
    path: pathname,
    query: Object.fromEntries(searchParams),
    authorization: request.headers.get("authorization"),
    contentType: request.headers.get("content-type"),
    body: await request.text(),
  };
}

/** A site that logs in with a server. */
function siteOf(server: OAuthServer): ServedApplication {
  class Login extends OAuth2Mixin(RequestHandler) {
    override getOAuthServer() {
      return server;
    }
    override getOAuthKeys() {
      return { key: "key", secret: "client-secret" };
    }
    override async get() {
      if (this.getArgument("code", null)) {
        const { expiresAt, scope, next } = await this.getAuthenticatedUser();
        this.write({ expiresAt, scope, next });
      } else {
        await this.authorizeRedirect({ redirectUri: `http://${this.request.host}/login` });
      }
    }
  }
  return loginSite(Login);
}

/** Runs something within a handler. */
async function within(
  use: (handler: OAuth2Handler) => Promise<unknown>,
  server?: OAuthServer,
): Promise<unknown> {
  let result: unknown;
  class Login extends OAuth2Mixin(RequestHandler) {
    override getOAuthServer() {
      return server ?? super.getOAuthServer();
    }
    override async get() {
      result = await use(this).catch((error) => error);
    }
  }
  const app = new Application([["/", Login]], { cookieSecret: "cookie-secret of these tests" });
  await app.fetch(new Request("http://localhost/"));
  if (result instanceof Error) throw result;
  return result;
}

// ---- the log-in

Deno.test("OAuth log-in sends the code with the verifier and the secret in the form", async () => {
  await using provider = imitation();
  await using site = siteOf(provider.server);
  const visitor = new LoginVisitor();
  const page = await visitor.visit(`${site.origin}/login?next=/inbox`);
  assertEquals(JSON.parse(page.text), { expiresAt: null, scope: null, next: "/inbox" });
  const [asked] = provider.recorded;
  const { code_verifier: verifier, ...form } = Object.fromEntries(
    new URLSearchParams(asked?.body),
  );
  assertEquals(verifier?.length, 43);
  assertEquals(form, {
    client_id: "key",
    client_secret: "client-secret",
    code: "the-code",
    grant_type: "authorization_code",
    redirect_uri: `${site.origin}/login`,
  });
  // What stands in the server's URL stays there.
  assertEquals(new URL(visitor.trail[1] ?? "").searchParams.get("tenant"), "1");
});

Deno.test("OAuth log-in shows the secret in the header where the server wants it", async () => {
  await using provider = imitation();
  await using site = siteOf({ ...provider.server, clientAuth: "basic" });
  assertEquals((await new LoginVisitor().visit(`${site.origin}/login`)).status, 200);
  const [asked] = provider.recorded;
  assertEquals(asked?.authorization, `Basic ${btoa("key:client%2Dsecret")}`);
  assertEquals(new URLSearchParams(asked?.body).has("client_secret"), false);
});

Deno.test("OAuth log-in compares iss with the issuer, where the server has a name", async () => {
  using records = captureLogs();
  await using provider = imitation({ callback: { iss: "https://evil.example" } });
  await using nameless = siteOf(provider.server);
  assertEquals((await new LoginVisitor().visit(`${nameless.origin}/login`)).status, 200);
  await using named = siteOf({ ...provider.server, issuer: "https://id.example" });
  const page = await new LoginVisitor().visit(`${named.origin}/login`);
  await expectRefusal(page, { status: 502, why: /"iss"/, records });
});

Deno.test("an error with the status 200 is an error of the server", async () => {
  using records = captureLogs();
  const answer = () => Response.json({ error: "bad_verification_code", error_description: "x" });
  await using provider = imitation({ answer });
  await using site = siteOf(provider.server);
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  await expectRefusal(page, { status: 502, why: /answered "bad_verification_code"/, records });
});

Deno.test("tokens tell when they end, and what they allow", async () => {
  const answer = () =>
    Response.json({
      access_token: "secret-access-token",
      token_type: "Bearer",
      expires_in: "60",
      scope: "repo,gist user",
      id_token: "not.verified.at-all",
    });
  await using provider = imitation({ answer });
  await using site = siteOf(provider.server);
  const before = Date.now();
  const user = JSON.parse((await new LoginVisitor().visit(`${site.origin}/login`)).text);
  assertEquals(user.scope, ["repo", "gist", "user"]);
  assertEquals(user.expiresAt >= before + 60_000 && user.expiresAt <= Date.now() + 60_000, true);
});

Deno.test("OAuth log-in compares the redirectUri with that it began with", async () => {
  using records = captureLogs();
  await using provider = imitation();
  class Login extends OAuth2Mixin(RequestHandler) {
    override getOAuthServer() {
      return provider.server;
    }
    override async get() {
      const redirectUri = `http://${this.request.host}/login`;
      if (this.getArgument("code", null)) {
        await this.getAuthenticatedUser({ redirectUri: `${redirectUri}/`, clientId: "key" });
      } else {
        await this.authorizeRedirect({ redirectUri, clientId: "key" });
      }
    }
  }
  await using site = loginSite(Login);
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  await expectRefusal(page, { status: 400, why: /begun with another redirectUri/, records });
});

Deno.test("a state that cannot stand in the name of a cookie belongs to no log-in", async () => {
  using records = captureLogs();
  await using provider = imitation();
  await using site = siteOf(provider.server);
  for (const arrival of ["code=1&state=a%20b", "code=1&state=", "error=no&code=1&state=%22"]) {
    const state = new URLSearchParams(arrival).get("state");
    const headers = { cookie: `oauth2_${state}=x; __Host-oauth2_${state}=x` };
    const response = await fetch(`${site.origin}/login?${arrival}`, { headers });
    assertEquals([arrival, response.status], [arrival, 400]);
    await response.body?.cancel();
    await expectLog(records, "warning", /no such log-in under way/);
  }
});

Deno.test("OAuth log-in compares the client with that it began with", async () => {
  using records = captureLogs();
  await using provider = imitation();
  class Login extends OAuth2Mixin(RequestHandler) {
    override getOAuthServer() {
      return provider.server;
    }
    override async get() {
      const redirectUri = `http://${this.request.host}/login`;
      if (this.getArgument("code", null)) await this.getAuthenticatedUser({ clientId: "another" });
      else await this.authorizeRedirect({ redirectUri, clientId: "key" });
    }
  }
  await using site = loginSite(Login);
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  await expectRefusal(page, { status: 400, why: /begun for another client/, records });
});

Deno.test("OAuth log-in says what to override", async () => {
  using records = captureLogs();
  class Bare extends OAuth2Mixin(RequestHandler) {
    override async get() {
      await this.authorizeRedirect({ redirectUri: "https://site.example/", clientId: "key" });
    }
  }
  class Keyless extends Bare {
    override async get() {
      await this.authorizeRedirect({ redirectUri: "https://site.example/" });
    }
  }
  for (
    const [handler, why] of [[Bare, /getOAuthServer\(\)/], [Keyless, /getOAuthKeys\(\)/]] as const
  ) {
    await using site = loginSite(handler);
    assertEquals((await new LoginVisitor().visit(`${site.origin}/login`)).status, 500);
    await expectLog(records, "error", why);
  }
});

// ---- requests

Deno.test("oauth2Request sends the token in the header, and reads JSON", async () => {
  await using provider = imitation({ answer: () => Response.json({ id: 7 }) });
  const url = `${provider.origin}/api?a=1`;
  const accessToken = "secret-access-token";
  const answer = await within((handler) =>
    handler.oauth2Request(url, { accessToken, args: { b: "2 3" } })
  );
  assertEquals(answer, { id: 7 });
  assertEquals(provider.recorded, [{
    method: "GET",
    path: "/api",
    query: { a: "1", b: "2 3" },
    authorization: "Bearer secret-access-token",
    contentType: null,
    body: "",
  }]);
});

Deno.test("oauth2Request sends forms and JSON by any method", async () => {
  await using provider = imitation({ answer: () => new Response(null, { status: 204 }) });
  const url = `${provider.origin}/api`;
  const sent = async (options: Parameters<OAuth2Handler["oauth2Request"]>[1]) => {
    assertEquals(await within((handler) => handler.oauth2Request(url, options)), null);
    const { method, contentType, body } = provider.recorded.at(-1) ?? {};
    return [method, contentType, body];
  };
  const form = "application/x-www-form-urlencoded";
  assertEquals(await sent({ body: { message: "a b&c" } }), ["POST", form, "message=a+b%26c"]);
  const twice = new URLSearchParams([["a", "1"], ["a", "2"]]);
  assertEquals(await sent({ body: twice, method: "PUT" }), ["PUT", form, "a=1&a=2"]);
  assertEquals(await sent({ json: { a: [1] } }), ["POST", "application/json", '{"a":[1]}']);
  assertEquals(await sent({ json: null, method: "PATCH" }), ["PATCH", "application/json", "null"]);
  assertEquals(await sent({ method: "DELETE" }), ["DELETE", null, ""]);
});

Deno.test("oauth2Request tells the status of a failure, and no secret", async () => {
  const answer = () => new Response("secret-access-token", { status: 404 });
  await using provider = imitation({ answer });
  const url = `${provider.origin}/api?key=client-secret`;
  const accessToken = "secret-access-token";
  const error = await assertRejects(
    () => within((handler) => handler.oauth2Request(url, { accessToken })),
    AuthError,
    `Cannot fetch from ${provider.origin}: it answered 404`,
  );
  assertEquals([error.kind, error.providerStatus], ["refused", 404]);
  const shown = Deno.inspect(error, { depth: 10 });
  assertEquals(/secret-access-token|client-secret/.test(shown), false);
});

Deno.test("oauth2Request refuses what is no JSON", async () => {
  await using provider = imitation({ answer: () => new Response("<html>") });
  const error = await assertRejects(
    () => within((handler) => handler.oauth2Request(`${provider.origin}/api`)),
    AuthError,
    "the answer is no JSON",
  );
  assertEquals(error.kind, "response");
});

Deno.test("oauth2Request sends no token over plain http, but on the machine itself", async () => {
  const request = (url: string) =>
    within((handler) => handler.oauth2Request(url, { accessToken: "secret-access-token" }));
  const error = await assertRejects(
    () => request("http://api.example/me"),
    AuthError,
    "plain http:",
  );
  assertEquals(error.kind, "insecure");
});

Deno.test("a token that leads elsewhere by a redirect stays behind", async () => {
  await using elsewhere = imitation({ answer: () => Response.json({}) });
  const answer = () => Response.redirect(`${elsewhere.origin}/api`, 307);
  await using provider = imitation({ answer });
  const accessToken = "secret-access-token";
  await within((handler) => handler.oauth2Request(`${provider.origin}/api`, { accessToken }));
  assertEquals(provider.recorded[0]?.authorization, "Bearer secret-access-token");
  assertEquals(elsewhere.recorded[0]?.authorization, null);
});

// ---- tokens

Deno.test("a token is revoked where the server offers it", async () => {
  await using provider = imitation({ answer: () => new Response(null, { status: 200 }) });
  const revoke = (server: OAuthServer) =>
    within((handler) => handler.revokeToken("the-token", { clientId: "key" }), server);
  assertEquals(await revoke(provider.server), false);
  assertEquals(provider.recorded, []);
  const revocationUrl = `${provider.origin}/revoke`;
  assertEquals(await revoke({ ...provider.server, revocationUrl }), true);
  assertEquals(provider.recorded[0]?.path, "/revoke");
  assertEquals(provider.recorded[0]?.body, "token=the-token&client_id=key");
});

Deno.test("a refresh token that stays is not repeated", async () => {
  await using provider = imitation();
  const refresh = (handler: OAuth2Handler) => handler.refreshToken("old", { clientId: "key" });
  assertEquals(await within(refresh, provider.server), {
    accessToken: "secret-access-token",
    tokenType: "bearer",
    expiresAt: null,
    refreshToken: null,
    idToken: null,
    scope: null,
  });
});

// ---- classes

Deno.test("log-in goes with abstract classes, static members and other mixins", async () => {
  abstract class Base extends RequestHandler {
    static readonly motto: string = "storm";
    greet(): string {
      return `hello from the ${Base.motto}`;
    }
  }
  function Logged<B extends HandlerBase>(base: B): B {
    abstract class WithLog extends base {}
    return WithLog;
  }
  class Inner extends OAuth2Mixin(Logged(Base)) {
    override get() {
      this.write(`${this.greet()}: ${typeof this.oauth2Request}`);
    }
  }
  class Outer extends Logged(OAuth2Mixin(Base)) {
    override get() {
      this.write(`${Outer.motto}: ${typeof this.authorizeRedirect}`);
    }
  }
  const app = new Application([["/inner", Inner], ["/outer", Outer]]);
  const textOf = async (path: string) =>
    await (await app.fetch(new Request(`http://localhost${path}`))).text();
  assertEquals(await textOf("/inner"), "hello from the storm: function");
  assertEquals(await textOf("/outer"), "storm: function");
});
