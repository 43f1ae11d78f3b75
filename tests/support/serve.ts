/**
 * An application on a port of its own, and rules that hold in process and over a socket alike.
 *
 * @module
 */
import { Application } from "../../src/web/application.ts";
import type { HTTPServer } from "../../src/server/http_server.ts";
import type { ListenOptions } from "../../src/server/settings.ts";
import type { Route } from "../../src/web/routing/routing.ts";

/** An application that listens, until it is disposed. */
export interface ServedApplication extends AsyncDisposable {
  /** The beginning of its URLs, such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** The TCP port on 127.0.0.1. */
  readonly port: number;
  /** The server itself. */
  readonly server: HTTPServer;
}

/**
 * Sends a request to the application under test. Redirects are not followed unless `init` says so.
 *
 * @param path The request target, from the slash on.
 * @param init The request.
 * @returns The response. What is left of its body is given up when the test ends.
 */
export type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

/**
 * Serves an application on 127.0.0.1, on any free port, without signal handlers.
 *
 * @param app The application.
 * @param options As for `app.listen`. What is open when it is disposed gets 1,000 milliseconds.
 * @returns The server, to be bound with `await using`.
 */
export function serve(app: Application, options: ListenOptions = {}): ServedApplication {
  // An error that nobody caught has to fail the test that caused it.
  const strict = { handleSignals: false, unhandledErrors: "exit" } as const;
  const defaults = { hostname: "127.0.0.1", graceMs: 1_000, ...strict };
  const server = app.listen(0, { ...defaults, ...options });
  const scheme = options.cert === undefined ? "http" : "https";
  return {
    server,
    port: server.port,
    origin: `${scheme}://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/**
 * Registers a rule twice: in process through `app.fetch`, and over a socket with a real `fetch`.
 *
 * The real one decodes `gzip` and `br`, and sends headers of its own (`accept`, `user-agent` and
 * `accept-encoding`): rules about these belong on a raw socket.
 *
 * @param name The rule.
 * @param app The routes, or what makes the application; each of the two tests has its own.
 * @param fn The test.
 */
export function bothWays(
  name: string,
  app: readonly Route[] | (() => Application),
  fn: (fetch: Fetch, context: Deno.TestContext) => void | Promise<void>,
): void {
  const create = () => typeof app === "function" ? app() : new Application(app);
  Deno.test(`${name} (in process)`, async (t) => {
    const application = create();
    await using responses = new Responses((path, init) =>
      application.fetch(new Request(`http://localhost${path}`, init))
    );
    await fn(responses.fetch, t);
  });
  Deno.test(`${name} (over a socket)`, async (t) => {
    await using server = serve(create());
    await using responses = new Responses((path, init) => fetch(server.origin + path, init));
    await fn(responses.fetch, t);
  });
}

/** The responses of one test, whose bodies would otherwise be leaks. */
class Responses implements AsyncDisposable {
  readonly #send: (path: string, init: RequestInit) => Response | Promise<Response>;
  readonly #received: Response[] = [];

  constructor(send: (path: string, init: RequestInit) => Response | Promise<Response>) {
    this.#send = send;
  }

  readonly fetch: Fetch = async (path, init = {}) => {
    const response = await this.#send(path, { redirect: "manual", ...init });
    this.#received.push(response);
    return response;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    const unread = this.#received.filter((response) => !response.bodyUsed);
    await Promise.all(unread.map((response) => response.body?.cancel()));
  }
}
