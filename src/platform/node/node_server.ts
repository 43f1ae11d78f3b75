/** Listening by `node:http`, at once: the port is bound when the call returns. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { builtinModule } from "../node_builtins.ts";
import type { ListenAddress, Platform, PlatformServeOptions } from "../platform.ts";
import type { EngineHandler } from "./node_engine.ts";
import type { RespondingSocket } from "./response_queue.ts";

/** A client may take so long for the header fields of a request, in milliseconds. */
const HEADERS_TIMEOUT = 60_000;
/** A connection is kept for its next request for so long: more than proxies do, which close first. */
const KEEP_ALIVE = 90_000;
/** Connections that wait to be accepted. */
const BACKLOG = 511;

/** Why `node:http` cannot read what a client has sent. */
export interface ClientError extends Error {
  readonly code?: string;
}

/** Turns of the loop in which a WebSocket hears that its connection is closed: a few. */
const LOOKS = 100;

/** What does the work behind a server. */
export interface ServerWork {
  onRequest(incoming: IncomingMessage, outgoing: ServerResponse): void;
  onUpgrade(incoming: IncomingMessage, socket: Duplex, head: Uint8Array): void;
  /** What was sent is no HTTP. */
  onClientError(error: ClientError, socket: Duplex): void;
  /** Whether no WebSocket is open. */
  readonly isEmpty: boolean;
  /** Ends what the server itself does not know of any more: WebSockets. */
  stop(): void;
}

/** What the work needs to know of its server. */
export interface WorkOptions {
  readonly handler: EngineHandler;
  readonly onError: (error: unknown) => Response;
  readonly scheme: "http" | "https";
  /** Whether the server takes no new connections any more. */
  readonly isClosing: () => boolean;
  /** Reads on from a connection that was given away by an upgrade. */
  readonly readOn: (socket: Duplex) => void;
}

/** See `Platform.serve`. */
export const serveNode: Platform["serve"] = (options, handler) => {
  const { path, cert, key, onError } = options;
  const server = createServer(cert, key);
  // Their bytes are limited; those above a number would be left out without a word.
  server.maxHeadersCount = 0;
  let closing = false;
  const scheme = key === undefined ? "http" : "https";
  const event = scheme === "https" ? "secureConnection" : "connection";
  const readOn = (socket: Duplex) => void server.emit(event, socket as Socket);
  const work = attach(server, { handler, onError, scheme, isClosing: () => closing, readOn });
  const finished = new Promise<void>((resolve, reject) => {
    server.once("close", () => settle(LOOKS));
    // A WebSocket that is dropped hears of that some turns later than its server.
    const settle = (looks: number) => {
      if (looks === 0 || (work()?.isEmpty ?? true)) resolve();
      else setImmediate(settle, looks - 1);
    };
    server.on("error", (error) => bound ? reject(error) : undefined);
  });
  const endUnasked = watchUnasked(server, event);
  let bound = false;
  finished.catch(() => {});
  if (path === undefined) listenOnPort(server, options);
  else listenOnPath(server, path, options);
  bound = true;
  return {
    addr: addressOf(server, path),
    finished,
    shutdown: () => {
      if (!closing) server.close();
      closing = true;
      work()?.stop();
      server.closeIdleConnections();
      endUnasked();
      return finished;
    },
    withdraw: () => path !== undefined && block(path),
  };
};

/**
 * Looks after the connections over which nothing was asked for yet, or no more than half of it: for Node
 * they are not idle.
 *
 * @returns What ends them.
 */
function watchUnasked(server: Server, event: string): () => void {
  const connections = new Set<Socket & RespondingSocket>();
  const forget = function (this: Duplex) {
    connections.delete(this as Socket);
  };
  server.on(event, (socket: Socket) => {
    connections.add(socket);
    socket.off("close", forget).once("close", forget);
  });
  server.on("upgrade", (_incoming, socket) => {
    forget.call(socket);
    socket.off("close", forget);
  });
  return () => {
    for (const socket of connections) if (!socket._httpMessage) socket.destroySoon();
  };
}

function createServer(cert: string | undefined, key: string | undefined): Server {
  const settings = {
    // As the web's Headers have them, and so that a second Host is seen.
    joinDuplicateHeaders: true,
    headersTimeout: HEADERS_TIMEOUT,
    // An upload may take longer; the setting bodyTimeout is for those.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE,
    noDelay: true,
  };
  if (cert === undefined || key === undefined) {
    return (builtinModule("node:http") as typeof import("node:http")).createServer(settings);
  }
  const https = builtinModule("node:https") as typeof import("node:https");
  return https.createServer({ ...settings, cert, key });
}

