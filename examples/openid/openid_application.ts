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
      ["/favicon.ico", IconHandler],
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

/** What browsers show beside the title, and ask for of themselves. */
class IconHandler extends SiteHandler {
  override get(): void {
    this.setHeader("Content-Type", "image/svg+xml");
    this.setHeader("Cache-Control", "max-age=86400");
    this.write(ICON);
  }
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
<rect width="64" height="64" rx="16" fill="#1f5fd6"/>
<path d="M14 17h36M19 27h27M26 37h16M27 47h8" stroke="#fff" stroke-width="5" stroke-linecap="round"/>
</svg>`;

function logoutForm(xsrfToken: string): Html {
  return html`<form method="post" action="/logout">
<input type="hidden" name="_xsrf" value="${xsrfToken}"><button class="button">Log out</button>
</form>`;
}

function page(title: string, body: Html): Html {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <style>
        :root { color-scheme: light dark; --accent: light-dark(#1f5fd6, #2f6fe4); --muted: light-dark(#566477, #9aa9bc) }
        * { box-sizing: border-box }
        body { background: light-dark(#eef2f7, #0d131c); color: light-dark(#16202e, #e6ecf4); display: grid;
          font: 1rem/1.5 system-ui, sans-serif; margin: 0; min-height: 100dvh; overflow-wrap: anywhere;
          padding: 1rem; place-items: center }
        main { background: light-dark(#fff, #151d29); border: 1px solid light-dark(#dbe2ec, #2a3646);
          border-radius: 1.25rem; padding: clamp(1.25rem, 6vw, 2rem); width: min(100%, 28rem) }
        h1 { font-size: min(1.5rem, 10vw); letter-spacing: -.02em; line-height: 1.25; margin: 0 0 1rem }
        a { color: light-dark(#1f5fd6, #82aef8) }
        .button { background: var(--accent); border: 0; border-radius: .75rem; color: #fff; cursor: pointer;
          display: inline-block; font: inherit; font-weight: 600; padding: .625rem 1.25rem; text-decoration: none }
        :focus-visible { outline: 3px solid light-dark(#174cb0, #4a86f2); outline-offset: 2px }
        p, dl { margin: 0 0 1rem }
    main > :last-child { margin-bottom: 0 }
        dt { color: var(--muted); font-size: .875rem }
        dd { margin: 0 0 .75rem }
        </style>
      </head>
      <body>
        <main>
        <h1>${title}</h1>
        ${body}
            </main>
      </body>
    </html>
  `;
}
