import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import FakeTimers from "@sinonjs/fake-timers";
import { AuthError } from "../../src/auth/auth_error.ts";
import { OAuth2Mixin } from "../../src/auth/mixins/oauth2_mixin.ts";
import { OpenIDConnectMixin } from "../../src/auth/mixins/open_id_connect_mixin.ts";
import type { OpenIDAuthorizeOptions } from "../../src/auth/login_options.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import type { HandlerClass } from "../../src/web/handler_traits.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { HostileOpenID, sign } from "../support/hostile_openid.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import {
  assertNoSecrets,
  authorizationUrl,
  expectRefusal,
  loginSite,
  stopAtCallback,
} from "../support/login_site.ts";
import type { ServedApplication } from "../support/serve.ts";
import { LoginVisitor } from "../support/login_visitor.ts";

const DISCOVERY = "/.well-known/openid-configuration";

class Login extends OpenIDConnectMixin(RequestHandler) {
  authorizeOptions(): Partial<OpenIDAuthorizeOptions> {
    return {};
  }

  override async get() {
    if (this.getArgument("code", null)) {
      const { claims, next } = await this.getAuthenticatedUser();
      this.write({ sub: claims.sub, next });
    } else {
      const redirectUri = `http://${this.request.host}/login`;
      await this.authorizeRedirect({ redirectUri, ...this.authorizeOptions() });
    }
  }
}

function siteOf(
  provider: HostileOpenID,
  options: { readonly handler?: HandlerClass; readonly settings?: ApplicationSettings } = {},
): ServedApplication {
  const openidConnect = { issuer: provider.issuer, key: "gustnado", secret: "client-secret" };
  return loginSite(options.handler ?? Login, { openidConnect, ...options.settings });
}

/** A login handler that asks for a log-in in a way of its own. */
function loginWith(options: Partial<OpenIDAuthorizeOptions>): HandlerClass {
  return class extends Login {
    override authorizeOptions() {
      return options;
    }
  };
}

// ---- the request

Deno.test("log-in asks with state, nonce and PKCE, each time anew", async () => {
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const url = await authorizationUrl(site);
  assertEquals(url.origin + url.pathname, `${provider.issuer}/authorize`);
  const { state, nonce, code_challenge: challenge, ...rest } = Object.fromEntries(url.searchParams);
  assertEquals(rest, {
    response_type: "code",
    client_id: "gustnado",
    redirect_uri: `${site.origin}/login`,
    scope: "openid profile email",
    code_challenge_method: "S256",
  });
  const second = (await authorizationUrl(site)).searchParams;
  for (const [name, value] of Object.entries({ state, nonce, code_challenge: challenge })) {
    assertMatch(value ?? "", /^[\w-]{43}$/);
    assertNotEquals(second.get(name), value);
  }
});

Deno.test("log-in always asks for openid, and passes on what else it is told", async () => {
  await using provider = await HostileOpenID.start();
  const handler = loginWith({ scope: ["email", "offline"], extraParams: { prompt: "login" } });
  await using site = siteOf(provider, { handler });
  const { searchParams } = await authorizationUrl(site);
  assertEquals(searchParams.get("scope"), "openid email offline");
  assertEquals(searchParams.get("prompt"), "login");
});

Deno.test("log-in refuses to have its protections overruled", async () => {
  await using provider = await HostileOpenID.start();
  for (const name of ["state", "nonce", "code_challenge_method", "redirect_uri", "response_mode"]) {
    using records = captureLogs();
    const handler = loginWith({ extraParams: { [name]: "mine" } });
    await using site = siteOf(provider, { handler });
    assertEquals((await new LoginVisitor().step(`${site.origin}/login`)).status, 500);
    await expectLog(records, "error", new RegExp(`TypeError: Cannot set "${name}" in extraParams`));
  }
});

Deno.test("log-in refuses a redirectUri that is not absolute", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider, { handler: loginWith({ redirectUri: "/login" }) });
  assertEquals((await new LoginVisitor().step(`${site.origin}/login`)).status, 500);
  await expectLog(records, "error", /TypeError: Cannot use "\/login" as redirectUri/);
});

