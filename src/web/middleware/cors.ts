/** Cross-origin resource sharing. */
import { excerpt } from "../../http/excerpt.ts";
import { generalLog } from "../../log.ts";
import { isPromiseLike } from "../../concurrent/coroutine/promise_like.ts";
import { addVary, isToken } from "../../http/fields/field.ts";
import {
  BOOLEAN,
  checkOptions,
  type OptionType,
  SIZE,
  STRINGS,
} from "../../checks/option_check.ts";
import { mapResponse, type Middleware, type Next, setsSafeFields } from "./middleware.ts";
import type { RequestContext } from "./request_context.ts";
import { type AllowedOrigins, originMatcher, type OriginPredicate } from "./origin_matcher.ts";

/**
 * What pages of other origins may do.
 *
 * @category Middleware
 */
export interface CorsOptions {
  /**
   * The origins that may: `"*"` for all of them; one or several, such as `"https://example.com"`;
   * expressions, which have to match the whole origin; or a function, which may be `async`. The
   * origin `null`, which any page can have, is allowed by the text `"null"` only.
   */
  readonly origin: AllowedOrigins;
  /** Methods. Default GET, HEAD, POST, PUT, PATCH and DELETE. */
  readonly methods?: readonly string[];
  /**
   * Request headers that pages may set, beside those that are always allowed. `["*"]` is all of them
   * but `Authorization`. Default `["Content-Type"]`.
   */
  readonly allowedHeaders?: readonly string[];
  /** Response headers that pages may read, beside those that are always readable. Default none. */
  readonly exposedHeaders?: readonly string[];
  /**
   * Pages may send cookies and read what a visitor who is logged in gets to see. Default `false`.
   * Each origin that is allowed can then do whatever its visitors can.
   */
  readonly credentials?: boolean;
  /**
   * Milliseconds for which a browser may remember what was allowed. Sent in whole seconds. Default
   * 600,000; browsers have an upper limit of their own, and remember for 5 s if told nothing.
   */
  readonly maxAgeMs?: number;
  /** Let pages of public sites reach this server in a private network. Default `false`. */
  readonly privateNetwork?: boolean;
}

const TOKENS: OptionType = {
  name: "an array of names",
  test: (value) => STRINGS.test(value) && Array.isArray(value) && value.every(isToken),
};

const OPTIONS: Readonly<Record<keyof CorsOptions, OptionType>> = {
  origin: { name: "an origin", test: (value) => value !== null },
  methods: TOKENS,
  allowedHeaders: TOKENS,
  exposedHeaders: TOKENS,
  credentials: BOOLEAN,
  maxAgeMs: SIZE,
  privateNetwork: BOOLEAN,
};

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

/**
 * Lets pages of other origins read responses (Fetch Standard, "HTTP extensions"; CORS).
 *
 * Browsers enforce it, and other clients do not care: it protects nothing by itself. What an origin
 * may not read is answered all the same, without the fields that would let the page see it. Preflight
 * requests are answered without the application: put it in front of `basicAuth` and other middleware
 * that refuses, since they come without credentials.
 *
 * Error pages have the fields, too. A handler that sets `Access-Control-Allow-Origin` itself decides
 * by itself. WebSockets are not subject to it: see `WebSocketHandler.checkOrigin`.
 *
 * @throws {TypeError} If an option is unknown or ill-typed, or `*` stands together with `credentials`,
 *   which browsers refuse.
 * @throws {SyntaxError} If an expression could be kept busy by an origin.
 *
 * @example
 * ```ts
 * import { Application, cors, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Api extends RequestHandler {
 *   override get() {
 *     this.write({ wind: 7 });
 *   }
 * }
 *
 * const app = new Application([["/api", Api]], {
 *   middleware: [cors({ origin: ["https://example.com", /https:\/\/\w+\.example\.com/] })],
 * });
 * const headers = { Origin: "https://www.example.com" };
 * const response = await app.fetch(new Request("http://localhost/api", { headers }));
 * assertEquals(response.headers.get("Access-Control-Allow-Origin"), "https://www.example.com");
 * ```
 *
 * @category Middleware
 */
export function cors(options: CorsOptions): Middleware {
  checkOptions(options, OPTIONS, "option of cors()");
  checkWildcards(options);
  return setsSafeFields(new Cors(options).middleware);
}

