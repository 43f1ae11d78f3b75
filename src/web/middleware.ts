/** Functions around every request. */
import type { ConnectionInfo } from "../platform/platform.ts";
import { checkForeignResponse } from "./foreign_response.ts";

/** Continues with the next middleware, and in the end with the application. */
export type Next = (request?: Request) => Response | Promise<Response>;

/**
 * Stands around every request, WebSocket upgrades included: it may look at the request, pass on
 * another one, answer itself, or change the response.
 *
 * A WebSocket can only be taken over from the request that came in: pass that one on.
 *
 * @example
 * ```ts
 * import { Application, type Middleware, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const poweredBy: Middleware = async (_request, next) => {
 *   const response = await next();
 *   response.headers.set("X-Powered-By", "wind");
 *   return response;
 * };
 *
 * class Main extends RequestHandler {
 *   override get() {
 *     this.write("ok");
 *   }
 * }
 *
 * const app = new Application([["/", Main]], { middleware: [poweredBy] });
 * const response = await app.fetch(new Request("http://localhost/"));
 * assertEquals(response.headers.get("X-Powered-By"), "wind");
 * ```
 */
export type Middleware = (
  request: Request,
  next: Next,
  info: ConnectionInfo,
) => Response | Promise<Response>;

/** What a request goes through: all of an application, or what is left of it. */
export type Dispatch = (
  request: Request,
  info: ConnectionInfo | undefined,
) => Response | Promise<Response>;

/** Puts middleware around `inner`, the first one outermost. */
export function compose(middleware: readonly Middleware[], inner: Dispatch): Dispatch {
  const around = middleware.reduceRight<Dispatch>(
    (rest, layer) => (request, info) =>
      layer(request, (replaced = request) => rest(replaced, info), info ?? {}),
    (request, info) => map(inner(request, info), changeable),
  );
  return (request, info) => map(around(request, info), checked);
}

function map(
  response: Response | Promise<Response>,
  change: (response: Response) => Response,
): Response | Promise<Response> {
  return response instanceof Promise ? response.then(change) : change(response);
}

/**
 * A response whose header fields can be set, which those of `Response.redirect()` and `fetch()`
 * cannot.
 */
function changeable(response: Response): Response {
  try {
    response.headers.delete(ABSENT);
    return response;
  } catch {
    return new Response(response.body, response);
  }
}

/** A field that no response has: taking it away tells whether fields can be changed. */
const ABSENT = "x-gustnado-absent";

/** A middleware may have put anything into the response. */
function checked(response: Response): Response {
  checkForeignResponse(response);
  return response;
}
