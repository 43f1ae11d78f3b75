import { assertEquals } from "@std/assert";
import FakeTimers from "@sinonjs/fake-timers";
import { OpenIDConnectMixin } from "../../src/auth/mixins/open_id_connect_mixin.ts";
import { AsyncHTTPClient } from "../../src/client/async_http_client.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { base64Url, HostileOpenID, type Lies } from "../support/hostile_openid.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { expectRefusal, loginSite, stopAtCallback } from "../support/login_site.ts";
import type { ServedApplication } from "../support/serve.ts";
import { LoginVisitor } from "../support/login_visitor.ts";

class Login extends OpenIDConnectMixin(RequestHandler) {
  override async get() {
    if (this.getArgument("code", null)) {
      const { claims, next } = await this.getAuthenticatedUser();
      this.write({ sub: claims.sub, next });
    } else {
      await this.authorizeRedirect({ redirectUri: `http://${this.request.host}/login` });
    }
  }
}

function siteOf(provider: HostileOpenID, settings: ApplicationSettings = {}): ServedApplication {
  const openidConnect = { issuer: provider.issuer, key: "gustnado", secret: "client-secret" };
  return loginSite(Login, { openidConnect, ...settings });
}

/** Registers a rule about a provider that lies: the log-in must end with a refusal. */
function lieTest(
  name: string,
  lie: (provider: HostileOpenID) => Lies | Promise<Lies>,
  expected: { readonly why: RegExp; readonly status?: number },
): void {
  Deno.test(`log-in is refused: ${name}`, async () => {
    using records = captureLogs();
    await using provider = await HostileOpenID.start();
    await using site = siteOf(provider);
    provider.lies = await lie(provider);
    const page = await new LoginVisitor().visit(`${site.origin}/login`);
    await expectRefusal(page, { status: 502, ...expected, records });
  });
}

const now = () => Math.floor(Date.now() / 1000);

Deno.test("log-in succeeds with a provider that does not lie", async () => {
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  assertEquals([page.status, JSON.parse(page.text)], [200, { sub: "ada", next: "/" }]);
});

// ---- the ID token

lieTest("wrong nonce", () => ({ claims: { nonce: "another" } }), { why: /"nonce" claim/ });
lieTest("missing nonce", () => ({ claims: { nonce: null } }), { why: /"nonce".* missing/ });
lieTest("wrong audience", () => ({ claims: { aud: "another" } }), { why: /"aud"/ });
lieTest("further audience without authorized party", () => ({
  claims: { aud: ["gustnado", "another"] },
}), { why: /"aud"/ });
lieTest("wrong authorized party", () => ({
  claims: { aud: ["gustnado", "another"], azp: "another" },
}), { why: /"azp"/ });
lieTest("expired ID token", () => ({ claims: { exp: now() - 31 } }), { why: /"exp"/ });
lieTest("ID token that is not valid yet", () => ({ claims: { nbf: now() + 60 } }), {
  why: /"nbf"/,
});
lieTest("ID token from the future", () => ({ claims: { iat: now() + 60 } }), { why: /"iat"/ });
lieTest("ID token without expiry", () => ({ claims: { exp: null } }), { why: /"exp"/ });
lieTest("ID token of another issuer", () => ({ claims: { iss: "https://evil.example" } }), {
  why: /"iss"/,
});
lieTest("ID token without a subject", () => ({ claims: { sub: null } }), { why: /"sub"/ });
lieTest("at_hash of another access token", () => ({
  claims: { at_hash: base64Url(new Uint8Array(16)) },
}), { why: /"at_hash"/ });
lieTest("no ID token", () => ({ tokens: { id_token: undefined } }), { why: /"id_token"/ });
lieTest("key that is not in the JWKS", async () => ({
  signWith: await HostileOpenID.newKey("unpublished"),
}), { why: /no applicable keys/ });
lieTest("forged with another key under the id of a published one", async () => ({
  signWith: await HostileOpenID.newKey("first"),
}), { why: /signature/ });
lieTest("alg none", () => ({ idToken: unsigned }), { why: /"alg"/ });
lieTest("alg none, which the provider says it uses", () => ({
  idToken: unsigned,
  metadata: { id_token_signing_alg_values_supported: ["none", "ES256"] },
}), { why: /unsupported JWS "alg"/ });
lieTest("HMAC in place of a signature, which the provider says it uses", () => ({
  header: { alg: "HS256" },
  metadata: { id_token_signing_alg_values_supported: ["HS256", "ES256"] },
}), { why: /unsupported JWS algorithm/ });
lieTest("ID token changed after signing", () => ({
  idToken: (honest) => {
    const [head, claims = "", signature] = honest.split(".");
    const changed = atob(claims.replace(/-/g, "+").replace(/_/g, "/")).replace('"ada"', '"eve"');
    return `${head}.${base64Url(changed)}.${signature}`;
  },
}), { why: /signature/ });
lieTest("critical header field that nobody knows", () => ({ header: { crit: ["x"], x: 1 } }), {
  why: /"crit"/,
});
lieTest("ID token that is no token", () => ({ idToken: () => "garbage" }), { why: /Invalid JWT/ });
lieTest("ID token of a hundred thousand dots", () => ({ idToken: () => ".".repeat(100_000) }), {
  why: /Invalid JWT/,
});