class Cors {
  readonly #allows: OriginPredicate;
  readonly #anyone: boolean;
  readonly #shared: readonly Field[];
  readonly #preflight: readonly Field[];
  readonly #privateNetwork: boolean;

  constructor(options: CorsOptions) {
    const { origin, credentials = false, privateNetwork = false } = options;
    this.#anyone = origin === "*";
    this.#allows = this.#anyone ? () => true : originMatcher(origin);
    this.#privateNetwork = privateNetwork;
    const allowCredentials = field("allow-credentials", credentials ? ["true"] : []);
    this.#shared = [...allowCredentials, ...field("expose-headers", options.exposedHeaders ?? [])];
    this.#preflight = [
      ...allowCredentials,
      ...field("allow-methods", options.methods ?? METHODS),
      ...field("allow-headers", options.allowedHeaders ?? ["Content-Type"]),
      ...field("max-age", [
        String(Math.floor(Math.min(options.maxAgeMs ?? 600_000, FOREVER) / 1000)),
      ]),
    ];
  }

  readonly middleware: Middleware = (request, next, context) => {
    const origin = context.header("origin");
    if (origin === null) return mapResponse(next(), (response) => this.#vary(response));
    const allowed = this.#allows(origin, request);
    return isPromiseLike(allowed)
      ? Promise.resolve(allowed).then((allowed) =>
        this.#answer(origin, allowed, { request, next, context })
      )
      : this.#answer(origin, allowed, { request, next, context });
  };

  #answer(
    origin: string,
    allowed: boolean,
    { request, next, context }: {
      request: Request;
      next: Next;
      context: RequestContext;
    },
  ): Response | Promise<Response> {
    const isPreflight = request.method === "OPTIONS" &&
      context.header("access-control-request-method") !== null;
    const response = isPreflight ? context.answer(204) : next();
    const grants = isPreflight
      ? [...this.#preflight, ...this.#networkGrant(context)]
      : this.#shared;
    if (allowed !== true) tellOrigin(origin);
    return mapResponse(response, (response) => {
      this.#vary(response);
      // Anything but true refuses, as it does in `WebSocketHandler.checkOrigin`.
      return allowed === true ? this.#grant(response, origin, grants) : response;
    });
  }

  #networkGrant(context: RequestContext): readonly Field[] {
    const asked = context.header("access-control-request-private-network") === "true";
    return this.#privateNetwork && asked ? field("allow-private-network", ["true"]) : [];
  }

  #grant(response: Response, origin: string, fields: readonly Field[]): Response {
    const { headers } = response;
    if (response.status === 101 || headers.has("access-control-allow-origin")) return response;
    headers.set("access-control-allow-origin", this.#anyone ? "*" : origin);
    for (const [name, value] of fields) headers.set(name, value);
    return response;
  }

  /** Caches must not give one origin what another was answered (RFC 9110 §12.5.5). */
  #vary(response: Response): Response {
    if (!this.#anyone && response.status !== 101) addVary(response.headers, "Origin");
    return response;
  }
}

/** The request is answered, but the browser keeps the answer from the page, and says so to nobody here. */
function tellOrigin(origin: string): void {
  generalLog()?.info(
    'cors() does not allow the origin {origin}: name it in "origin" to let it in',
    {
      origin: excerpt(origin),
    },
  );
}

/** Seconds are sent as an integer that every browser can read. */
const FOREVER = 2 ** 31 * 1000 - 1000;

type Field = readonly [name: string, value: string];

function field(name: string, values: readonly string[]): readonly Field[] {
  return values.length === 0 ? [] : [[`access-control-${name}`, values.join(", ")]];
}

function checkWildcards(options: CorsOptions): void {
  if (options.origin === undefined) {
    throw new TypeError(
      'Cannot make cors() without "origin": name the origins, or "*" for all of them',
    );
  }
  if (options.credentials !== true) return;
  const lists = {
    origin: [options.origin].flat(),
    methods: options.methods ?? [],
    allowedHeaders: options.allowedHeaders ?? [],
    exposedHeaders: options.exposedHeaders ?? [],
  };
  for (const [name, list] of Object.entries(lists)) {
    if (list.includes("*")) {
      throw new TypeError(
        `Cannot use "*" as "${name}" of cors() with credentials: browsers refuse it; list them`,
      );
    }
  }
  if (lists.origin.includes("null")) {
    throw new TypeError(
      'Cannot allow the origin "null" of cors() with credentials: any page in a sandbox has it',
    );
  }
}
