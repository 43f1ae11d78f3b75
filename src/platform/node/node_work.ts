/** What answers the requests of a server of `node:http`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { builtinModule } from "../node_builtins.ts";
import type { ConnectionInfo } from "../platform.ts";
import { answer } from "./node_answer.ts";
import { NodeRequest } from "./node_request.ts";
import { NodeResponse } from "./node_response.ts";
import type { NodeWebSocket } from "./node_web_socket.ts";
import type { ServerWork, WorkOptions } from "./node_server.ts";
import { acceptWebSocket, type PendingWebSocket } from "./node_upgrade.ts";
import { refuse } from "./refused_connection.ts";
import { asksForWebSocket, putBack } from "./plain_request.ts";
import {
  endWithConnection,
  passDrain,
  passNoDrain,
  responseOnItsWay,
  whenAnswered,
} from "./response_queue.ts";
import { renewListeners } from "./socket_listeners.ts";
import { haveRequestsTaken } from "./taken_requests.ts";

/** What the requests of one server share. */
interface SharedWork extends WorkOptions {
  readonly open: Set<NodeWebSocket>;
  readonly lingering: Set<() => void>;
}

/** Makes it, for one server. */
export function createWork(options: WorkOptions): ServerWork {
  haveRequestsTaken();
  const shared = { ...options, open: new Set<NodeWebSocket>(), lingering: new Set<() => void>() };
  return {
    onRequest: (incoming, outgoing) => respond(incoming, outgoing, shared),
    onUpgrade: (incoming, socket, head) => takeTurn({ incoming, socket, head }, shared),
    onClientError: refuse,
    get isEmpty() {
      return shared.open.size === 0;
    },
    stop() {
      for (const socket of shared.open) socket.leave();
      for (const end of shared.lingering) end();
    },
  };
}

function respond(incoming: IncomingMessage, outgoing: ServerResponse, options: SharedWork): void {
  // HTTP/0.9, which the parser takes, has no header fields, and so no Host.
  if (incoming.httpVersionMajor === 0) return void incoming.socket.destroy();
  incoming.on("error", ignore);
  outgoing.on("error", ignore);
  endWithConnection(outgoing, incoming.socket);
  const request = new NodeRequest(incoming, { scheme: options.scheme, outgoing });
  const response = handle(request, new Connection(incoming, outgoing), options);
  const answering = { ...options, incoming, outgoing };
  if (!isLater(response)) return answer(response, answering);
  response.catch(options.onError).then((response) => answer(response, answering));
}

/** One of ours is told first: it would load the runtime's class, to see that it is no promise. */
function isLater(response: unknown): response is Promise<Response> {
  return !(response instanceof NodeResponse) && response instanceof Promise;
}

function handle(
  request: NodeRequest,
  connection: ConnectionInfo,
  { handler, onError }: WorkOptions,
): Response | Promise<Response> {
  try {
    return handler(request.asRequest(), connection);
  } catch (error) {
    return onError(error);
  }
}

/** Another request may not have its response yet, which leaves first. */
function takeTurn(pending: PendingWebSocket, options: SharedWork): void {
  const { socket } = pending;
  if (responseOnItsWay(socket) === undefined) return takeOver(pending, options);
  passDrain(socket);
  const stop = noticeEnd(socket);
  whenAnswered(socket, () => {
    stop();
    passNoDrain(socket);
    // The time for which a connection is kept does not count for what it is kept for.
    (socket as Socket).setTimeout(0);
    // Behind a response that was the last there is nothing more.
    if (socket.writable) takeOver(pending, options);
  });
}

function takeOver(pending: PendingWebSocket, options: SharedWork): void {
  const { incoming, socket } = pending;
  if (asksForWebSocket(incoming)) return upgrade(pending, options);
  // That of the connection is there no longer, and the other is added with each of them.
  socket.removeAllListeners("error");
  if (putBack(pending)) options.readOn(socket);
  else socket.end(CANNOT_GO_ON, () => socket.destroy());
}

