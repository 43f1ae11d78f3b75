import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { AuthError } from "../../src/auth/auth_error.ts";
import { OAuth2Mixin } from "../../src/auth/mixins/oauth2_mixin.ts";
import { OpenIDConnectMixin } from "../../src/auth/mixins/open_id_connect_mixin.ts";
import type { AuthenticatedUser } from "../../src/auth/token_set.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import type { ChildServer } from "../support/child_server.ts";
import { captureLogs } from "../support/log_records.ts";
import { expectRefusal, loginSite } from "../support/login_site.ts";
import { LoginVisitor, type VisitedPage } from "../support/login_visitor.ts";
import { serviceTest, startOpenIDProvider } from "../support/services.ts";
import type { ServedApplication } from "../support/serve.ts";

/** Goes the whole way at the provider, and stops where `until` says. */
async function logIn(
  site: ServedApplication,
  visitor: LoginVisitor = new LoginVisitor(),
  until: (url: string) => boolean = () => false,
): Promise<VisitedPage> {
  const login = await visitor.visit(`${site.origin}/login`);
  const consent = await visitor.submit(login, { login: "ada", password: "any" });
  return await visitor.submit(consent, {}, { until });
}

function issuerOf(provider: ChildServer): string {
  return `http://127.0.0.1:${provider.port}`;
}

/** A plain OAuth 2.0 server is made of what the provider has. */
function oauthServer(provider: ChildServer) {
  const issuer = issuerOf(provider);
  return {
    issuer,
    authorizeUrl: `${issuer}/auth`,
    accessTokenUrl: `${issuer}/token`,
    revocationUrl: `${issuer}/token/revocation`,
  };
}

serviceTest("oidc-provider", "OpenID log-in succeeds with oidc-provider", async () => {
  await using provider = await startOpenIDProvider();
  const openidConnect = { issuer: issuerOf(provider), key: "gustnado", secret: "gustnado-secret" };
  class Login extends OpenIDConnectMixin(RequestHandler) {
    override async get() {
      const redirectUri = `http://${this.request.host}/login`;
      if (!this.getArgument("code", null)) return await this.authorizeRedirect({ redirectUri });
      const { accessToken, claims, scope } = await this.getAuthenticatedUser({ redirectUri });
      const userinfo = await this.getUserinfo({ accessToken, subject: claims.sub });
      this.write({ sub: claims.sub, scope, userinfo });
    }
  }
  await using site = loginSite(Login, { openidConnect });
  const page = await logIn(site);
  assertEquals(JSON.parse(page.text), {
    sub: "ada",
    scope: ["openid", "profile", "email"],
    userinfo: {
      sub: "ada",
      name: "ada <of the Storm>",
      email: "ada@example.com",
      email_verified: true,
    },
  });
});

serviceTest("oidc-provider", "OAuth 2.0 log-in succeeds, and the token opens doors", async () => {
  await using provider = await startOpenIDProvider();
  const server = oauthServer(provider);
  class Login extends OAuth2Mixin(RequestHandler) {
    override getOAuthServer() {
      return server;
    }
    override getOAuthKeys() {
      return { key: "gustnado", secret: "gustnado-secret" };
    }
    override async get() {
      if (this.getArgument("code", null)) {
        const { accessToken, idToken } = await this.getAuthenticatedUser();
        const me = await this.oauth2Request(`${server.issuer}/me`, { accessToken });
        this.write({ me, idToken });
      } else {
        const redirectUri = `http://${this.request.host}/login`;
        await this.authorizeRedirect({ redirectUri, scope: ["openid"] });
      }
    }
  }
  await using site = loginSite(Login);
  // Nobody has verified the ID token that came along, so it is not handed on.
  assertEquals(JSON.parse((await logIn(site)).text), { me: { sub: "ada" }, idToken: null });
});

