import { assertEquals } from "@std/assert";
import { GoogleOAuth2Mixin } from "../../src/auth/mixins/google_oauth2_mixin.ts";
import { AsyncHTTPClient } from "../../src/client/async_http_client.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { HostileOpenID } from "../support/hostile_openid.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { authorizationUrl, loginSite } from "../support/login_site.ts";
import { LoginVisitor } from "../support/login_visitor.ts";

class GoogleLogin extends GoogleOAuth2Mixin(RequestHandler) {
  override async get() {
    if (this.getArgument("code", null)) {
      const { claims, accessToken } = await this.getAuthenticatedUser();
      this.write({ sub: claims.sub, email: claims.email, hasToken: accessToken !== "" });
    } else {
      await this.authorizeRedirect({
        redirectUri: `http://${this.request.host}/login`,
        scope: ["profile", "email"],
        extraParams: { access_type: "offline" },
      });
    }
  }
}

Deno.test("Google log-in gives a verified user", async () => {
  await using google = await HostileOpenID.start();
  google.lies = { claims: { email: "ada@example.com", email_verified: true } };
  class Login extends GoogleLogin {
    override getOpenIDSettings() {
      return { ...super.getOpenIDSettings(), issuer: google.issuer };
    }
  }
  const googleOauth = { key: "gustnado", secret: "client-secret" };
  await using site = loginSite(Login, { googleOauth });
  const url = await authorizationUrl(site);
  assertEquals(url.searchParams.get("scope"), "openid profile email");
  assertEquals(url.searchParams.get("access_type"), "offline");
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  assertEquals(JSON.parse(page.text), { sub: "ada", email: "ada@example.com", hasToken: true });
});

Deno.test("Google log-in is with Google's own issuer", async () => {
  const asked: string[] = [];
  class Login extends GoogleLogin {
    override getAuthHttpClient() {
      const fetch = (url: string) => {
        asked.push(url);
        return Promise.resolve(new Response(null, { status: 404 }));
      };
      return new AsyncHTTPClient({ fetch });
    }
  }
  using records = captureLogs();
  await using site = loginSite(Login, { googleOauth: { key: "gustnado" } });
  assertEquals((await new LoginVisitor().step(`${site.origin}/login`)).status, 502);
  assertEquals(asked, ["https://accounts.google.com/.well-known/openid-configuration"]);
  await expectLog(records, "warning", /Cannot discover "https:\/\/accounts.google.com"/);
});

Deno.test("Google log-in names the setting that it needs", async () => {
  using records = captureLogs();
  await using site = loginSite(GoogleLogin);
  assertEquals((await new LoginVisitor().step(`${site.origin}/login`)).status, 500);
  await expectLog(records, "error", /set "googleOauth" in the application's settings/);
});