const CANNOT_GO_ON = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/** A handler that does not wait is answered at once: nothing is made that would see the client leave. */
function upgrade(pending: PendingWebSocket, options: SharedWork): void {
  renewListeners(pending.socket);
  const request = new NodeRequest(pending.incoming, { scheme: options.scheme, pending });
  const connection = new Connection(pending.incoming, undefined);
  const upgrading = { pending, request, options };
  const answer = handle(request, connection, options);
  if (answer instanceof Promise) void upgradeLate(answer, upgrading);
  else switchProtocols(answer, upgrading);
}

/** A request that may become a WebSocket. */
interface Upgrading {
  readonly pending: PendingWebSocket;
  readonly request: NodeRequest;
  readonly options: SharedWork;
}

async function upgradeLate(answer: Promise<Response>, upgrading: Upgrading): Promise<void> {
  const stop = noticeEnd(upgrading.pending.socket);
  const response = await answer.catch(upgrading.options.onError);
  stop();
  switchProtocols(response, upgrading);
}

function switchProtocols(response: Response, { pending, request, options }: Upgrading): void {
  if (response.status === 101 && request.socket !== undefined) {
    request.release();
    return acceptWebSocket(request.socket, response, { pending, ...options });
  }
  request.socket?.fail();
  const { incoming, socket } = pending;
  answer(response, { ...options, incoming, outgoing: responseOn(socket, incoming) });
}

/**
 * Reads as much as it takes to see that the client leaves, and leaves alone what it has sent.
 *
 * @returns What ends it.
 */
function noticeEnd(socket: Duplex): () => void {
  const look = () => void (socket.readableLength === 0 && socket.read(0));
  const end = () => socket.destroy();
  socket.on("readable", look);
  socket.once("end", end);
  return () => {
    socket.off("readable", look);
    socket.off("end", end);
  };
}

/** What asked for an upgrade and did not get one is answered once, and closed. */
function responseOn(socket: Duplex, incoming: IncomingMessage): ServerResponse {
  const http = builtinModule("node:http") as typeof import("node:http");
  const outgoing = new http.ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.on("error", ignore);
  // An upgrade comes over the socket of the connection.
  outgoing.assignSocket(socket as Socket);
  passDrain(socket);
  // What the client still sends is not read for more than to see that it leaves.
  socket.once("end", () => void (outgoing.writableFinished || socket.destroy()));
  socket.resume();
  outgoing.once("finish", () => {
    outgoing.detachSocket(socket as Socket);
    (socket as Socket).destroySoon();
  });
  return outgoing;
}

function ignore(): void {}

/** What is known of a connection; most never ask. */
class Connection implements ConnectionInfo {
  readonly #socket: Socket;
  readonly #outgoing: ServerResponse | undefined;
  #completed: Promise<void> | undefined;

  constructor({ socket }: IncomingMessage, outgoing: ServerResponse | undefined) {
    this.#socket = socket;
    this.#outgoing = outgoing;
  }

  get remoteAddr(): ConnectionInfo["remoteAddr"] {
    const { remoteAddress, remotePort } = this.#socket;
    if (remoteAddress === undefined) return { transport: "unix", path: "" };
    const hostname = remoteAddress.replace(/^::ffff:(?=\d+\.)/, "");
    return { transport: "tcp", hostname, port: remotePort ?? 0 };
  }

  get completed(): Promise<void> | undefined {
    const outgoing = this.#outgoing;
    if (outgoing === undefined) return undefined;
    return this.#completed ??= completionOf(outgoing);
  }
}

function completionOf(outgoing: ServerResponse): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(ignore);
  const end = () => {
    if (outgoing.writableFinished) resolve();
    else reject(new Error("The client left before it had the response"));
  };
  if (outgoing.closed || outgoing.destroyed) end();
  else outgoing.once("finish", () => resolve()).once("close", end);
  return promise;
}
