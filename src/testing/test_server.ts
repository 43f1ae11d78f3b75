/** An application under test. */
import { BOOLEAN, checkOptions, type OptionType, STRING } from "../checks/option_check.ts";
import { ListeningServer } from "../server/listening_server.ts";
import { ServerContext } from "../server/server_context.ts";
import { type Application, serveOn } from "../web/application.ts";
import type { HTTPServer } from "../server/http_server.ts";
import {
  LISTEN_OPTIONS,
  type ListenOptions,
  SERVER_SETTINGS,
  type ServerOptions,
} from "../server/settings.ts";
import { ConnectedClient } from "./client/connected_client.ts";
import type { TestClient } from "./client/test_client.ts";
import { passing } from "./fake_time.ts";
import { testCertificate } from "./server/certificate.ts";
import type { Connection } from "./server/connection.ts";
import { MemoryConnection } from "./server/memory_connection.ts";
import { MemoryServer } from "./server/memory_server.ts";
import { SocketConnection } from "./server/socket_connection.ts";

/**
 * Options of {@linkcode testServer}, and those of `listen` that are not about where. Two of these have
 * other defaults: `graceMs` is 1,000, and `unhandledErrors` is `"exit"`, so that an error that nobody
 * caught fails the test that caused it.
 *
 * @category Testing
 */
export interface TestServerOptions extends ServerOptions {
  /** Listens on a free port of `127.0.0.1`. Default `false`: requests never leave the process. */
  readonly socket?: boolean;
  /**
   * Listens with TLS and a certificate made on the spot (`tornado.testing.AsyncHTTPSTestCase`); Deno
   * only. Default `false`.
   */
  readonly tls?: boolean;
  /** What takes the connections of that port, as for `listen`. Default `"native"`. */
  readonly engine?: "native" | "node";
  /**
   * What URLs begin with, without a socket: for rules about hosts, and for `https`. Default
   * `"http://localhost"`.
   */
  readonly origin?: string;
}

const ORIGIN: OptionType = {
  name: "the origin of a URL, such as https://example.com",
  test: (value) => typeof value === "string" && URL.parse(value)?.origin === value,
};
const TYPES: Readonly<Record<keyof TestServerOptions, OptionType>> = {
  ...SERVER_SETTINGS,
  socket: BOOLEAN,
  tls: BOOLEAN,
  engine: LISTEN_OPTIONS.engine,
  origin: { ...STRING, ...ORIGIN },
};
/** Milliseconds that what is open gets at the end. */
const GRACE = 1_000;

/**
 * An application that runs for a test, and its first client; {@linkcode testServer} makes one.
 *
 * @category Testing
 */
export interface TestServer extends TestClient, AsyncDisposable {
  /** The server itself. */
  readonly server: HTTPServer;

  /** Makes another client, with cookies of its own: another user. */
  client(): TestClient;

  /**
   * Ends the test: gives up what its clients hold open, shuts the server down, and calls what
   * `Application.onShutdown` was given.
   *
   * @throws {Error} The promise rejects with what the application's `onStart` failed with.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Runs an application for a test (`tornado.testing.AsyncHTTPTestCase`): in the process, unless a
 * socket is asked for. It starts as with `listen`, and ends with the block.
 *
 * @param application The application.
 * @param options Where it runs.
 * @returns The server, to be bound with `await using`, and its first client.
 * @throws {TypeError} If an option is unknown or ill-typed.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler } from "@gustnado/gustnado";
 * import { testServer } from "@gustnado/gustnado/testing";
 * import { assertEquals } from "@std/assert";
 *
 * class Greeting extends RequestHandler {
 *   override post() {
 *     this.write(`Hello, ${this.getBodyArgument("name")}`);
 *   }
 * }
 *
 * const app = new Application([["/", Greeting]], { xsrfCookies: true });
 * await using t = testServer(app);
 * const response = await t.post("/", { form: { name: "Dorothy" } });
 * assertEquals(await response.text(), "Hello, Dorothy");
 * ```
 *
 * @category Testing
 */
export function testServer(application: Application, options: TestServerOptions = {}): TestServer {
  checkOptions(options, TYPES);
  const { origin, socket, tls, engine } = options;
  if (origin !== undefined && (socket || tls)) {
    throw new TypeError(`Cannot be at ${origin} over a socket: leave out "origin", or "socket"`);
  }
  if (engine === "node" && !socket && !tls) {
    throw new TypeError('Cannot use the engine "node" in process: add "socket", or "tls"');
  }
  return start(application, options);
}

/** What a server of a test is made of. */
interface ServerParts {
  readonly server: HTTPServer;
  readonly connection: Connection;
}

function start(application: Application, options: TestServerOptions): TestServer {
  const { socket = false, tls = false, origin = "http://localhost", ...rest } = options;
  const server: ListenOptions = {
    graceMs: GRACE,
    // An error that nobody caught has to fail the test that caused it.
    unhandledErrors: "exit",
    ...rest,
    handleSignals: false,
    onListen: () => {},
  };
  const parts = socket || tls
    ? listen(application, server, tls)
    : begin(application, server, origin);
  return new RunningServer(application, parts);
}

function begin(application: Application, options: ListenOptions, origin: string): ServerParts {
  const memory = new MemoryServer(application.platform);
  const server = serveOn(
    application,
    { platform: memory.platform, Server: ListeningServer, Context: ServerContext },
    options,
  );
  return { server, connection: new MemoryConnection(memory, origin) };
}

function listen(application: Application, options: ListenOptions, tls: boolean): ServerParts {
  const { ca, ...pair } = tls ? testCertificate() : { ca: undefined };
  const server = application.listen(0, { ...options, hostname: "127.0.0.1", ...pair });
  const origin = `${tls ? "https" : "http"}://127.0.0.1:${server.port}`;
  const connection = new SocketConnection(origin, ca === undefined ? undefined : [ca]);
  return { server, connection };
}

/** What every {@linkcode TestServer} is in truth. */
class RunningServer extends ConnectedClient implements TestServer {
  readonly server: HTTPServer;
  readonly #connection: Connection;
  readonly #clients: ConnectedClient[] = [];

  constructor(application: Application, { server, connection }: ServerParts) {
    super({ application, connection });
    this.server = server;
    this.#connection = connection;
  }

  client(): TestClient {
    const client = new ConnectedClient({ application: this.app, connection: this.#connection });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await passing(this.#end());
  }

  async #end(): Promise<void> {
    await Promise.all([this, ...this.#clients].map((client) => client.leave()));
    await this.server.shutdown();
    this.#connection.close();
    await this.server.finished;
  }
}
