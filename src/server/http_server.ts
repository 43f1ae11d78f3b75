/** A listening server, as an application sees it. */
import type { ListenAddress } from "../platform/platform.ts";

/**
 * A server that `Application.listen` started (`tornado.httpserver.HTTPServer`).
 *
 * It is disposable: `await using server = app.listen(0)` shuts it down at the end of the block.
 * Servers are made by `Application.listen`.
 *
 * @example
 * ```ts
 * import { Application, type HTTPServer, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Hello extends RequestHandler {
 *   override get() {
 *     this.write("Hello");
 *   }
 * }
 *
 * const app = new Application([["/", Hello]]);
 * const server: HTTPServer = app.listen(0, { hostname: "127.0.0.1", handleSignals: false });
 * const response = await fetch(`http://127.0.0.1:${server.port}/`);
 * assertEquals(await response.text(), "Hello");
 * await server.shutdown({ graceMs: 1_000 });
 * await server.finished;
 * ```
 *
 * @category Servers and runtimes
 */
export abstract class HTTPServer implements AsyncDisposable {
  /**
   * Settles when the server has stopped, everything that it held open is closed, and, if it was the
   * application's last one, the callbacks of `Application.onShutdown` have run. It rejects only if
   * `Application.onStart` does.
   */
  abstract readonly finished: Promise<void>;

  /** Where the server listens. */
  abstract get addr(): ListenAddress;

  /** The TCP port; 0 for a Unix socket. */
  get port(): number {
    return this.addr.port ?? 0;
  }

  /** Takes no new connections, and settles when the last request in flight is answered. */
  abstract stop(): Promise<void>;

  /**
   * Shuts down gracefully: takes no new connections, lets requests in flight finish and reads uploads
   * to their end, ends event streams, closes WebSockets with 1001, and when the time is over cuts what
   * is left. After the application's last server the callbacks of `Application.onShutdown` run.
   *
   * @param options `graceMs` is how long to wait, in milliseconds. Default: the `graceMs` of
   *   `listen`, or 10,000. Of several calls, the one counts that is over first.
   * @returns A promise that settles when everything is closed, at the latest a second after `graceMs`.
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  abstract shutdown(options?: { graceMs?: number }): Promise<void>;

  /** Shuts the server down gracefully. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}
