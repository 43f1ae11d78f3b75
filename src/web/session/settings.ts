/** The setting of sessions. */
import { suggest } from "../../checks/mistakes.ts";
import type { OptionType, SettingTable } from "../../checks/option_check.ts";
import type { CookieAttributes } from "../../http/fields/cookie.ts";
import { isToken } from "../../http/fields/field.ts";
import type { SessionStore } from "./session_store.ts";

/**
 * What an application can be told of its sessions.
 *
 * @category Cookies and sessions
 */
export interface SessionSettings {
  /** Where sessions are kept, and how long they last; see `SessionMixin`. Default: in cookies. */
  session?: SessionOptions;
}

const SESSION: OptionType = { name: "the options of sessions", test: isSessionOptions };

/** The check of {@linkcode SessionSettings}; the defaults are those of `SessionOptions`. */
export const SESSION_SETTINGS: SettingTable<SessionSettings, "session"> = { session: SESSION };

/**
 * Where sessions are kept, and how long they last: the setting `session`.
 *
 * @category Cookies and sessions
 */
export interface SessionOptions {
  /**
   * Keeps sessions on the server, where they can be revoked and may be large. Default: none, so a
   * session is kept in its cookie, encrypted with the setting `cookieSecret`. Then the server keeps
   * nothing, but a copy of the cookie stays good until its time is over, also after `destroy()`.
   */
  readonly store?: SessionStore;
  /**
   * The name of the cookie. Default `"session"`. `"__Host-session"` is safer where all is https: a
   * sibling host cannot set it.
   */
  readonly cookieName?: string;
  /**
   * Milliseconds after the last request that looked at the session until it ends. Default 30 minutes
   * (1,800,000), as NIST SP 800-63B §4.2.3 asks for AAL2. A session is renewed when a tenth of it has
   * passed, so the end can come up to a tenth early.
   */
  readonly idleTimeout?: number;
  /**
   * Milliseconds from the beginning of a session, or from its last `regenerate()`, until it ends
   * however busy it is. Default 12 hours (43,200,000), as NIST SP 800-63B §4.2.3 asks for AAL2.
   */
  readonly lifetime?: number;
  /**
   * Tell browsers to keep the cookie when they close, for as long as the session lasts. Default
   * `false`.
   */
  readonly persistent?: boolean;
  /** More attributes of the cookie. It is `httpOnly` in any case. */
  readonly cookieOptions?: SessionCookieOptions;
  /** Tells the time, in milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: () => number;
}

/**
 * Attributes of a session's cookie. Default: the path `/`, `sameSite: "Lax"`, and `secure` where the
 * request came by https or the name begins with `__Host-` or `__Secure-`.
 *
 * @category Cookies and sessions
 */
export type SessionCookieOptions = Pick<
  CookieAttributes,
  "domain" | "path" | "secure" | "sameSite" | "partitioned"
>;

/** The options, with every default filled in. */
export interface SessionPolicy {
  readonly store: SessionStore | null;
  readonly cookieName: string;
  readonly idleTimeout: number;
  readonly lifetime: number;
  readonly persistent: boolean;
  readonly cookieOptions: SessionCookieOptions;
  readonly clock: () => number;
}

const MINUTE = 60_000;
const NO_OPTIONS: SessionOptions = {};
const policies = new WeakMap<SessionOptions, SessionPolicy>();

/** What a setting comes to; the same object for the same setting. */
export function sessionPolicy(options: SessionOptions = NO_OPTIONS): SessionPolicy {
  let policy = policies.get(options);
  if (policy === undefined) policies.set(options, policy = withDefaults(options));
  return policy;
}

function withDefaults(options: SessionOptions): SessionPolicy {
  return {
    store: options.store ?? null,
    cookieName: options.cookieName ?? "session",
    idleTimeout: options.idleTimeout ?? 30 * MINUTE,
    lifetime: options.lifetime ?? 12 * 60 * MINUTE,
    persistent: options.persistent ?? false,
    cookieOptions: options.cookieOptions ?? {},
    clock: options.clock ?? Date.now,
  };
}

const CHECKS: Record<keyof SessionOptions, [test: (value: unknown) => boolean, name: string]> = {
  store: [isStore, "a store with load, replace and delete"],
  cookieName: [(value) => typeof value === "string" && isToken(value), "the name of a cookie"],
  idleTimeout: [isDuration, "a positive number of milliseconds"],
  lifetime: [isDuration, "a positive number of milliseconds"],
  persistent: [(value) => typeof value === "boolean", "a boolean"],
  cookieOptions: [isCookieOptions, "an object"],
  clock: [(value) => typeof value === "function", "a function"],
};

/**
 * Checks the setting `session`.
 *
 * @returns Whether it is an object.
 * @throws {TypeError} If an option is unknown or ill-typed; the message names it.
 */
export function isSessionOptions(value: unknown): value is SessionOptions {
  if (typeof value !== "object" || value === null) return false;
  for (const [name, option] of Object.entries(value)) {
    if (!isOptionName(name)) {
      throw new TypeError(`Unknown option "${name}" of "session"${suggest(name, CHECKS)}`);
    }
    const [test, expected] = CHECKS[name];
    if (option !== undefined && !test(option)) {
      throw new TypeError(
        `Cannot use ${String(option)} as "session.${name}": expected ${expected}`,
      );
    }
  }
  return true;
}

function isOptionName(name: string): name is keyof SessionOptions {
  return Object.hasOwn(CHECKS, name);
}

/** What a session's cookie cannot have, such as `httpOnly: false`, must not get in unseen. */
const COOKIE_OPTIONS: Record<keyof SessionCookieOptions, true> = {
  domain: true,
  path: true,
  secure: true,
  sameSite: true,
  partitioned: true,
};

function isCookieOptions(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const stranger = Object.keys(value).find((name) => !Object.hasOwn(COOKIE_OPTIONS, name));
  if (stranger === undefined) return true;
  const meant = suggest(stranger, COOKIE_OPTIONS);
  throw new TypeError(`Unknown option "${stranger}" of "session.cookieOptions"${meant}`);
}

function isDuration(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function isStore(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return ["load", "replace", "delete"].every((name) =>
    name in value && typeof Reflect.get(value, name) === "function"
  );
}
