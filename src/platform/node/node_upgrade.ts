/** Taking a WebSocket over, by the package `ws`. */
import { ignoreError } from "./socket_listeners.ts";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { NodeWebSocket, owner } from "./node_web_socket.ts";

/** A request for a WebSocket, whose connection waits. */
export interface PendingWebSocket {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  /** What came behind the request. */
  readonly head: Uint8Array;
}

/** What is used of a WebSocket of `ws`. */
export interface WsSocket {
  readonly readyState: number;
  [owner]?: NodeWebSocket;
  on(event: string, listener: (this: WsSocket, ...args: never[]) => void): void;
  close(code?: number, reason?: string): void;
  ping(data?: string | Uint8Array): void;
  terminate(): void;
}

interface WsServer {
  handleUpgrade(
    incoming: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    onOpen: (socket: WsSocket) => void,
  ): void;
  on(event: "headers", listener: (lines: string[], incoming: IncomingMessage) => void): void;
}

interface WsModule {
  readonly WebSocketServer: new (options: Readonly<Record<string, unknown>>) => WsServer;
}

/** Servers of `ws` that were made, each for the limits of its sockets; few applications have two. */
const servers = new Map<string, WsServer>();
const MAX_SERVERS = 64;
/** The fields that a handler adds, while the 101 of one request is made. */
let extra: string[] = [];
let accepted = "";
let ws: WsModule | undefined;
let loading: Promise<WsModule> | undefined;

/** Where a WebSocket is to be opened. */
interface UpgradePlace {
  readonly pending: PendingWebSocket;
  /** The sockets of the server that are open. */
  readonly open: Set<NodeWebSocket>;
  /** Whether the server stops, and has told those that were open. */
  readonly isClosing: () => boolean;
}

/**
 * Sends the 101, and opens the socket; if that cannot be, the socket fails. Never throws. The first one
 * waits for the package; nothing is made for others that would have to be waited for.
 */
export function acceptWebSocket(
  socket: NodeWebSocket,
  response: Response,
  place: UpgradePlace,
): void {
  if (ws !== undefined) return accept(ws, socket, response, place);
  loading ??= import("ws") as unknown as Promise<WsModule>;
  loading.then((module) => accept(ws = module, socket, response, place), () => {
    loading = undefined;
    place.pending.socket.destroy();
    socket.fail();
  });
}

function accept(
  module: WsModule,
  socket: NodeWebSocket,
  response: Response,
  { pending, open, isClosing }: UpgradePlace,
): void {
  try {
    const opened = shakeHands(serverFor(module, socket), response, pending);
    if (opened !== undefined) {
      // `ws` looks out for them from now on.
      pending.socket.off("error", ignoreError);
      socket.open(opened, accepted, open);
      if (isClosing()) socket.leave();
      return;
    }
  } catch {
    pending.socket.destroy();
  }
  socket.fail();
}

function shakeHands(
  server: WsServer,
  response: Response,
  { incoming, socket, head }: PendingWebSocket,
): WsSocket | undefined {
  let opened: WsSocket | undefined;
  extra = Array.from(response.headers, ([name, value]) => `${name}: ${value}`);
  if (!response.headers.has("date")) extra.push(`Date: ${new Date().toUTCString()}`);
  accepted = "";
  // The handler has chosen already, by rules of its own.
  delete incoming.headers["sec-websocket-protocol"];
  // What else it would go on in is not asked for (RFC 9110 §7.8).
  incoming.headers.upgrade = "websocket";
  server.handleUpgrade(incoming, socket, head, (socket) => opened = socket);
  return opened;
}

function serverFor({ WebSocketServer }: WsModule, { options }: NodeWebSocket): WsServer {
  const { maxMessageSize = 0, compression } = options ?? {};
  const key = `${maxMessageSize} ${compression !== undefined}`;
  const known = servers.get(key);
  if (known !== undefined) return known;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: Math.min(maxMessageSize, Number.MAX_SAFE_INTEGER),
    // What is sent is compressed once for all, which it can be only without a memory of its own.
    perMessageDeflate: compression !== undefined && { serverNoContextTakeover: true },
  });
  server.on("headers", (lines) => {
    const extensions = lines.find((line) => /^sec-websocket-extensions:/i.test(line));
    accepted = extensions ?? "";
    lines.push(...extra);
  });
  if (servers.size >= MAX_SERVERS) servers.clear();
  servers.set(key, server);
  return server;
}