Deno.test("log-in needs the settings openidConnect and cookieSecret, and says so", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using bare = loginSite(Login);
  assertEquals((await new LoginVisitor().step(`${bare.origin}/login`)).status, 500);
  await expectLog(records, "error", /set "openidConnect" in the application's settings/);
  await using site = siteOf(provider, { settings: { cookieSecret: undefined } as object });
  assertEquals((await new LoginVisitor().step(`${site.origin}/login`)).status, 500);
  await expectLog(records, "error", /set "cookieSecret" in the application's settings/);
});

// ---- the cookie

Deno.test("flow cookie is httpOnly, Lax, for 10 minutes, and sealed", async () => {
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const page = await new LoginVisitor().step(`${site.origin}/login`);
  const [cookie = ""] = page.headers.getSetCookie();
  assertMatch(
    cookie,
    /^oauth2_[\w-]{43}=g1\.[\w.-]+; HttpOnly; Max-Age=600; Path=\/; SameSite=Lax$/,
  );
  assertEquals(page.headers.get("cache-control"), "no-store");
});

Deno.test("flow cookie of an https site is one that no other host can plant", async () => {
  await using provider = await HostileOpenID.start();
  const handler = loginWith({ redirectUri: "https://site.example/login" });
  await using site = siteOf(provider, { handler });
  const [cookie = ""] = (await new LoginVisitor().step(`${site.origin}/login`)).headers
    .getSetCookie();
  assertMatch(cookie, /^__Host-oauth2_[\w-]{43}=.*; Path=\/; SameSite=Lax; Secure$/);
});

Deno.test("a log-in of an https site is completed with that cookie", async () => {
  await using provider = await HostileOpenID.start();
  const handler = loginWith({ redirectUri: "https://site.example/login" });
  await using site = siteOf(provider, { handler });
  const visitor = new LoginVisitor();
  const begun = await visitor.step(`${site.origin}/login`);
  const cookie = begun.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const back = await visitor.step(LoginVisitor.target(begun));
  const { search } = new URL(LoginVisitor.target(back));
  // A proxy has taken the TLS off.
  const page = await visitor.step(`${site.origin}/login${search}`, { headers: { cookie } });
  assertEquals(JSON.parse(page.text), { sub: "ada", next: "/" });
  assertMatch(page.headers.getSetCookie()[0] ?? "", /^__Host-oauth2_.*Max-Age=0; .*Secure$/);
});

Deno.test("flow cookie is gone after the return, whatever became of the log-in", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const visitor = new LoginVisitor();
  await visitor.visit(`${site.origin}/login`);
  assertEquals(await visitor.jar.getCookieString(site.origin), "");
  provider.lies = { claims: { nonce: "another" } };
  const page = await visitor.visit(`${site.origin}/login`);
  await expectRefusal(page, { status: 502, why: /nonce/, records });
  assertEquals(await visitor.jar.getCookieString(site.origin), "");
});

Deno.test("log-ins in several tabs do not disturb each other", async () => {
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const visitor = new LoginVisitor();
  const callbacks: string[] = [];
  for (let tab = 0; tab < 4; tab++) callbacks.push(await stopAtCallback(site, visitor));
  for (const callback of callbacks.reverse()) {
    assertEquals((await visitor.visit(callback)).status, 200);
  }
});

Deno.test("a browser has at most 5 log-ins under way: the oldest gives way", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const visitor = new LoginVisitor();
  const clock = FakeTimers.install({ now: Date.now(), toFake: ["Date"] });
  const callbacks: string[] = [];
  try {
    for (let tab = 0; tab < 7; tab++) {
      callbacks.push(await stopAtCallback(site, visitor));
      clock.tick(1000);
    }
  } finally {
    clock.uninstall();
  }
  assertEquals((await visitor.jar.getCookies(site.origin)).length, 5);
  const statuses: number[] = [];
  for (const callback of callbacks) statuses.push((await visitor.visit(callback)).status);
  assertEquals(statuses, [400, 400, 200, 200, 200, 200, 200]);
  for (let refused = 0; refused < 2; refused++) {
    await expectLog(records, "warning", /no such log-in under way/);
  }
});

Deno.test("a next that would not fit into a cookie is left out", async () => {
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const nextOf = async (next: string) => {
    const url = `${site.origin}/login?next=${encodeURIComponent(next)}`;
    return JSON.parse((await new LoginVisitor().visit(url)).text).next;
  };
  for (const character of ["x", '"', "é", "\u{1f32a}"]) {
    assertEquals(await nextOf(`/${character.repeat(2_000)}`), "/");
    const { length } = new TextEncoder().encode(JSON.stringify(character).slice(1, -1));
    const longest = `/${character.repeat(Math.floor(1_997 / length))}`;
    assertEquals(await nextOf(longest), longest);
    const url = `${site.origin}/login?next=${encodeURIComponent(longest)}`;
    const [cookie = ""] = (await new LoginVisitor().step(url)).headers.getSetCookie();
    // What browsers keep of a name and a value.
    assert((cookie.split(";")[0] ?? "").length <= 4_096);
  }
});

// ---- a refusal

