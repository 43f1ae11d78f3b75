/** The pages of the site, and their forms. */
import { STATUS_CODES } from "node:http";
import {
  type Answer,
  authenticated,
  HTTPError,
  RequestHandler,
  type Route,
  safeNext,
  type Session,
  SessionMixin,
} from "@gustnado/gustnado";
import { SHORTEST_PASSWORD } from "./accounts.ts";
import { LONGEST_NOTE } from "./notes.ts";
import type { SiteApplication } from "./site_application.ts";

const LONGEST_NAME = 40;
/** Characters of a password, beyond which checking it would cost too much. */
const LONGEST_PASSWORD = 200;

/** Where each page is. */
export function pageRoutes(): Route[] {
  return [
    ["/", HomeHandler],
    ["/notes/:id(\\d{1,15})/remove", NoteRemovalHandler, {}, "removeNote"],
    ["/signup", SignUpHandler],
    ["/login", LogInHandler],
    ["/logout", LogOutHandler],
    ["/*", NotFoundHandler],
  ];
}

/** A page. Its user is who the session says. */
abstract class Page extends SessionMixin(RequestHandler<SiteApplication>) {
  declare readonly session: Session<{ user?: string }>;

  override getCurrentUser(): string | null {
    return this.session.get("user") ?? null;
  }

  /** Error pages look like the others. In `debug` they show the exception instead. */
  override writeError(status: number, options: { error?: unknown }): void | PromiseLike<void> {
    if (this.settings.debug) return super.writeError(status, options);
    const { error } = options;
    const told = error instanceof HTTPError ? error.reason : undefined;
    return this.render("error.html", { status, reason: told ?? STATUS_CODES[status] ?? "Error" });
  }

  /** Lets a user in, and leads to the page that the user wanted. */
  protected logIn(user: string): void {
    // Another id, so that nobody who knew the old one is logged in, too.
    this.session.regenerate();
    this.session.set("user", user);
    this.redirect(safeNext(this.getArgument("next", "/")), { status: 303 });
  }
}

/** The notes of the user, and a form for another one. */
class HomeHandler extends Page {
  @authenticated
  override get(): Answer {
    return this.#show("");
  }

  @authenticated
  override post(): Answer {
    const text = this.getBodyArgument("text").trim();
    if (text === "" || text.length > LONGEST_NOTE) {
      this.setStatus(422);
      return this.#show(`A note has 1 to ${LONGEST_NOTE} characters.`);
    }
    this.application.notes.add(String(this.currentUser), text);
    // A page that came by GET can be loaded again without writing the note twice.
    this.redirect("/", { status: 303 });
  }

  #show(reason: string): Answer {
    const user = String(this.currentUser);
    const text = this.getBodyArgument("text", "");
    const notes = this.application.notes.list(user);
    return this.render("home.html", {
      user,
      notes,
      text,
      reason,
      longest: LONGEST_NOTE,
    });
  }
}

/** Takes a note away. */
class NoteRemovalHandler extends Page {
  @authenticated
  override post(id: string): void {
    if (!this.application.notes.remove(String(this.currentUser), Number(id))) {
      throw new HTTPError(404, { reason: `There is no note ${id}` });
    }
    this.redirect("/", { status: 303 });
  }
}

/** A form for a name and a password. */
abstract class AccountHandler extends Page {
  /** The template of the form. */
  protected abstract readonly template: string;

  override get(): Answer {
    return this.#show("");
  }

  /** What the form has. */
  protected get fields(): { name: string; password: string } {
    return {
      name: this.getBodyArgument("name").trim(),
      password: this.getBodyArgument("password", undefined, { strip: false }),
    };
  }

  /** Shows the form again, and why. */
  protected refuse(reason: string): void | Promise<void> {
    this.setStatus(422);
    return this.#show(reason);
  }

  #show(reason: string): void | Promise<void> {
    const name = this.getBodyArgument("name", "");
    const next = this.getArgument("next", "/");
    const limits = { shortest: SHORTEST_PASSWORD, longest: LONGEST_PASSWORD };
    return this.render(this.template, { name, reason, next, ...limits });
  }
}

/** Makes an account, and logs its user in. */
class SignUpHandler extends AccountHandler {
  protected readonly template = "signup.html";

  override async post(): Promise<void> {
    const { name, password } = this.fields;
    if (name === "" || name.length > LONGEST_NAME) {
      return await this.refuse(`A name has 1 to ${LONGEST_NAME} characters.`);
    }
    if (
      password.length < SHORTEST_PASSWORD || password.length > LONGEST_PASSWORD
    ) {
      return await this.refuse(
        `A password has ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters.`,
      );
    }
    if (!await this.application.accounts.add(name, password)) {
      return await this.refuse("That name is taken.");
    }
    this.logIn(name);
  }
}

/** Logs a user in. */
class LogInHandler extends AccountHandler {
  protected readonly template = "login.html";

  override async post(): Promise<void> {
    const { name, password } = this.fields;
    const user = password.length > LONGEST_PASSWORD
      ? null
      : await this.application.accounts.check(name, password);
    // One answer for both, so that nobody learns which names there are.
    if (user === null) return await this.refuse("Wrong name or password.");
    this.logIn(user);
  }
}

/** Logs a user out. By POST only: a link on another page must not do it. */
class LogOutHandler extends Page {
  override post(): void {
    this.session.destroy();
    this.redirect("/login", { status: 303 });
  }
}

/** Answers where there is no route. */
class NotFoundHandler extends Page {
  override prepare(): void {
    throw new HTTPError(404);
  }
}
