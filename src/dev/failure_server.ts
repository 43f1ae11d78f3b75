/** A server in the place of an application that cannot start. */
import type { HTTPServer } from "../server/http_server.ts";
import { Application } from "../web/application.ts";
import { isBrowser } from "../web/development/development.ts";
import { isForOwnHost } from "../web/development/own_host.ts";
import { RequestHandler } from "../web/request_handler.ts";
import { failurePage, failureText } from "./failure_page.ts";

/** In place of source code, where a stranger's page may read it. */
const UNTOLD = "The terminal shows why. Open this page as localhost to see it here.";

/** Answers whatever is asked for with what is wrong. */
class FailureHandler extends RequestHandler {
  static override readonly supportedMethods: readonly string[] = ["*"];
  static override readonly streamRequestBody = true;
  #message = "";

  override initialize({ message }: { message: string }): void {
    this.#message = message;
  }

  override checkXsrfCookie(): void {}

  override prepare(): void {
    this.setStatus(503);
    this.setHeader("Cache-Control", "no-store");
    const message = isForOwnHost(this.request) ? this.#message : UNTOLD;
    if (isBrowser(this.request)) return void this.finish(failurePage(message, this.cspNonce));
    this.setHeader("Content-Type", "text/plain; charset=UTF-8");
    this.finish(failureText(message));
  }
}

/** Where an application has listened, or may want to. */
export interface Place {
  /** The port. */
  readonly port: number;
  /** The address. */
  readonly hostname: string;
}

/**
 * Serves what is wrong. The page loads again when the application is back, as its own pages do.
 *
 * @throws {Error} If the port is taken.
 */
export function serveFailure(message: string, { port, hostname }: Place): HTTPServer {
  const app = new Application([], {
    debug: true,
    defaultHandlerClass: FailureHandler,
    defaultHandlerArgs: { message },
    // The terminal has said what is wrong, and says no more until it is mended.
    logFunction: () => {},
  });
  return app.listen(port, { hostname, handleSignals: false, graceMs: 100, onListen: () => {} });
}
