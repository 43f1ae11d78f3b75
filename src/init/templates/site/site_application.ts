/** The settings of the site, and what its pages share. */
import type { DatabaseSync } from "node:sqlite";
import { Application, securityHeaders } from "@gustnado/gustnado";
import { Accounts } from "./accounts.ts";
import { Notes } from "./notes.ts";
import { pageRoutes } from "./pages.ts";

/** Nothing but the site's own files, and no script or style in the page itself. */
const CONTENT_SECURITY_POLICY = {
  "default-src": ["'none'"],
  "script-src": ["'self'"],
  "style-src": ["'self'"],
  "img-src": ["'self'"],
  "connect-src": ["'self'"],
  "form-action": ["'self'"],
};

/** What differs from one installation to another. */
export interface SiteOptions {
  /** What signs and encrypts cookies: at least 32 random characters. */
  readonly cookieSecret: string;
  /** Shows exceptions in the page. Default `false`. */
  readonly debug?: boolean;
}

/** The site. */
export class SiteApplication extends Application {
  /** Who has signed up. */
  readonly accounts: Accounts;
  /** What they have written. */
  readonly notes: Notes;
  readonly #database: DatabaseSync;

  /** @param database What it keeps; it is closed when the application has ended. */
  constructor(database: DatabaseSync, { cookieSecret, debug = false }: SiteOptions) {
    super(pageRoutes(), {
      debug,
      cookieSecret,
      loginUrl: "/login",
      middleware: [securityHeaders({ contentSecurityPolicy: CONTENT_SECURITY_POLICY })],
      staticPath: `${import.meta.dirname}/static`,
      templatePath: `${import.meta.dirname}/templates`,
      xsrfCookies: true,
    });
    this.accounts = new Accounts(database);
    this.notes = new Notes(database);
    this.#database = database;
  }

  override onStart(): void {
    this.onShutdown(() => this.#database.close());
  }
}
