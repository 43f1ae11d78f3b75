import type { HandlerBase } from "../handler_traits.ts";
import { exchangeOf } from "../request_handler.ts";
import type { Session } from "./session.ts";
import { SessionSaving } from "./session_saving.ts";
import { SessionSlot } from "./session_slot.ts";

/**
 * What {@linkcode SessionMixin} adds to a handler.
 *
 * @category Cookies and sessions
 */
export interface SessionMembers {
  /**
   * The visitor's session, from `getCurrentUser()` and `prepare()` on. `declare` it in the class to
   * give its data types: `declare readonly session: Session<{ user?: string }>`.
   */
  readonly session: Session;
}

/**
 * Gives a class of handlers, WebSocket handlers included, sessions: `this.session`.
 *
 * The setting `session` says where they are kept and how long they last. By default they are kept in
 * their cookie, encrypted with the setting `cookieSecret`; then a session is read when a handler first
 * looks at it, and one that nobody looks at costs nothing. A session in a store is loaded before
 * `getCurrentUser()` and `prepare()`; a store that fails is a 500.
 *
 * A session is kept when the response is sent, if it was changed, or once in a while if it was looked
 * at. The response waits for the store. Requests of one session that run at the same time do not wait
 * for each other: in a store each writes the keys that it changed, and the last writer of a key wins;
 * in a cookie the last response wins as a whole. From the upgrade on a WebSocket can read the session
 * as it was, and not change it.
 *
 * @param base `RequestHandler`, `WebSocketHandler`, or a class of your own.
 * @returns A class to derive from.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler, type Session, SessionMixin } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Visits extends SessionMixin(RequestHandler) {
 *   declare readonly session: Session<{ visits: number }>;
 *
 *   override get() {
 *     const visits = (this.session.get("visits") ?? 0) + 1;
 *     this.session.set("visits", visits);
 *     this.write(`visit ${visits}`);
 *   }
 * }
 *
 * const app = new Application([["/", Visits]], { cookieSecret: "32 random bytes, in real life" });
 * const first = await app.fetch(new Request("http://localhost/"));
 * const cookie = first.headers.getSetCookie()[0]?.split(";")[0] ?? "";
 * const second = await app.fetch(new Request("http://localhost/", { headers: { cookie } }));
 * assertEquals(await second.text(), "visit 2");
 * ```
 *
 * @category Cookies and sessions
 */
export function SessionMixin<Base extends HandlerBase>(
  base: Base,
  // deno-lint-ignore no-explicit-any -- what TypeScript asks of a mixin
): Base & (abstract new (...args: any[]) => SessionMembers) {
  abstract class WithSession extends base implements SessionMembers {
    readonly #slot: SessionSlot;

    // deno-lint-ignore no-explicit-any -- what TypeScript asks of a mixin
    constructor(...args: any[]) {
      super(...args);
      const exchange = exchangeOf(this);
      exchange.session ??= new SessionSaving(exchange, new SessionSlot(this));
      this.#slot = exchange.session.slot;
    }

    get session(): Session {
      return this.#slot.session;
    }
  }
  return WithSession;
}