Deno.test("a visitor who refuses gets 403, and is not asked again", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  provider.lies = { callback: { code: null, error: "access_denied" } };
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  await expectRefusal(page, { status: 403, why: /answered "access_denied"/, records });
  assertStringIncludes(page.text, "403: Log-in refused: &#34;access_denied&#34;");
  assertEquals(provider.count("/authorize"), 1);
});

Deno.test("an error of the provider is there in fields, and escaped in pages", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  class Telling extends Login {
    override writeError(status: number, options: { error?: unknown }) {
      const { error } = options;
      if (!(error instanceof AuthError)) return super.writeError(status, options);
      const { kind, error: code, errorDescription, errorUri, providerStatus } = error;
      this.finish({ kind, code, errorDescription, errorUri, providerStatus });
    }
  }
  const script = "<script>alert(1)</script>";
  const callback = {
    code: null,
    error: script,
    error_description: `${script}\r\nX: y`,
    error_uri: "https://id.example/why",
  };
  provider.lies = { callback };
  await using plain = siteOf(provider);
  const page = await new LoginVisitor().visit(`${plain.origin}/login`);
  assertEquals(page.status, 502);
  assert(!page.text.includes("<script>"));
  await expectLog(records, "warning", /answered "<script>alert\(1\)<\/script>"$/);
  await using site = siteOf(provider, { handler: Telling });
  assertEquals(JSON.parse((await new LoginVisitor().visit(`${site.origin}/login`)).text), {
    kind: "refused",
    code: script,
    errorDescription: `${script}\r\nX: y`,
    errorUri: "https://id.example/why",
    providerStatus: null,
  });
  await expectLog(records, "warning", /answered "<script>/);
});

Deno.test("an error of nobody's log-in begins a new one", async () => {
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const url = await authorizationUrl(site, "/login?error=access_denied&state=planted");
  assertEquals(url.pathname, "/authorize");
});

// ---- the age of the log-in

Deno.test("maxAge asks for a fresh log-in, and is checked", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider, { handler: loginWith({ maxAge: 120_000 }) });
  assertEquals((await authorizationUrl(site)).searchParams.get("max_age"), "120");
  const now = Math.floor(Date.now() / 1000);
  provider.lies = { claims: { auth_time: now - 100 } };
  assertEquals((await new LoginVisitor().visit(`${site.origin}/login`)).status, 200);
  provider.lies = { claims: { auth_time: now - 200 } };
  const old = await new LoginVisitor().visit(`${site.origin}/login`);
  await expectRefusal(old, { status: 502, why: /too much time has elapsed/, records });
  provider.lies = {};
  const unknown = await new LoginVisitor().visit(`${site.origin}/login`);
  await expectRefusal(unknown, { status: 502, why: /"auth_time".* missing/, records });
});

// ---- discovery

Deno.test("a provider is discovered once, also for many at the same time", async () => {
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const visits = Array.from({ length: 8 }, () => new LoginVisitor().visit(`${site.origin}/login`));
  assertEquals((await Promise.all(visits)).map(({ status }) => status), Array(8).fill(200));
  assertEquals([provider.count(DISCOVERY), provider.count("/jwks")], [1, 1]);
});

Deno.test("a description is renewed after an hour", async () => {
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  await new LoginVisitor().visit(`${site.origin}/login`);
  provider.lies = { metadata: { authorization_endpoint: `${provider.issuer}/authorize?new` } };
  await later(3_599_000, async () => {
    assertEquals((await authorizationUrl(site)).searchParams.has("new"), false);
  });
  await later(3_600_000, async () => {
    assertEquals((await authorizationUrl(site)).searchParams.has("new"), true);
  });
  assertEquals(provider.count(DISCOVERY), 2);
});

Deno.test("a description that cannot be renewed stays in use for a minute at a time", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  await new LoginVisitor().visit(`${site.origin}/login`);
  provider.lies = { metadata: { issuer: "https://evil.example" } };
  await later(3_600_000, async () => {
    for (let times = 0; times < 3; times++) await authorizationUrl(site);
  });
  assertEquals(provider.count(DISCOVERY), 2);
  await expectLog(records, "warning", /^Using an old description of .*"issuer" property/);
  provider.lies = {};
  await later(3_661_000, async () => void await authorizationUrl(site));
  assertEquals(provider.count(DISCOVERY), 3);
});

Deno.test("a failed discovery is not remembered", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  provider.lies = { metadata: { issuer: "https://evil.example" } };
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  await expectRefusal(page, { status: 502, why: /Cannot discover .*does not match/, records });
  provider.lies = {};
  assertEquals((await new LoginVisitor().visit(`${site.origin}/login`)).status, 200);
});