function unsigned(honest: string): string {
  return `${base64Url('{"alg":"none"}')}.${honest.split(".")[1]}.`;
}

Deno.test("log-in accepts an ID token within 30 seconds of other clocks", async () => {
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  for (const claims of [{ exp: now() - 20 }, { iat: now() + 20 }, { nbf: now() + 20 }]) {
    provider.lies = { claims };
    const page = await new LoginVisitor().visit(`${site.origin}/login`);
    assertEquals(page.status, 200);
  }
});

Deno.test("log-in accepts the at_hash of its access token", async () => {
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const bytes = new TextEncoder().encode("secret-access-token");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  provider.lies = { claims: { at_hash: base64Url(digest.subarray(0, 16)) } };
  assertEquals((await new LoginVisitor().visit(`${site.origin}/login`)).status, 200);
});

// ---- the way back

lieTest("wrong state", () => ({ callback: { state: "another" } }), {
  why: /no such log-in under way/,
  status: 400,
});
lieTest("missing state", () => ({ callback: { state: null } }), {
  why: /has no "state"/,
  status: 400,
});
lieTest("mixed-up issuer, by the iss parameter", () => ({
  callback: { iss: "https://evil.example" },
}), { why: /"iss"/ });
lieTest("missing iss parameter of a provider that always sends it", () => ({
  metadata: { authorization_response_iss_parameter_supported: true },
}), { why: /"iss".* missing/ });
lieTest("ID token in the URL", () => ({ callback: { id_token: "x" } }), { why: /hybrid/ });

Deno.test("log-in is refused: two states", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const visitor = new LoginVisitor();
  const callback = await stopAtCallback(site, visitor);
  const page = await visitor.visit(`${callback}&state=another`);
  await expectRefusal(page, { status: 400, why: /more than one "state"/, records });
});

Deno.test("log-in is refused: replayed callback", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const visitor = new LoginVisitor();
  const callback = await stopAtCallback(site, visitor);
  assertEquals((await visitor.visit(callback)).status, 200);
  const page = await visitor.visit(callback);
  await expectRefusal(page, { status: 400, why: /no such log-in under way/, records });
  assertEquals(provider.count("/token"), 1);
});

Deno.test("log-in is refused: replayed code, with a copy of the flow cookie", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const visitor = new LoginVisitor();
  const callback = await stopAtCallback(site, visitor);
  const thief = await visitor.clone();
  assertEquals((await visitor.visit(callback)).status, 200);
  const page = await thief.visit(callback);
  await expectRefusal(page, { status: 400, why: /answered "invalid_grant"/, records });
});

Deno.test("log-in is refused: code of another log-in", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const stolen = new URL(await stopAtCallback(site));
  const visitor = new LoginVisitor();
  const callback = new URL(await stopAtCallback(site, visitor));
  callback.searchParams.set("code", stolen.searchParams.get("code") ?? "");
  const page = await visitor.visit(callback.href);
  await expectRefusal(page, { status: 400, why: /answered "invalid_grant"/, records });
});

Deno.test("log-in is refused: flow cookie from another browser", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const callback = await stopAtCallback(site);
  const victim = new LoginVisitor();
  await stopAtCallback(site, victim);
  const page = await victim.visit(callback);
  await expectRefusal(page, { status: 400, why: /no such log-in under way/, records });
  assertEquals(provider.count("/token"), 0);
});

Deno.test("log-in is refused: flow cookie of another log-in under the name of this one", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const attacker = new LoginVisitor();
  const callback = await stopAtCallback(site, attacker);
  const victim = new LoginVisitor();
  await stopAtCallback(site, victim);
  const [own] = await victim.jar.getCookies(site.origin);
  const state = new URL(callback).searchParams.get("state");
  await victim.jar.setCookie(`oauth2_${state}=${own?.value}; Path=/`, site.origin);
  const page = await victim.visit(callback);
  await expectRefusal(page, { status: 400, why: /no such log-in under way/, records });
  await expectLog(records, "warning", /Cannot open the sealed value/);
});

Deno.test("log-in is refused: tampered flow cookie", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const visitor = new LoginVisitor();
  const callback = await stopAtCallback(site, visitor);
  const [cookie] = await visitor.jar.getCookies(site.origin);
  const value = cookie?.value ?? "";
  const last = value.endsWith("A") ? "Q" : "A";
  const tampered = `${cookie?.key}=${value.slice(0, -1)}${last}; Path=/`;
  await visitor.jar.setCookie(tampered, site.origin);
  const page = await visitor.visit(callback);
  await expectRefusal(page, { status: 400, why: /no such log-in under way/, records });
  await expectLog(records, "warning", /Cannot open the sealed value/);
  assertEquals(provider.count("/token"), 0);
});

