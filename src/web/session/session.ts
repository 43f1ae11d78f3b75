/** The session of a visitor, as an application sees it. */

/**
 * The keys of a session's data.
 *
 * @category Cookies and sessions
 */
export type SessionKey<Data extends object> = Extract<keyof Data, string>;

/**
 * What an application remembers of a visitor between requests: `this.session` in handlers of
 * {@linkcode SessionMixin}, which makes them.
 *
 * Values are those of JSON; a `Date` comes back as text. A session that nothing was put into does not
 * exist: it is not stored, and sets no cookie. A change is kept whatever becomes of the response, also
 * if it is an error page, and has to be made before its head is sent.
 *
 * @typeParam Data What may be in it: `declare readonly session: Session<{ user?: string }>` in the
 *   handler's class.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler, type Session, SessionMixin } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Login extends SessionMixin(RequestHandler) {
 *   declare readonly session: Session<{ user?: string; flash?: string }>;
 *
 *   override get() {
 *     this.write(`${this.session.get("user") ?? "nobody"}: ${this.session.take("flash") ?? "-"}`);
 *   }
 *
 *   override post() {
 *     // Whoever knew the session before the log-in does not know it any more.
 *     this.session.regenerate();
 *     this.session.set("user", "ada");
 *     this.session.set("flash", "Welcome back");
 *   }
 * }
 *
 * const app = new Application([["/", Login]], { cookieSecret: "32 random bytes, in real life" });
 * const login = await app.fetch(new Request("http://localhost/", { method: "POST" }));
 * const cookie = login.headers.getSetCookie()[0]?.split(";")[0] ?? "";
 * const page = await app.fetch(new Request("http://localhost/", { headers: { cookie } }));
 * assertEquals(await page.text(), "ada: Welcome back");
 * ```
 *
 * @category Cookies and sessions
 */
export abstract class Session<Data extends object = Record<string, unknown>> {
  /**
   * Whether the session began with this request: it came without one, or with one that is over or
   * unknown, or `destroy()` was called.
   */
  abstract get isNew(): boolean;

  /**
   * When the session began, or was last regenerated, in milliseconds since the epoch.
   *
   * To log a user out everywhere, also where sessions are kept in cookies, remember the time and
   * have `getCurrentUser` refuse sessions that began before it.
   */
  abstract get startedAt(): number;

  /** A value; `undefined` if there is none. To change an array or an object inside counts, too. */
  abstract get<Key extends SessionKey<Data>>(key: Key): Data[Key] | undefined;

  /** Whether there is a value. */
  abstract has(key: SessionKey<Data>): boolean;

  /**
   * Puts a value in.
   *
   * @throws {TypeError} If JSON has no such value: `undefined`, a function, `NaN` and the like.
   * @throws {Error} If the head of the response was sent.
   */
  abstract set<Key extends SessionKey<Data>>(key: Key, value: Exclude<Data[Key], undefined>): void;

  /**
   * Takes a value out: for messages that are to be shown once.
   *
   * @returns The value; `undefined` if there was none.
   * @throws {Error} If there was one, and the head of the response was sent.
   */
  take<Key extends SessionKey<Data>>(key: Key): Data[Key] | undefined {
    const value = this.get(key);
    if (this.has(key)) this.delete(key);
    return value;
  }

  /**
   * Removes a value.
   *
   * @returns Whether there was one.
   * @throws {Error} If the head of the response was sent.
   */
  abstract delete(key: SessionKey<Data>): boolean;

  /**
   * Removes all values. The session goes on; to log out, use {@linkcode destroy}.
   *
   * @throws {Error} If the head of the response was sent.
   */
  abstract clear(): void;

  /**
   * Goes on under a new id, and revokes the old one. Call it whenever a user logs in, or gains rights:
   * whoever knew the id before does not know it any more. The absolute lifetime begins anew.
   *
   * A session in a cookie has no id, and its old cookie stays good until its time is over; but it
   * holds what it held before, not the log-in.
   *
   * @throws {Error} If the head of the response was sent.
   */
  abstract regenerate(): void;

  /**
   * Ends the session: log-out. Its cookie is removed, and in a store it is revoked for good, also for
   * requests that are under way. What is put in afterwards begins a new session.
   *
   * A copy of the cookie of a session that is kept in it stays good until its time is over; see
   * {@linkcode startedAt}.
   *
   * @throws {Error} If the head of the response was sent.
   */
  abstract destroy(): void;
}