Deno.test("a provider that describes no endpoint cannot be used", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  provider.lies = { metadata: { token_endpoint: undefined } };
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  await expectRefusal(page, { status: 502, why: /description has no token_endpoint/, records });
});

Deno.test("a provider that is not there is an error of its own", async () => {
  using records = captureLogs();
  const issuer = await goneIssuer();
  const openidConnect = { issuer, key: "gustnado", secret: "client-secret" };
  await using site = loginSite(Login, { openidConnect });
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  await expectRefusal(page, { status: 502, why: /no answer \(HTTPConnectError/, records });
});

async function goneIssuer(): Promise<string> {
  await using provider = await HostileOpenID.start();
  return provider.issuer;
}

Deno.test("plain http is for loopback hosts only", async () => {
  for (const issuer of ["http://id.example", "http://127.0.0.1.example", "ftp://id.example", "x"]) {
    using records = captureLogs();
    const openidConnect = { issuer, key: "gustnado", secret: "client-secret" };
    await using site = loginSite(Login, { openidConnect });
    const page = await new LoginVisitor().visit(`${site.origin}/login`);
    const why = /Cannot log in with ".*": (?:plain http: is for loopback|it is not an https: URL)/;
    await expectRefusal(page, { status: 500, why, records });
  }
});

Deno.test("no endpoint that is discovered may be plain http elsewhere", async () => {
  await using provider = await HostileOpenID.start();
  for (const name of ["authorization_endpoint", "token_endpoint", "jwks_uri"]) {
    using records = captureLogs();
    await using site = siteOf(provider);
    provider.lies = { metadata: { [name]: "http://id.example/x" } };
    const page = await new LoginVisitor().visit(`${site.origin}/login`);
    await expectRefusal(page, { status: 500, why: /plain http: is for loopback/, records });
  }
});

// ---- the keys

Deno.test("a key that the provider rotates in is fetched, at most once a minute", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  await new LoginVisitor().visit(`${site.origin}/login`);
  provider.keys = [await HostileOpenID.newKey("second"), ...provider.keys];
  const early = await new LoginVisitor().visit(`${site.origin}/login`);
  await expectRefusal(early, { status: 502, why: /no applicable keys/, records });
  assertEquals(provider.count("/jwks"), 1);
  await later(61_000, async () => {
    assertEquals((await new LoginVisitor().visit(`${site.origin}/login`)).status, 200);
  });
  assertEquals(provider.count("/jwks"), 2);
});

Deno.test("a key that the provider takes back is trusted for 5 minutes at most", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  await new LoginVisitor().visit(`${site.origin}/login`);
  const [stolen] = provider.keys;
  provider.keys = [await HostileOpenID.newKey("second")];
  provider.lies = stolen === undefined ? {} : { signWith: stolen };
  await later(301_000, async () => {
    const page = await new LoginVisitor().visit(`${site.origin}/login`);
    await expectRefusal(page, { status: 502, why: /no applicable keys/, records });
  });
});

// ---- after the log-in

Deno.test("userinfo is asked for, and has to be the user's", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider, { handler: Userinfo });
  const page = await new LoginVisitor().step(`${site.origin}/login`);
  assertEquals(JSON.parse(page.text), { sub: "ada", name: "Ada" });
  provider.lies = { userinfo: () => Response.json({ sub: "eve" }) };
  const forged = await new LoginVisitor().step(`${site.origin}/login`);
  await expectRefusal(forged, { status: 502, why: /unexpected .* "sub"/, records });
});

Deno.test("userinfo that is signed is verified", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider, { handler: Userinfo });
  const claims = { sub: "ada", iss: provider.issuer, aud: "gustnado" };
  const thief = await HostileOpenID.newKey("first");
  for (const [key, status] of [[provider.keys[0], 200], [thief, 502]] as const) {
    if (key === undefined) continue;
    const token = await sign({ alg: "ES256", kid: "first" }, claims, key);
    const headers = { "content-type": "application/jwt" };
    provider.lies = { userinfo: () => new Response(token, { headers }) };
    assertEquals((await new LoginVisitor().step(`${site.origin}/login`)).status, status);
  }
  await expectLog(records, "warning", /signature/);
});

class Userinfo extends OpenIDConnectMixin(RequestHandler) {
  override async get() {
    const accessToken = "secret-access-token";
    this.write({ ...await this.getUserinfo({ accessToken, subject: "ada" }) });
  }
}