/** What answers is loaded with the first request, which waits for it. */
function attach(server: Server, options: WorkOptions): () => ServerWork | undefined {
  let work: ServerWork | undefined;
  let loading: Promise<ServerWork> | undefined;
  const load = () =>
    loading ??= import("./node_work.ts").then(({ createWork }) => work = createWork(options));
  server.on("request", (incoming, outgoing) => {
    if (work !== undefined) return work.onRequest(incoming, outgoing);
    load().then((work) => work.onRequest(incoming, outgoing), () => incoming.destroy());
  });
  server.on("upgrade", (incoming, socket, head) => {
    socket.on("error", ignore);
    if (work !== undefined) return work.onUpgrade(incoming, socket, head);
    load().then((work) => work.onUpgrade(incoming, socket, head), () => socket.destroy());
  });
  server.on("clientError", (error, socket) => {
    if (work !== undefined) return work.onClientError(error, socket);
    socket.on("error", ignore);
    load().then((work) => work.onClientError(error, socket), () => socket.destroy());
  });
  return () => work;
}

function ignore(): void {}

/** `listen` with a host looks its name up first, and so binds later. What is beneath it does not. */
interface Binder {
  _createServerHandle(address: string, port: number, addressType: number): object | number;
}

function listenOnPort(server: Server, options: PlatformServeOptions): void {
  const { port = 0, hostname = "0.0.0.0" } = options;
  const net = builtinModule("node:net") as typeof import("node:net") & Binder;
  const address = hostname === "localhost" ? "127.0.0.1" : hostname.replace(/^\[|\]$/g, "");
  const family = net.isIP(address);
  if (family === 0) throw failure("EADDRNOTAVAIL", `${hostname}:${port}`, NOT_AN_ADDRESS);
  const place = `${hostname}:${port}`;
  const handle = bind(() => net._createServerHandle(address, port, family), place);
  server.listen(handle, BACKLOG);
  if (server.address() === null) throw failure("EADDRINUSE", place, PORT_IN_USE);
}

function bind(create: () => object | number, place: string): object {
  let handle: object | number;
  try {
    handle = create();
  } catch (error) {
    throw failure(codeOf(error) ?? "EACCES", place, undefined, error);
  }
  if (typeof handle === "object") return handle;
  throw failure(CODES[handle] ?? `errno ${handle}`, place);
}

/** What the system says by number; Deno says EINVAL of an address that is not there. */
const CODES: Readonly<Record<number, string>> = {
  [-13]: "EACCES",
  [-4092]: "EACCES",
  [-22]: "EADDRNOTAVAIL",
  [-48]: "EADDRINUSE",
  [-98]: "EADDRINUSE",
  [-4091]: "EADDRINUSE",
  [-49]: "EADDRNOTAVAIL",
  [-99]: "EADDRNOTAVAIL",
  [-4090]: "EADDRNOTAVAIL",
};

function listenOnPath(server: Server, path: string, { replace }: PlatformServeOptions): void {
  const fs = builtinModule("node:fs") as typeof import("node:fs");
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && replace === true) {
    if (!found.isSocket()) {
      throw new TypeError(`Cannot listen on "${path}": a file that is no socket is there`);
    }
    fs.rmSync(path);
  } else if (found !== undefined) throw failure("EADDRINUSE", JSON.stringify(path), PATH_IN_USE);
  server.listen({ path, backlog: BACKLOG });
  if (server.address() !== null) return;
  throw failure(fs.existsSync(path) ? "EADDRINUSE" : "EACCES", JSON.stringify(path));
}

/** Lets nobody connect any more: an empty file takes the place of the socket. */
function block(path: string): void {
  const fs = builtinModule("node:fs") as typeof import("node:fs");
  const blocker = `${path}.closing`;
  try {
    fs.writeFileSync(blocker, "");
    fs.renameSync(blocker, path);
  } catch {
    // It is gone already, or may not be changed: then who connects is served, too.
  }
}

function addressOf(server: Server, path: string | undefined): ListenAddress {
  if (path !== undefined) return { transport: "unix", path };
  const address = server.address();
  if (address === null || typeof address === "string") return { transport: "tcp" };
  return { transport: "tcp", hostname: address.address, port: address.port };
}

const PORT_IN_USE =
  "another server has the port; end that one, or take another port (0 takes any that is free)";
const PATH_IN_USE =
  "something is there already; if a server that is gone has left it behind, remove it";
const NOT_HERE = "the address is none of this machine's; 0.0.0.0 takes all of them";
const NOT_AN_ADDRESS = 'the engine "node" binds addresses and "localhost", no other names';
const PRIVILEGED = "the system does not allow it; ports below 1024 are often reserved";
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: PORT_IN_USE,
  EADDRNOTAVAIL: NOT_HERE,
  EACCES: PRIVILEGED,
  EPERM: PRIVILEGED,
};

function failure(code: string, place: string, reason?: string, cause?: unknown): Error {
  const text = reason ?? REASONS[code] ?? (cause instanceof Error ? cause.message : code);
  return Object.assign(new Error(`Cannot listen on ${place}: ${text}`, { cause }), { code });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
