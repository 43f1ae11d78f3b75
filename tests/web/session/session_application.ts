import {
  Application,
  authenticated,
  MemorySessionStore,
  RequestHandler,
  type Route,
  type Session,
  SessionMixin,
  type SessionOptions,
} from "@gustnado/gustnado";

/** The secret of the tests. */
export const SECRET = "the secret of the tests";

// Exported classes need a base with a declared type.
const SessionHandler: ReturnType<typeof SessionMixin<typeof RequestHandler>> = SessionMixin(
  RequestHandler,
);

/** A class of pages with a typed session. */
export class Page extends SessionHandler {
  declare readonly session: Session<{ user?: string; visits?: number; cart?: string[] }>;

  override getCurrentUser(): string | null {
    return this.session.get("user") ?? null;
  }
}

class Plain extends Page {
  override get() {
    this.write("plain");
  }
}

class Show extends Page {
  override get() {
    const { isNew } = this.session;
    const { user = null, visits = null, cart = null } = {
      user: this.session.get("user"),
      visits: this.session.get("visits"),
      cart: this.session.get("cart"),
    };
    this.write({ isNew, user, visits, cart });
  }
}

class Count extends Page {
  override get() {
    const visits = (this.session.get("visits") ?? 0) + 1;
    this.session.set("visits", visits);
    this.write(String(visits));
  }
}

class Cart extends Page {
  override get() {
    const cart = this.session.get("cart");
    if (cart === undefined) this.session.set("cart", [this.getArgument("add")]);
    else cart.push(this.getArgument("add"));
  }
}

class LogIn extends Page {
  override post() {
    this.session.regenerate();
    this.session.set("user", this.getArgument("user"));
    this.redirect("/secret");
  }
}

class LogOut extends Page {
  override post() {
    this.session.destroy();
    this.redirect("/");
  }
}

class Secret extends Page {
  @authenticated
  override get() {
    this.write(`for ${this.currentUser} only`);
  }
}

/** Its routes. */
export const ROUTES: readonly Route[] = [
  ["/", Plain],
  ["/show", Show],
  ["/count", Count],
  ["/cart", Cart],
  ["/login", LogIn],
  ["/logout", LogOut],
  ["/secret", Secret],
];

/** A small application that shows what is in its sessions. */
export function sessionApplication(
  session: SessionOptions = {},
  routes: readonly Route[] = [],
): Application {
  return new Application([...routes, ...ROUTES], {
    cookieSecret: SECRET,
    loginUrl: "/login",
    session,
  });
}

/** The ways to keep a session without a service. */
export const KEEPERS: readonly [name: string, options: () => SessionOptions][] = [
  ["in a cookie", () => ({})],
  ["in memory", () => ({ store: new MemorySessionStore() })],
];
