/**
 * An application on a port of its own, and rules that hold in process and over a socket alike.
 *
 * @module
 */
import { type TestServer, testServer } from "../../src/testing/test_server.ts";
import { Application } from "../../src/web/application.ts";
import type { HTTPServer } from "../../src/server/http_server.ts";
import {
  type ListenOptions,
  SERVER_SETTINGS,
  type ServerOptions,
} from "../../src/server/settings.ts";
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

let engine: "native" | "node" = "native";

/**
 * From now on, the rules of this test file hold for servers of another engine. What they say in process
 * is not changed by it.
 */
export function serveBy(other: "native" | "node"): void {
  engine = other;
}

/**
 * Serves an application on 127.0.0.1, on any free port, without signal handlers.
 *
 * @param app The application.
 * @param options As for `app.listen`. What is open when it is disposed gets 1,000 milliseconds.
 * @returns The server, to be bound with `await using`.
 */
export function serve(app: Application, options: ListenOptions = {}): ServedApplication {
  return isServerOptions(options) ? serveForTest(app, options) : listen(app, options);
}

/** Whether all that is said is not about where. */
function isServerOptions(options: ListenOptions): options is ServerOptions {
  return Object.keys(options).every((name) => Object.hasOwn(SERVER_SETTINGS, name));
}

function serveForTest(app: Application, options: ServerOptions): ServedApplication {
  const served = testServer(app, { ...options, engine, socket: true });
  const { server, origin } = served;
  return {
    server,
    origin,
    port: server.port,
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  };
}

function listen(app: Application, options: ListenOptions): ServedApplication {
  // An error that nobody caught has to fail the test that caused it.
  const strict = { handleSignals: false, unhandledErrors: "exit" } as const;
  const defaults = { hostname: "127.0.0.1", graceMs: 1_000, engine, ...strict };
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
  for (const [way, socket] of [["in process", false], ["over a socket", true]] as const) {
    Deno.test(`${name} (${way})`, async (t) => {
      await using server = testServer(create(), socket ? { socket, engine } : {});
      await fn((path, init) => send(server, path, init), t);
    });
  }
}

/** Each request is another client's: cookies are not kept, and no token goes along. */
function send(server: TestServer, path: string, init: RequestInit = {}): Promise<Response> {
  const { method = "GET", headers, body, signal, redirect } = init;
  return server.client().fetch(path, {
    method,
    xsrf: false,
    follow: redirect === "follow",
    ...headers !== undefined && { headers },
    ...body !== undefined && body !== null && { body },
    ...signal !== undefined && signal !== null && { signal },
  });
}