serviceTest("oidc-provider", "a public client logs in without a secret", async () => {
  await using provider = await startOpenIDProvider();
  class Login extends OpenIDConnectMixin(RequestHandler) {
    override getOpenIDSettings() {
      return { issuer: issuerOf(provider), key: "public" };
    }
    override async get() {
      const redirectUri = `http://${this.request.host}/login`;
      if (!this.getArgument("code", null)) return await this.authorizeRedirect({ redirectUri });
      this.write({ sub: (await this.getAuthenticatedUser()).claims.sub });
    }
  }
  await using site = loginSite(Login);
  assertEquals(JSON.parse((await logIn(site)).text), { sub: "ada" });
});

serviceTest("oidc-provider", "a code works once, also for who has the cookie", async () => {
  using records = captureLogs();
  await using provider = await startOpenIDProvider();
  await using site = keepingSite(provider).site;
  const visitor = new LoginVisitor();
  const back = await logIn(site, visitor, (url) => url.startsWith(site.origin));
  const callback = LoginVisitor.target(back);
  const thief = await visitor.clone();
  assertEquals((await visitor.visit(callback)).status, 200);
  const page = await thief.visit(callback);
  await expectRefusal(page, { status: 400, why: /answered "invalid_grant"/, records });
});

serviceTest("oidc-provider", "tokens are refreshed, and rotated", async () => {
  await using provider = await startOpenIDProvider();
  const { site, kept, handler } = keepingSite(provider);
  await using _site = site;
  await logIn(site);
  const [user] = kept;
  const refreshToken = user?.refreshToken ?? "";
  const tokens = await handler().refreshToken(refreshToken, { subject: "ada" });
  assertNotEquals(tokens.accessToken, user?.accessToken);
  assertNotEquals(tokens.refreshToken, refreshToken);
  assertMatch(tokens.idToken ?? "", /^eyJ/);
  const { accessToken } = tokens;
  const me = await handler().getUserinfo({ accessToken, subject: "ada" });
  assertEquals(me.name, "ada <of the Storm>");
  // A refresh token that is used twice was stolen, so the provider takes all of them back.
  const error = await failureOf(handler().refreshToken(refreshToken));
  assertEquals([error.kind, error.error, error.status], ["refused", "invalid_grant", 400]);
  const next = await failureOf(handler().refreshToken(tokens.refreshToken ?? ""));
  assertEquals(next.error, "invalid_grant");
});

serviceTest("oidc-provider", "a revoked token opens no doors", async () => {
  await using provider = await startOpenIDProvider();
  const { site, kept, handler } = keepingSite(provider);
  await using _site = site;
  await logIn(site);
  const { accessToken = "", refreshToken } = kept[0] ?? {};
  assertEquals(await handler().revokeToken(refreshToken ?? ""), true);
  assertEquals(
    (await failureOf(handler().refreshToken(refreshToken ?? ""))).error,
    "invalid_grant",
  );
  assertEquals(await handler().revokeToken(accessToken), true);
  const asked = handler().getUserinfo({ accessToken, subject: "ada" });
  assertEquals((await failureOf(asked)).providerStatus, 401);
  const url = `${issuerOf(provider)}/me`;
  const error = await failureOf(handler().oauth2Request(url, { accessToken }));
  assertEquals([error.kind, error.providerStatus], ["refused", 401]);
});

/** A site that keeps its users, and hands out the handler of the last log-in. */
function keepingSite(provider: ChildServer) {
  const kept: AuthenticatedUser[] = [];
  const handlers: InstanceType<typeof Login>[] = [];
  class Login extends OpenIDConnectMixin(RequestHandler) {
    override getOpenIDSettings() {
      return { issuer: issuerOf(provider), key: "gustnado", secret: "gustnado-secret" };
    }
    override async get() {
      const redirectUri = `http://${this.request.host}/login`;
      if (!this.getArgument("code", null)) return await this.authorizeRedirect({ redirectUri });
      kept.push(await this.getAuthenticatedUser());
      handlers.push(this);
    }
  }
  const handler = () => {
    const [first] = handlers;
    if (first === undefined) throw new Error("Cannot find a handler: nobody has logged in");
    return first;
  };
  return { site: loginSite(Login), kept, handler };
}

async function failureOf(promise: Promise<unknown>): Promise<AuthError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof AuthError) return error;
    throw error;
  }
  throw new Error("Expected an AuthError");
}
