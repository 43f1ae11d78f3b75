/** The responses that are still to leave over a connection, in the order of their requests. */
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** What `node:http` keeps at a connection: the response that is on its way. */
export interface RespondingSocket extends Duplex {
  readonly _httpMessage?: ServerResponse | null;
}

/** The response that is on its way over a connection. */
export function responseOnItsWay(socket: RespondingSocket): ServerResponse | undefined {
  return socket._httpMessage ?? undefined;
}

/** Calls back when nothing is to leave any more: at once, if nothing is; also if the client leaves. */
export function whenAnswered(socket: Duplex, callback: () => void): void {
  const outgoing = responseOnItsWay(socket);
  if (outgoing === undefined || socket.destroyed) return callback();
  // The next one has taken its place by then.
  outgoing.once("close", () => whenAnswered(socket, callback));
}

/** Tells a response that there is room again, on a connection that `node:http` has given away. */
export function passDrain(socket: Duplex): void {
  socket.on("drain", tellOfRoom);
}

/** Does so no longer. */
export function passNoDrain(socket: Duplex): void {
  socket.off("drain", tellOfRoom);
}

function tellOfRoom(this: Duplex): void {
  responseOnItsWay(this)?.emit("drain");
}

const queues = new WeakMap<Duplex, Set<ServerResponse>>();

/** Has a response that waits for others before it end with its connection, as Node 24 does. */
export function endWithConnection(outgoing: ServerResponse, socket: Duplex): void {
  if (outgoing.socket !== null) return;
  const queue = queues.get(socket) ?? newQueue(socket);
  queue.add(outgoing);
  outgoing.once("socket", () => queue.delete(outgoing));
}

function newQueue(socket: Duplex): Set<ServerResponse> {
  const queue = new Set<ServerResponse>();
  queues.set(socket, queue);
  socket.once("close", () => {
    for (const outgoing of queue) {
      if (outgoing.closed) continue;
      outgoing.destroy();
      outgoing.emit("close");
    }
  });
  return queue;
}

const answered = new WeakSet<Duplex>();

/** Notes that the request that still arrives has had its answer, which is the last. */
export function noteAnswered(socket: Duplex): void {
  answered.add(socket);
}

/** Whether it has. */
export function isAnswered(socket: Duplex): boolean {
  return answered.has(socket);
}
