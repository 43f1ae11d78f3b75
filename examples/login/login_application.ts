import {
  type Answer,
  Application,
  authenticated,
  MemorySessionStore,
  RequestHandler,
  safeNext,
  type Session,
  SessionMixin,
} from "@gustnado/gustnado";
import { Accounts, SHORTEST_PASSWORD } from "./accounts.ts";

/** The application: accounts, sessions and pages. */
export class LoginApplication extends Application {
  /** Who has signed up. */
  readonly accounts: Accounts = new Accounts();

  /** Builds it. */
  constructor() {
    super([
      ["/", HomeHandler],
      ["/signup", SignUpHandler],
      ["/login", LogInHandler],
      ["/logout", LogOutHandler],
    ], {
      staticPath: `${import.meta.dirname}/static`,
      templatePath: `${import.meta.dirname}/templates`,
      loginUrl: "/login",
      xsrfCookies: true,
      // In a store a log-out is final. Without a store, sessions need a cookieSecret.
      session: { store: new MemorySessionStore() },
    });
  }
}

/** What all pages have in common: the user is who the session says. */
abstract class Page extends SessionMixin(RequestHandler<LoginApplication>) {
  declare readonly session: Session<{ user?: string }>;

  override getCurrentUser(): string | null {
    return this.session.get("user") ?? null;
  }

  /** Lets a user in, and leads to the page that the user wanted. */
  protected logIn(user: string): void {
    // Another id, so that nobody who knew the old one is logged in, too.
    this.session.regenerate();
    this.session.set("user", user);
    this.redirect(safeNext(this.getArgument("next", "/")), { status: 303 });
  }
}

/** The page that is for users only. */
class HomeHandler extends Page {
  @authenticated
  override get(): Answer {
    return this.render("home.html", { user: this.currentUser });
  }
}

/** A form for a name and a password. */
abstract class FormHandler extends Page {
  /** The template of the form. */
  protected abstract readonly template: string;

  override get(): Answer {
    return this.#show("");
  }

  /** Shows the form again, and why. */
  protected refuse(reason: string): void | Promise<void> {
    this.setStatus(403);
    return this.#show(reason);
  }

  #show(reason: string): void | Promise<void> {
    const name = this.getBodyArgument("name", "");
    const next = this.getArgument("next", "/");
    return this.render(this.template, { name, reason, next, shortest: SHORTEST_PASSWORD });
  }
}

/** Makes an account, and logs its user in. */
class SignUpHandler extends FormHandler {
  protected readonly template = "signup.html";

  override async post(): Promise<void> {
    const name = this.getBodyArgument("name").trim();
    const password = this.getBodyArgument("password", undefined, { strip: false });
    if (name === "" || name.length > 40) return await this.refuse("A name has 1 to 40 letters.");
    if (password.length < SHORTEST_PASSWORD) {
      return await this.refuse(`A password has at least ${SHORTEST_PASSWORD} characters.`);
    }
    if (!await this.application.accounts.add(name, password)) {
      return await this.refuse("That name is taken.");
    }
    this.logIn(name);
  }
}

/** Logs a user in. */
class LogInHandler extends FormHandler {
  protected readonly template = "login.html";

  override async post(): Promise<void> {
    const name = this.getBodyArgument("name").trim();
    const password = this.getBodyArgument("password", undefined, { strip: false });
    // One answer for both, so that nobody learns which names there are.
    if (!await this.application.accounts.check(name, password)) {
      return await this.refuse("Wrong name or password.");
    }
    this.logIn(name);
  }
}

/** Logs a user out. By POST only: a link on another page must not do it. */
class LogOutHandler extends Page {
  override post(): void {
    this.session.destroy();
    this.redirect("/login", { status: 303 });
  }
}
