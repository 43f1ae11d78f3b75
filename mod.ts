/**
 * Gustnado is Tornado for Deno: an `Application` of handler classes, WebSockets, and an event-loop
 * toolkit on `Deno.serve`.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Main extends RequestHandler {
 *   override get() {
 *     this.write("Hello, world");
 *   }
 * }
 *
 * const app = new Application([["/", Main]]);
 * const response = await app.fetch(new Request("http://localhost/"));
 * assertEquals(await response.text(), "Hello, world");
 * ```
 *
 * @module
 */

export * from "./src/web/mod.ts";
export * from "./src/websocket/mod.ts";
export * from "./src/web/session/mod.ts";
export * from "./src/web/middleware/mod.ts";
export * from "./src/auth/mod.ts";
export * from "./src/template/mod.ts";
export * from "./src/text/mod.ts";
export * from "./src/client/mod.ts";
export * from "./src/concurrent/mod.ts";
export * from "./src/net/mod.ts";

/**
 * The template engine (`tornado.template`).
 *
 * @category Templates and pages
 */
export * as template from "./src/template/mod.ts";
/**
 * Log-in with others (`tornado.auth`).
 *
 * @category Log-in
 */
export * as auth from "./src/auth/mod.ts";
