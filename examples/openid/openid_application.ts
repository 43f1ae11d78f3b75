import {
  type Answer,
  Application,
  type ApplicationSettings,
  authenticated,
  type Html,
  html,
  OpenIDConnectMixin,
  RequestHandler,
  type Session,
  SessionMixin,
} from "@gustnado/gustnado";

/** What the site has to be told. */
export interface OpenIDApplicationOptions {
  /** The site's own address, such as `http://localhost:8888`. */
  readonly origin: string;
  /** What protects the sessions, which are kept in cookies. */
  readonly cookieSecret: string;
  /** The provider, and what it knows the site by. */
  readonly openidConnect: NonNullable<ApplicationSettings["openidConnect"]>;
}

/** Who is logged in. */
interface User {
  /** What the provider knows the user by. */
  readonly sub: string;
  /** What the user is called. */
  readonly name: string;
  /** What the provider wants back at log-out. */
  readonly idToken: string;
}

/** A site that one logs in to with an OpenID provider. */
export class OpenIDApplication extends Application {
  /** The site's own address. */
  readonly origin: string;

  constructor({ origin, cookieSecret, openidConnect }: OpenIDApplicationOptions) {
    super([
      ["/", HomeHandler],
      ["/profile", ProfileHandler],
      ["/login", LoginHandler],
      ["/logout", LogoutHandler],
    ], { cookieSecret, openidConnect, loginUrl: "/login", xsrfCookies: true });
    this.origin = origin;
  }
}

/** What all handlers have in common: the user is who the session says. */
abstract class SiteHandler extends SessionMixin(RequestHandler<OpenIDApplication>) {
  declare readonly session: Session<{ user?: User }>;

  override getCurrentUser(): User | null {
    return this.session.get("user") ?? null;
  }

  /** Sends a page. */
  protected show(title: string, body: Html): void {
    this.write(String(page(title, body)));
  }
}

/** Everyone's page. */
class HomeHandler extends SiteHandler {
  override get(): void {
    const user = this.getCurrentUser();
    if (user === null) {
      return this.show("Welcome", html`<p><a class="button" href="/login">Log in</a></p>`);
    }
    this.show(
      `Hello, ${user.name}`,
      html`<p>You are logged in. See <a href="/profile">your profile</a>.</p>
${logoutForm(this.xsrfToken)}`,
    );
  }
}

/** A page for users: others log in first, and come back here. */
class ProfileHandler extends SiteHandler {
  @authenticated
  override get(): void {
    const { name = "", sub = "" } = this.getCurrentUser() ?? {};
    this.show(
      "Your profile",
      html`
        <dl>
          <dt>Name<dd>${name}<dt>Known to the provider as<dd>${sub}</dl>
        <p><a href="/">Home</a></p>
        ${logoutForm(this.xsrfToken)}
      `,
    );
  }
}

/** Where the visitor leaves for the provider, and comes back. */
class LoginHandler extends OpenIDConnectMixin(SiteHandler) {
  override async get(): Promise<void> {
    if (!this.getArgument("code", null)) {
      const redirectUri = `${this.application.origin}/login`;
      return await this.authorizeRedirect({ redirectUri, scope: ["profile"] });
    }
    const { accessToken, idToken, claims: { sub }, next } = await this.getAuthenticatedUser();
    const { name } = await this.getUserinfo({ accessToken, subject: sub });
    // Another id, so that nobody who knew the old one is logged in, too.
    this.session.regenerate();
    this.session.set("user", { sub, name: typeof name === "string" ? name : sub, idToken });
    this.redirect(next);
  }
}

/** Forgets the user, here and at the provider. By POST only: a link must not do it. */
class LogoutHandler extends OpenIDConnectMixin(SiteHandler) {
  override post(): Answer {
    const user = this.getCurrentUser();
    this.session.destroy();
    if (user === null) return this.redirect("/");
    const redirectUri = `${this.application.origin}/`;
    return this.logoutRedirect({ idToken: user.idToken, redirectUri });
  }
}

function logoutForm(xsrfToken: string): Html {
  return html`<form method="post" action="/logout">
<input type="hidden" name="_xsrf" value="${xsrfToken}"><button class="button">Log out</button>
</form>`;
}

function page(title: string, body: Html): Html {
  return html`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
body { color: #223; font: 1.1rem/1.6 system-ui, sans-serif; margin: 4rem auto; max-width: 30rem; padding: 1rem }
.button { background: #258; border: 0; border-radius: .4rem; color: #fff; cursor: pointer; display: inline-block;
  font: inherit; padding: .4rem 1.2rem; text-decoration: none }
dt { color: #667; font-size: .9rem }
dd { margin: 0 0 1rem }
</style>
<h1>${title}</h1>
${body}
</html>`;
}
