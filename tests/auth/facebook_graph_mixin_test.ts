import { assertEquals } from "@std/assert";
import { FacebookGraphMixin } from "../../src/auth/mixins/facebook_graph_mixin.ts";
import { nodeCrypto } from "../../src/platform/node_builtins.ts";
import { Application } from "../../src/web/application.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import {
  authorizationUrl,
  authorizeAtOnce,
  expectRefusal,
  loginSite,
} from "../support/login_site.ts";
import { LoginVisitor } from "../support/login_visitor.ts";
import { serve } from "../support/serve.ts";

class FacebookLogin extends FacebookGraphMixin(RequestHandler) {
  override async get() {
    if (this.getArgument("code", null)) {
      const { profile, accessToken } = await this.getAuthenticatedUser({ extraFields: ["email"] });
      const body = { message: "hello" };
      const posted = await this.facebookRequest("/me/feed", { accessToken, body });
      this.write({ profile, posted });
    } else {
      const redirectUri = `http://${this.request.host}/login`;
      await this.authorizeRedirect({ redirectUri, scope: ["email", "user_posts"] });
    }
  }
}

/** Facebook's endpoints, as it documents them, with the demand for an `appsecret_proof`. */
function facebookImitation(answers: { readonly me?: unknown } = {}) {
  const token = async (request: Request) => {
    const form = new URLSearchParams(await request.text());
    if (form.get("client_secret") !== "fb-secret" || form.get("code") !== "the-code") {
      const error = { message: "Invalid verification code", type: "OAuthException", code: 100 };
      return Response.json({ error }, { status: 400 });
    }
    return Response.json({ access_token: "EAA1", token_type: "bearer", expires_in: 5_183_944 });
  };
  const graph = (answer: (request: Request) => unknown) => (request: Request) => {
    const proof = nodeCrypto().createHmac("sha256", "fb-secret").update("EAA1").digest("hex");
    const isRight = request.headers.get("authorization") === "Bearer EAA1" &&
      new URL(request.url).searchParams.get("appsecret_proof") === proof;
    return Response.json(answer(request), { status: isRight ? 200 : 400 });
  };
  const fieldsOf = (request: Request) => new URL(request.url).searchParams.get("fields");
  return serve(
    new Application([
      ["/dialog/oauth", authorizeAtOnce],
      ["/oauth/access_token", token],
      ["/me", graph((request) => answers.me ?? { id: "10", name: "Ada", said: fieldsOf(request) })],
      ["/me/feed", graph((request) => ({ id: "10_1", method: request.method }))],
    ]),
  );
}

function facebookLogin(origin: string) {
  return class extends FacebookLogin {
    override getOAuthServer() {
      return {
        authorizeUrl: `${origin}/dialog/oauth`,
        accessTokenUrl: `${origin}/oauth/access_token`,
      };
    }
    override getFacebookGraphUrl() {
      return origin;
    }
  };
}

const FACEBOOK = { facebookApiKey: "key", facebookSecret: "fb-secret" };

Deno.test("Facebook log-in gives the profile, and proves the secret with each request", async () => {
  await using facebook = facebookImitation();
  await using site = loginSite(facebookLogin(facebook.origin), FACEBOOK);
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  assertEquals(JSON.parse(page.text), {
    profile: { id: "10", name: "Ada", said: "id,name,first_name,last_name,picture,email" },
    posted: { id: "10_1", method: "POST" },
  });
});

Deno.test("Facebook's refusal of a code is an error", async () => {
  using records = captureLogs();
  await using facebook = facebookImitation();
  const settings = { ...FACEBOOK, facebookSecret: "wrong" };
  await using site = loginSite(facebookLogin(facebook.origin), settings);
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  await expectRefusal(page, { status: 502, why: /unexpected HTTP status code/, records });
});

Deno.test("a profile without an identity is nobody", async () => {
  using records = captureLogs();
  for (const me of [{ name: "Ada" }, { id: "" }, [], "ada"]) {
    await using facebook = facebookImitation({ me });
    await using site = loginSite(facebookLogin(facebook.origin), FACEBOOK);
    const page = await new LoginVisitor().visit(`${site.origin}/login`);
    await expectRefusal(page, { status: 502, why: /did not say who the user is/, records });
  }
});

Deno.test("Facebook log-in takes the client from its arguments, as Tornado's does", async () => {
  await using facebook = facebookImitation();
  class Login extends facebookLogin(facebook.origin) {
    override async get() {
      if (this.getArgument("code", null)) {
        const client = { clientId: "key", clientSecret: "fb-secret" };
        this.write({ id: (await this.getAuthenticatedUser(client)).profile.id });
      } else {
        const redirectUri = `http://${this.request.host}/login`;
        await this.authorizeRedirect({ redirectUri, clientId: "key" });
      }
    }
  }
  await using site = loginSite(Login);
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  assertEquals(JSON.parse(page.text), { id: "10" });
});

Deno.test("Facebook log-in leads to www.facebook.com", async () => {
  await using site = loginSite(FacebookLogin, FACEBOOK);
  const url = await authorizationUrl(site);
  assertEquals(url.origin + url.pathname, "https://www.facebook.com/dialog/oauth");
  assertEquals(url.searchParams.get("scope"), "email user_posts");
});

Deno.test("Facebook log-in names the settings that it needs", async () => {
  using records = captureLogs();
  const half = { facebookApiKey: "key" };
  for (const [settings, name] of [[{}, "facebookApiKey"], [half, "facebookSecret"]] as const) {
    await using site = loginSite(FacebookLogin, settings);
    assertEquals((await new LoginVisitor().step(`${site.origin}/login`)).status, 500);
    await expectLog(records, "error", new RegExp(`set "${name}" in the application's settings`));
  }
});
