/** How often a client may come. */
import { isPromiseLike } from "../../concurrent/coroutine/promise_like.ts";
import { clientNetwork } from "../../http/target/ip_address.ts";
import { generalLog } from "../../log.ts";
import { shown } from "../../checks/shown.ts";
import {
  checkOptions,
  FUNCTION,
  MILLISECONDS,
  oneOf,
  type OptionType,
  STRING,
} from "../../checks/option_check.ts";
import { mapResponse, type Middleware, type Next, setsSafeFields } from "./middleware.ts";
import type { RequestContext } from "./request_context.ts";
import { refuse } from "./served_context.ts";
import { MemoryRateLimitStore } from "./memory_rate_limit_store.ts";
import {
  nextTokenAfter,
  type RateLimitStore,
  remainingTokens,
  type TokenBucket,
  type TokenGrant,
} from "./token_bucket.ts";

/**
 * Whose bucket a request takes from: a text, or `null` if it is not to be counted.
 *
 * @category Middleware
 */
export type RateLimitKey = (
  request: Request,
  context: RequestContext,
) => string | null | Promise<string | null>;

/**
 * How often a client may come.
 *
 * @category Middleware
 */
export interface RateLimitOptions {
  /** Requests in each window. An integer from 1. */
  readonly limit: number;
  /** Milliseconds of a window. Default 60,000. */
  readonly windowMs?: number;
  /**
   * Requests that may come at once. Default `limit`. A lower one spreads them: 60 in a minute with a
   * burst of 5 are five at once, then one in each second.
   */
  readonly burst?: number;
  /**
   * Who is counted as one. By default the client's address as the server believes it (see the setting
   * `xheaders`); of IPv6 the first 64 bits, since one client has all that begin with them.
   */
  readonly key?: RateLimitKey;
  /** Where counts are kept. Default: in the memory of the process, for 100,000 clients. */
  readonly store?: RateLimitStore;
  /**
   * What becomes of a request when the store fails. `"open"`, the default, lets it through: a broken
   * store does not take the application with it. `"closed"` answers 503, for what must never be tried
   * without a limit, such as passwords. Either way there is a warning in the log.
   */
  readonly onStoreFailure?: "open" | "closed";
  /**
   * The name of the limit in the response, and in the keys of the store: two limits over one store
   * need two names. Default `"default"`.
   */
  readonly name?: string;
}

const FROM_ONE: OptionType = {
  name: "an integer from 1",
  test: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
};

const OPTIONS: Readonly<Record<keyof RateLimitOptions, OptionType>> = {
  limit: FROM_ONE,
  windowMs: MILLISECONDS,
  burst: FROM_ONE,
  key: FUNCTION,
  store: {
    name: "a store",
    test: (value) => typeof value === "object" && FUNCTION.test(Object(value).take),
  },
  onStoreFailure: oneOf("open", "closed"),
  name: { name: "a name of letters, digits, - and _", test: isName },
};

