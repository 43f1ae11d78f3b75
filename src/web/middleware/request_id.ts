/** Names for requests. */
import { TrustedProxies } from "../../server/client_address.ts";
import { checkFieldName } from "../../http/fields/field.ts";
import {
  BOOLEAN,
  checkOptions,
  type OptionType,
  STRING,
  STRINGS,
} from "../../checks/option_check.ts";
import { mapResponse, type Middleware, setsSafeFields } from "./middleware.ts";
import type { RequestContext } from "./request_context.ts";

/**
 * Where the name of a request comes from, and where it goes.
 *
 * @category Middleware
 */
export interface RequestIdOptions {
  /** The header that carries it, both ways. Default `"X-Request-Id"`. */
  readonly header?: string;
  /**
   * Whose word is taken: `true` for everybody's, as behind a proxy that sets the header itself, or the
   * addresses and CIDR ranges of such proxies. Default `false`: whoever could choose the name could
   * make two requests look like one.
   */
  readonly trust?: boolean | readonly string[];
}

const OPTIONS: Readonly<Record<keyof RequestIdOptions, OptionType>> = {
  header: STRING,
  trust: {
    name: "a boolean, or an array of addresses",
    test: (value) => BOOLEAN.test(value) || STRINGS.test(value),
  },
};

/** Long enough for what proxies and tracing send, and nothing that a log or a page could trip over. */
const WELL_FORMED = /^[\w.~+/=:@-]{1,128}$/;

/**
 * Gives each request a name of its own, so that it is found again in the logs of all that took part.
 *
 * It is in the response, in every line of the log that names the request, in the property
 * `requestId` of the access log, and in `this.request.requestId`. It is a random UUID, unless a
 * trusted proxy has sent another one of up to 128 letters, digits and `_.~+/=:@-`.
 *
 * @throws {TypeError} If an option is unknown or ill-typed.
 *
 * @example
 * ```ts
 * import { Application, requestId, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Main extends RequestHandler {
 *   override get() {
 *     this.write(`${this.request.requestId}`);
 *   }
 * }
 *
 * const app = new Application([["/", Main]], { middleware: [requestId()] });
 * const response = await app.fetch(new Request("http://localhost/"));
 * assertEquals(await response.text(), response.headers.get("X-Request-Id"));
 * ```
 *
 * @category Middleware
 */
export function requestId(options: RequestIdOptions = {}): Middleware {
  checkOptions(options, OPTIONS, "option of requestId()");
  const { header = "X-Request-Id", trust = false } = options;
  checkFieldName(header);
  const name = header.toLowerCase();
  const trusts = trustOf(trust);
  return setsSafeFields((_request, next, context) => {
    const id = context.requestId ??= (trusts(context) ? sentId(context, name) : null) ??
      crypto.randomUUID();
    return mapResponse(next(), (response) => {
      response.headers.set(name, id);
      return response;
    });
  });
}

function sentId(context: RequestContext, name: string): string | null {
  const id = context.header(name);
  return id !== null && WELL_FORMED.test(id) ? id : null;
}

function trustOf(trust: boolean | readonly string[]): (context: RequestContext) => boolean {
  if (typeof trust === "boolean") return () => trust;
  const proxies = new TrustedProxies(trust);
  return ({ remoteAddr }) => proxies.has(remoteAddr?.hostname ?? "");
}
