import { assertEquals } from "@std/assert";
import { GitHubOAuth2Mixin } from "../../src/auth/mixins/github_oauth2_mixin.ts";
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

class GitHubLogin extends GitHubOAuth2Mixin(RequestHandler) {
  override async get() {
    if (this.getArgument("code", null)) {
      const { profile, scope, accessToken } = await this.getAuthenticatedUser();
      const emails = await this.githubRequest("/user/emails", { accessToken });
      this.write({ id: profile.id, login: profile.login, scope, emails });
    } else {
      const redirectUri = `http://${this.request.host}/login`;
      await this.authorizeRedirect({ redirectUri, scope: ["user:email"] });
    }
  }
}

/** GitHub's endpoints, as it documents them. */
function githubImitation() {
  const token = async (request: Request) => {
    const form = new URLSearchParams(await request.text());
    const isRight = form.get("client_id") === "key" && form.get("client_secret") === "gh-secret" &&
      form.get("code") === "the-code" && form.has("code_verifier") && form.has("redirect_uri");
    // Without that it answers with a form.
    if (request.headers.get("accept") !== "application/json") return new Response("access_token=x");
    if (!isRight) return Response.json({ error: "bad_verification_code" });
    return Response.json({ access_token: "gho_1", scope: "user:email,gist", token_type: "bearer" });
  };
  const api = (answer: unknown) => (request: Request) => {
    const isRight = request.headers.get("authorization") === "Bearer gho_1" &&
      request.headers.get("accept") === "application/vnd.github+json" &&
      request.headers.has("user-agent");
    return Response.json(answer, { status: isRight ? 200 : 403 });
  };
  return serve(
    new Application([
      ["/login/oauth/authorize", authorizeAtOnce],
      ["/login/oauth/access_token", token],
      ["/user", api({ id: 1, login: "ada", name: "Ada", email: null })],
      ["/user/emails", api([{ email: "ada@example.com", primary: true, verified: true }])],
    ]),
  );
}

function githubLogin(origin: string) {
  return class extends GitHubLogin {
    override getOAuthServer() {
      return {
        issuer: `${origin}/login/oauth`,
        authorizeUrl: `${origin}/login/oauth/authorize`,
        accessTokenUrl: `${origin}/login/oauth/access_token`,
      };
    }
    override getGitHubApiUrl() {
      return origin;
    }
  };
}

Deno.test("GitHub log-in gives the profile and the interface", async () => {
  await using github = githubImitation();
  const githubOauth = { key: "key", secret: "gh-secret" };
  await using site = loginSite(githubLogin(github.origin), { githubOauth });
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  assertEquals(JSON.parse(page.text), {
    id: 1,
    login: "ada",
    scope: ["user:email", "gist"],
    emails: [{ email: "ada@example.com", primary: true, verified: true }],
  });
});

Deno.test("GitHub's errors, which come with the status 200, are errors", async () => {
  using records = captureLogs();
  await using github = githubImitation();
  const githubOauth = { key: "key", secret: "wrong" };
  await using site = loginSite(githubLogin(github.origin), { githubOauth });
  const page = await new LoginVisitor().visit(`${site.origin}/login`);
  await expectRefusal(page, { status: 502, why: /answered "bad_verification_code"/, records });
});

Deno.test("GitHub log-in leads to github.com", async () => {
  await using site = loginSite(GitHubLogin, { githubOauth: { key: "k", secret: "s" } });
  const url = await authorizationUrl(site);
  assertEquals(url.origin + url.pathname, "https://github.com/login/oauth/authorize");
  assertEquals(url.searchParams.get("scope"), "user:email");
});

Deno.test("GitHub log-in names the setting that it needs", async () => {
  using records = captureLogs();
  await using site = loginSite(GitHubLogin);
  assertEquals((await new LoginVisitor().step(`${site.origin}/login`)).status, 500);
  await expectLog(records, "error", /set "githubOauth" in the application's settings/);
});