/**
 * Limits how often a client may come: beyond it the answer is 429 with `Retry-After`.
 *
 * Each client has a bucket of `burst` tokens, into which `limit` of them drop in each window, evenly;
 * a request takes one. What is left is told in `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers). Requests for a WebSocket count, its messages do not.
 *
 * The address is that of the peer, unless the server is told to believe its proxy: behind a proxy
 * without `xheaders`, all clients are one. Behind one that lets a client's own `X-Real-Ip` pass, every
 * request can be another client's.
 *
 * @throws {TypeError} If an option is unknown, ill-typed or missing.
 *
 * @example
 * ```ts
 * import { Application, rateLimit } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const app = new Application([["/", () => new Response("ok")]], {
 *   middleware: [rateLimit({ limit: 2, windowMs: 60_000 })],
 * });
 * const get = () => app.fetch(new Request("http://localhost/"));
 * await get();
 * await get();
 * const { status, headers } = await get();
 * assertEquals([status, headers.get("Retry-After")], [429, "30"]);
 * ```
 *
 * @category Middleware
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  checkOptions(options, OPTIONS, "option of rateLimit()");
  if (options.limit === undefined) {
    throw new TypeError('Cannot make rateLimit() without "limit": set the requests in each window');
  }
  return setsSafeFields(new RateLimit(options).middleware);
}

class RateLimit {
  readonly #bucket: TokenBucket;
  readonly #key: RateLimitKey;
  readonly #store: RateLimitStore;
  readonly #isOpen: boolean;
  readonly #name: string;
  readonly #policy: string;
  #isFailing = false;

  constructor(options: RateLimitOptions) {
    const { limit, windowMs = 60_000, burst = limit, name = "default" } = options;
    this.#bucket = { capacity: burst, refillMs: windowMs / limit };
    this.#key = options.key ?? clientKey;
    this.#store = options.store ?? new MemoryRateLimitStore();
    this.#isOpen = (options.onStoreFailure ?? "open") === "open";
    this.#name = name;
    const window = seconds(burst * this.#bucket.refillMs);
    this.#policy = `"${name}";q=${burst};w=${window}`;
  }

  readonly middleware: Middleware = (request, next, context) => {
    const key = this.#key(request, context);
    return isPromiseLike(key)
      ? Promise.resolve(key).then((key) => this.#limit(key, next, context))
      : this.#limit(key, next, context);
  };

  #limit(
    key: string | null,
    next: Next,
    context: RequestContext,
  ): Response | Promise<Response> {
    if (key === null) return next();
    const grant = this.#take(`${this.#name}:${key}`);
    return grant instanceof Promise
      ? grant.then((grant) => this.#answer(grant, next, context))
      : this.#answer(grant, next, context);
  }

  #take(key: string): TokenGrant | null | Promise<TokenGrant | null> {
    try {
      const grant = this.#store.take(key, this.#bucket);
      return isPromiseLike(grant)
        ? Promise.resolve(grant)
          .then((grant) => this.#succeed(grant), (error) => this.#fail(error))
        : this.#succeed(grant);
    } catch (error) {
      return this.#fail(error);
    }
  }

  #succeed(grant: TokenGrant): TokenGrant | null {
    if (typeof Object(grant).allowed !== "boolean") {
      return this.#fail(new TypeError(`Cannot use ${shown(grant)} of take(): expected a grant`));
    }
    this.#isFailing = false;
    return grant;
  }

  /** A store that is down would fill the log: it is told once, and again after it has worked. */
  #fail(error: unknown): null {
    if (!this.#isFailing) {
      generalLog()?.warn("Cannot limit requests by {name}, so they are {outcome}: {error}", {
        name: this.#name,
        outcome: this.#isOpen ? "let through" : "refused",
        error,
      });
    }
    this.#isFailing = true;
    return null;
  }

  #answer(
    grant: TokenGrant | null,
    next: Next,
    context: RequestContext,
  ): Response | Promise<Response> {
    if (grant === null) return this.#isOpen ? next() : context.answer(503);
    const limit = this.#status(grant);
    if (grant.allowed) return mapResponse(next(), (response) => this.#tell(response, limit));
    const retryAfter = seconds(nextTokenAfter(grant, this.#bucket));
    return mapResponse(
      refuse(context, 429, {
        why: `the limit "${this.#name}" is used up for the next ${retryAfter} s`,
        headers: { "Retry-After": String(retryAfter) },
      }),
      (response) => this.#tell(response, limit),
    );
  }

  #status(grant: TokenGrant): string {
    const remaining = remainingTokens(grant, this.#bucket);
    return `"${this.#name}";r=${remaining};t=${seconds(grant.fullAfterMs)}`;
  }

  /** Several limits may stand around one request: each adds its own. */
  #tell(response: Response, limit: string): Response {
    response.headers.append("ratelimit-policy", this.#policy);
    response.headers.append("ratelimit", limit);
    return response;
  }
}

function clientKey(_request: Request, context: RequestContext): string {
  return clientNetwork(context.remoteIp);
}

/** Whole seconds, never fewer than it takes; and a rounding error is not a second. */
function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000 - 1e-6));
}

function isName(value: unknown): boolean {
  return STRING.test(value) && /^[\w-]{1,64}$/.test(String(value));
}
