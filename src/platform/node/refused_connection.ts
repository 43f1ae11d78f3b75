/** Connections over which something comes that is no HTTP. */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ClientError } from "./node_server.ts";
import { isAnswered, responseOnItsWay, whenAnswered } from "./response_queue.ts";
import { ignoreError } from "./socket_listeners.ts";

/** Those that are refused: what follows is no HTTP either. */
const refused = new WeakSet<Duplex>();

/** What is no HTTP gets an answer that says so, after those to what came before, if somebody is there. */
export function refuse(error: ClientError, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  if (refused.has(socket)) return;
  refused.add(socket);
  socket.on("error", ignoreError);
  const outgoing = responseOnItsWay(socket);
  if (outgoing?.req.complete === false) {
    if (outgoing.headersSent) return (socket as Socket).destroySoon();
    return refuseNow(error, socket);
  }
  whenAnswered(socket, () => refuseNow(error, socket));
}

function refuseNow({ code }: ClientError, socket: Duplex): void {
  const isSilent = code === "HPE_CLOSED_CONNECTION" || isAnswered(socket);
  if (!isSilent && !socket.destroyed) {
    const status = code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? "408 Request Timeout"
      : "400 Bad Request";
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
  // Who goes on to send does not keep the connection.
  (socket as Socket).destroySoon();
}
