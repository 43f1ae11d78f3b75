import type { RequestHandler } from "../request_handler.ts";
import { protectedCookie } from "../signed/signed_cookies.ts";
import type { SessionCookieOptions, SessionPolicy } from "./settings.ts";

/** Bytes of name and value that browsers keep (RFC 6265bis §5.6). */
const LARGEST = 4096;
/** What already keeps a response out of shared caches (RFC 9111 §5.2.2). A list of fields does not. */
const PRIVATE = /(?:^|[,\s])(?:no-store|private)(?:[,\s]|$)/i;

/** The cookie of a session: its id, or the session itself. */
export class SessionCookie {
  readonly #handler: RequestHandler;
  readonly #policy: SessionPolicy;

  constructor(handler: RequestHandler, policy: SessionPolicy) {
    this.#handler = handler;
    this.#policy = policy;
  }

  /** What the client sent; `null` if nothing. */
  get value(): string | null {
    return this.#handler.getCookie(this.#policy.cookieName);
  }

  /**
   * Sets the cookie.
   *
   * @param value ASCII that needs no quotes.
   * @param startedAt When the session began.
   * @throws {RangeError} If no browser would keep it.
   */
  set(value: string, startedAt: number): void {
    const { cookieName, persistent } = this.#policy;
    const bytes = cookieName.length + value.length;
    if (bytes > LARGEST) {
      throw new RangeError(
        `Cannot save the session: its cookie would take ${bytes} bytes, and browsers keep up to ` +
          `${LARGEST}; put less into it, or keep sessions in a store ("session.store")`,
      );
    }
    const lasting = persistent
      ? { maxAge: Math.ceil(timeLeft(this.#policy, startedAt) / 1000) }
      : {};
    this.#handler.setCookie(cookieName, value, { ...this.#attributes, ...lasting });
    this.#keepOutOfCaches();
  }

  /** Makes the client forget the cookie, if it sent one. */
  clear(): void {
    if (this.value === null) return;
    this.#handler.clearCookie(this.#policy.cookieName, this.#attributes);
    this.#keepOutOfCaches();
  }

  get #attributes(): SessionCookieOptions {
    const { cookieName, cookieOptions } = this.#policy;
    return { ...protectedCookie(this.#handler, cookieName), ...cookieOptions };
  }

  /** A shared cache that kept the response would hand one visitor's session to the next. */
  #keepOutOfCaches(): void {
    const own = this.#handler.getHeader("cache-control") ?? "";
    if (!PRIVATE.test(own)) this.#handler.setHeader("Cache-Control", "no-store");
  }
}

/** Milliseconds that a session lasts if nobody looks at it again; at least 1. */
export function timeLeft(policy: SessionPolicy, startedAt: number): number {
  const untilEnd = startedAt + policy.lifetime - policy.clock();
  return Math.max(1, Math.min(policy.idleTimeout, untilEnd));
}
