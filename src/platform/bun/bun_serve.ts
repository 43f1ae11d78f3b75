/** `Bun.serve` as the HTTP server of the platform. */
import { nodeFs } from "../node_builtins.ts";
import { isListenErrorCode, listenAdvice, listenMessage } from "../listen_error.ts";
import type {
  ConnectionInfo,
  ListenAddress,
  Platform,
  PlatformServeOptions,
  PlatformServer,
} from "../platform.ts";
import { bun, type BunServer } from "./bun_api.ts";
import { switchProtocols } from "./bun_upgrade.ts";
import { webSocketHooks } from "./bun_web_socket.ts";

/** Seconds; the timeouts of bodies are the library's, and who waits for an event may wait. */
const NO_TIMEOUT = 0;

/** See `Platform.serve`. */
export const serve: Platform["serve"] = (options, answer) => {
  if (options.replace && options.path !== undefined) removeStaleSocket(options.path);
  try {
    return open(options, answer);
  } catch (error) {
    throw explained(error, options);
  }
};

function open(options: PlatformServeOptions, answer: Parameters<typeof serve>[1]): PlatformServer {
  const { path, port = 0, hostname = "0.0.0.0", cert, key, onError } = options;
  let stopping = false;
  const server = bun().serve({
    ...path === undefined ? { port, hostname } : { unix: path },
    ...cert !== undefined && key !== undefined && { tls: { cert, key } },
    idleTimeout: NO_TIMEOUT,
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    // Without `development` it is not the default: two servers would share a port without a word.
    reusePort: false,
    websocket: webSocketHooks(options.maxMessageSize ?? Infinity),
    error: onError,
    fetch(request, server) {
      if (stopping) return new Response("Service Unavailable", { status: 503 });
      return answerOn(server, request, answer);
    },
  });
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  return {
    addr: addressOf(server),
    finished,
    async shutdown() {
      stopping = true;
      await stop(server);
      finish();
    },
    withdraw: () => path !== undefined && blockSocketPath(path),
  };
}

/**
 * Stops a server when what is in flight has been answered. Connections that ask for nothing are no part
 * of that, and would be served on.
 */
export async function stop(server: BunServer): Promise<void> {
  const stopped = server.stop();
  server.closeIdleConnections?.();
  await stopped;
  await server.stop(true);
}

/** Answers a request that a server of Bun's has passed on. */
export function answerOn(
  server: BunServer,
  request: Request,
  answer: (request: Request, info: ConnectionInfo) => Response | Promise<Response>,
): Response | Promise<Response> {
  const response = answer(withOrigin(server, request), new BunConnection(server, request));
  if (response instanceof Promise) {
    return response.then((response) => sent(server, request, response));
  }
  return sent(server, request, response);
}

/** Of a request without a host, Bun gives a path for a URL, which no code of the web can read. */
function withOrigin(server: BunServer, request: Request): Request {
  const { url } = request;
  if (!url.startsWith("/")) return request;
  const { address } = server;
  const port = address === null || typeof address === "string" ? "" : `:${address.port}`;
  const scheme = server.protocol === "https" ? "https" : "http";
  return new Request(`${scheme}://localhost${port}${url}`, request);
}

/** A WebSocket is not answered by a response, but by nothing, which `fetch` of Bun may return too. */
function sent(server: BunServer, request: Request, response: Response): Response {
  return response.status === 101 ? switchProtocols(server, request, response) : response;
}

/** What is known of a connection is only looked up for who asks. */
class BunConnection implements ConnectionInfo {
  readonly #server: BunServer;
  readonly #request: Request;

  constructor(server: BunServer, request: Request) {
    this.#server = server;
    this.#request = request;
  }

  get remoteAddr(): ConnectionInfo["remoteAddr"] {
    const client = this.#server.requestIP(this.#request);
    if (client !== null) {
      return { transport: "tcp", hostname: plain(client.address), port: client.port };
    }
    const { address } = this.#server;
    return typeof address === "string" ? { transport: "unix", path: address } : undefined;
  }
}

/** A socket that takes both IPv4 and IPv6 tells an IPv4 address in IPv6 form. */
function plain(address: string): string {
  return address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}

function addressOf({ address }: BunServer): ListenAddress {
  if (typeof address === "string") return { transport: "unix", path: address };
  return { transport: "tcp", hostname: address?.address ?? "", port: address?.port ?? 0 };
}

/** Bun says what is wrong, but not what can be done. */
function explained(error: unknown, place: PlatformServeOptions): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const { code } = error;
  if (!isListenErrorCode(code)) return error;
  const message = listenMessage(place, listenAdvice(code, place));
  return Object.assign(new Error(message, { cause: error }), { code });
}

/**
 * Removes a socket file that a server has left behind.
 *
 * @throws {TypeError} If there is a file of another kind.
 */
function removeStaleSocket(path: string): void {
  const { lstatSync, rmSync } = nodeFs();
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) {
    throw new TypeError(`Cannot listen on "${path}": a file that is no socket is there`);
  }
  rmSync(path);
}

/**
 * Puts an empty file in the place of a socket, which refuses every connection. Bun removes whatever is
 * at the path when it closes the socket: another server must not listen there before.
 */
function blockSocketPath(path: string): void {
  const { renameSync, writeFileSync } = nodeFs();
  const blocker = `${path}.closing`;
  try {
    writeFileSync(blocker, "");
    renameSync(blocker, path);
  } catch {
    // It is gone already, or may not be changed: then who connects is served, too.
  }
}