Deno.test("refreshed tokens have to be the same user's, and verified", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  class Refresh extends OpenIDConnectMixin(RequestHandler) {
    override async get() {
      const tokens = await this.refreshToken("old-token", { subject: "ada" });
      this.write({ hasIDToken: tokens.idToken !== null, type: tokens.tokenType });
    }
  }
  await using site = siteOf(provider, { handler: Refresh });
  const page = await new LoginVisitor().step(`${site.origin}/login`);
  assertEquals(JSON.parse(page.text), { hasIDToken: true, type: "bearer" });
  assertEquals(provider.forms[0]?.get("refresh_token"), "old-token");
  provider.lies = { claims: { sub: "eve" } };
  const eve = await new LoginVisitor().step(`${site.origin}/login`);
  await expectRefusal(eve, { status: 502, why: /the ID token is another user's/, records });
  provider.lies = { signWith: await HostileOpenID.newKey("first") };
  const forged = await new LoginVisitor().step(`${site.origin}/login`);
  await expectRefusal(forged, { status: 502, why: /signature/, records });
  provider.lies = { tokens: { id_token: undefined } };
  const without = await new LoginVisitor().step(`${site.origin}/login`);
  assertEquals(JSON.parse(without.text), { hasIDToken: false, type: "bearer" });
});

Deno.test("log-out leads to the provider, with the ID token", async () => {
  await using provider = await HostileOpenID.start();
  provider.lies = { metadata: { end_session_endpoint: `${provider.issuer}/end` } };
  await using site = siteOf(provider, { handler: Logout });
  const url = new URL(LoginVisitor.target(await new LoginVisitor().step(`${site.origin}/login`)));
  assertEquals(url.origin + url.pathname, `${provider.issuer}/end`);
  assertEquals(Object.fromEntries(url.searchParams), {
    client_id: "gustnado",
    id_token_hint: "the-token",
    post_logout_redirect_uri: "https://site.example/",
  });
});

Deno.test("log-out at a provider that does not offer it says so", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider, { handler: Logout });
  assertEquals((await new LoginVisitor().step(`${site.origin}/login`)).status, 500);
  await expectLog(records, "error", /Cannot log out at ".*": it has no end_session_endpoint/);
});

class Logout extends OpenIDConnectMixin(RequestHandler) {
  override async get() {
    const redirectUri = "https://site.example/";
    await this.logoutRedirect({ idToken: "the-token", redirectUri });
  }
}

// ---- clients

Deno.test("the secret goes the way that the provider describes", async () => {
  await using provider = await HostileOpenID.start();
  const ways: (string | null)[] = [];
  provider.lies.token = async (request) => {
    const form = new URLSearchParams(await request.text());
    ways.push(request.headers.get("authorization") ?? form.get("client_secret"));
    return Response.json({ error: "invalid_grant" }, { status: 400 });
  };
  for (const methods of [undefined, ["client_secret_post"], ["client_secret_basic"]]) {
    using records = captureLogs();
    provider.lies.metadata = { token_endpoint_auth_methods_supported: methods };
    await using site = siteOf(provider);
    await new LoginVisitor().visit(`${site.origin}/login`);
    await expectLog(records, "warning", /invalid_grant/);
  }
  const basic = `Basic ${btoa("gustnado:client%2Dsecret")}`;
  assertEquals(ways, [basic, "client-secret", basic]);
});

Deno.test("a log-in without OpenID does not become one with it", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  const { issuer } = provider;
  class PlainLogin extends OAuth2Mixin(RequestHandler) {
    override getOAuthServer() {
      const accessTokenUrl = `${issuer}/token`;
      return { issuer, authorizeUrl: `${issuer}/authorize`, accessTokenUrl };
    }
    override async get() {
      const redirectUri = `http://${this.request.host}/login`;
      await this.authorizeRedirect({ redirectUri, clientId: "gustnado" });
    }
  }
  await using plain = loginSite(PlainLogin);
  await using site = siteOf(provider);
  const visitor = new LoginVisitor();
  const callback = new URL(await stopAtCallback(plain, visitor));
  callback.port = String(site.port);
  const page = await visitor.visit(callback.href);
  await expectRefusal(page, { status: 400, why: /begun without OpenID Connect/, records });
});

Deno.test("neither pages nor logs of a log-in show a secret", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  assertEquals(page.status, 200);
  assertNoSecrets(page.text, records);
  assertMatch(records.messages("gustnado.access").join("\n"), /GET \/login\?… /);
});

/** Runs what happens so many milliseconds from now. */
async function later(ms: number, run: () => Promise<void>): Promise<void> {
  const clock = FakeTimers.install({ now: Date.now() + ms, toFake: ["Date"] });
  try {
    await run();
  } finally {
    clock.uninstall();
  }
}
