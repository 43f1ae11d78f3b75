/**
 * A reverse proxy of HTTP and WebSockets as a handler: {@linkcode ProxyHandler} passes the requests of
 * a route on to another server.
 *
 * @example
 * ```ts
 * import { Application } from "@gustnado/gustnado/web";
 * import { ProxyHandler } from "@gustnado/gustnado/proxy";
 *
 * const app = new Application([
 *   ["/api/*", ProxyHandler, { target: "http://127.0.0.1:3000", stripPrefix: "/api" }],
 * ]);
 * if (import.meta.main && Deno.args.includes("--listen")) app.listen(8888);
 * ```
 *
 * @module
 */
export { ProxyHandler, type ProxyOptions } from "./proxy_handler.ts";