Deno.test("log-in is refused: expired flow", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const visitor = new LoginVisitor();
  const callback = await stopAtCallback(site, visitor);
  const cookie = await visitor.jar.getCookieString(site.origin);
  const clock = FakeTimers.install({ now: Date.now() + 600_000, toFake: ["Date"] });
  try {
    // A browser would not send it any more; whoever copied it would.
    const page = await new LoginVisitor().step(callback, { headers: { cookie } });
    await expectRefusal(page, { status: 400, why: /no such log-in under way/, records });
  } finally {
    clock.uninstall();
  }
  assertEquals(provider.count("/token"), 0);
});

Deno.test("log-in is refused: begun with one issuer, completed with another", async () => {
  using records = captureLogs();
  await using honest = await HostileOpenID.start();
  await using evil = await HostileOpenID.start();
  class EvilLogin extends Login {
    override getOpenIDSettings() {
      return { issuer: evil.issuer, key: "gustnado", secret: "client-secret" };
    }
  }
  await using site = siteOf(honest);
  await using evilSite = loginSite(EvilLogin);
  const visitor = new LoginVisitor();
  const callback = new URL(await stopAtCallback(site, visitor));
  callback.port = String(evilSite.port);
  const page = await visitor.visit(callback.href);
  await expectRefusal(page, { status: 400, why: /begun with another provider/, records });
  assertEquals(evil.count("/token"), 0);
});

// ---- where to go

Deno.test("log-in leads back to no other site", async () => {
  await using provider = await HostileOpenID.start();
  await using site = siteOf(provider);
  const targets = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/%09/evil.example",
  ];
  for (const target of targets) {
    const url = `${site.origin}/login?next=${encodeURIComponent(target)}`;
    assertEquals(JSON.parse((await new LoginVisitor().visit(url)).text).next, "/");
  }
  const page = await new LoginVisitor().visit(`${site.origin}/login?next=%2Finbox%3Fpage%3D2`);
  assertEquals(JSON.parse(page.text).next, "/inbox?page=2");
});

// ---- the token endpoint

lieTest("token endpoint that answers garbage", () => ({
  token: () => new Response("<html>eyJ secret-access-token"),
}), { why: /content-type must be application\/json/ });
lieTest("token endpoint that answers garbage as JSON", () => ({
  token: () =>
    new Response('{"access_token":"secret-access-token"', {
      headers: { "content-type": "application/json" },
    }),
}), { why: /failed to parse/ });
lieTest("token endpoint that answers with an array", () => ({ token: () => Response.json([]) }), {
  why: /must be a top level object/,
});
lieTest("token endpoint that answers 500", () => ({
  token: () => new Response("secret-access-token", { status: 500 }),
}), { why: /unexpected HTTP status/ });
lieTest("token endpoint that redirects", () => ({
  token: () => Response.redirect("http://127.0.0.1:1/steal", 307),
}), { why: /unexpected HTTP status/ });
lieTest("token endpoint that answers hugely", () => ({
  tokens: { padding: "x".repeat(1_048_576) },
}), { why: /no answer \(HTTPBodySizeError/ });
lieTest("token endpoint that answers endlessly", () => ({
  token: () => new Response(endless(), { headers: { "content-type": "application/json" } }),
}), { why: /no answer \(HTTPBodySizeError/ });
lieTest("token type that nobody knows", () => ({ tokens: { token_type: "mac" } }), {
  why: /unsupported `token_type`/,
});
lieTest("keys that are garbage", () => ({ jwks: () => Response.json({ keys: ["x", 1] }) }), {
  why: /"keys"/,
});
lieTest("client credentials that the provider refuses", () => ({
  token: () =>
    Response.json({ error: "invalid_client" }, {
      status: 401,
      headers: { "www-authenticate": 'Basic realm="x"' },
    }),
}), { why: /refused the credentials \(401\)/ });

/** More than anybody should read. */
function endless(): ReadableStream<Uint8Array> {
  const chunk = new TextEncoder().encode(" ".repeat(65_536));
  return new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
}

Deno.test("log-in is refused: token endpoint that answers slowly", async () => {
  using records = captureLogs();
  await using provider = await HostileOpenID.start();
  const client = new AsyncHTTPClient({
    defaults: { requestTimeout: 200 },
    fetch: (url, init) => fetch(url, init),
  });
  class Impatient extends Login {
    override getAuthHttpClient() {
      return client;
    }
  }
  const openidConnect = { issuer: provider.issuer, key: "gustnado", secret: "client-secret" };
  await using site = loginSite(Impatient, { openidConnect });
  const { promise, resolve } = Promise.withResolvers<Response>();
  provider.lies = { token: () => promise };
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  resolve(new Response(null, { status: 500 }));
  await expectRefusal(page, { status: 504, why: /no answer \(HTTPTimeoutError/, records });
});
