/** How a request becomes a WebSocket of Bun's: when its 101 comes back, with all that was set on it. */
import type { Upgrade, UpgradeOptions } from "../platform.ts";
import { UnsupportedFeatureError } from "../unsupported_feature_error.ts";
import type { BunServer } from "./bun_api.ts";
import { BunWebSocket } from "./bun_web_socket.ts";

/** The WebSockets whose 101 has not come back yet. */
const pending = new WeakMap<Response, BunWebSocket>();
/** Requests of which nobody knows the server. */
const homeless = new WeakSet<Request>();

/** Remembers that a request came without the server that could make a WebSocket of it. */
export function lacksServer(request: Request): void {
  if (request.headers.has("upgrade")) homeless.add(request);
}

/**
 * See `Platform.upgradeWebSocket`.
 *
 * @throws {UnsupportedFeatureError} If the request came without its server.
 */
export function upgradeWebSocket(request: Request, options: UpgradeOptions): Upgrade {
  if (homeless.has(request)) {
    throw new UnsupportedFeatureError(
      "WebSockets of a server that the application does not know",
      "app.listen(), export default app, or app.fetch(request, server) with websocket: app.websocket",
    );
  }
  const compress = options.compression !== undefined;
  const socket = new BunWebSocket({ idleTimeout: options.idleTimeout, compress });
  const response = new Response(null, { status: 101 });
  pending.set(response, socket);
  // It has what is used of a WebSocket; to have the rest would cost more than all that it does.
  return { socket: socket as unknown as WebSocket, response, compresses: compress };
}

/** See `Platform.isUpgrade`. */
export function isUpgrade(_request: Request, response: Response): boolean {
  return pending.has(response);
}

/**
 * Answers a request by a WebSocket.
 *
 * @param response Its 101.
 * @returns What `fetch` has to return then: nothing; or a response, if there is no WebSocket after all.
 */
export function switchProtocols(
  server: BunServer,
  request: Request,
  response: Response,
): Response {
  const socket = pending.get(response);
  if (socket === undefined) return response;
  pending.delete(response);
  if (!upgrade(server, request, { socket, headers: response.headers })) {
    socket.failed();
    return new Response(null, { status: 400 });
  }
  socket.opened();
  // Bun takes nothing for an answer after an upgrade, which no type of the web can say.
  return undefined as unknown as Response;
}

/** Tells whether there is a WebSocket now: the client may have left. */
function upgrade(
  server: BunServer,
  request: Request,
  { socket, headers }: { readonly socket: BunWebSocket; readonly headers: Headers },
): boolean {
  const hidden = ["sec-websocket-protocol"];
  if (!socket.compresses) hidden.push("sec-websocket-extensions");
  try {
    return without(request.headers, hidden, () => {
      return server.upgrade(request, { data: socket, headers });
    });
  } catch (error) {
    console.error(
      "Cannot open a WebSocket: the server of Bun needs websocket: app.websocket beside fetch",
      error,
    );
    return false;
  }
}

/**
 * Bun answers by itself what a request offers: the first subprotocol, whether or not it was chosen, and
 * compression. So it does not see what was not agreed to.
 */
function without<T>(headers: Headers, names: readonly string[], act: () => T): T {
  const before = names.map((name) => [name, headers.get(name)] as const);
  for (const name of names) headers.delete(name);
  try {
    return act();
  } finally {
    for (const [name, value] of before) if (value !== null) headers.set(name, value);
  }
}
