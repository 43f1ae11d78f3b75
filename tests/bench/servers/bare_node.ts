/**
 * The bare `node:http`, and `ws` for WebSockets, on Node and on Deno: sends what ours sends, with the
 * least code that does. Prints its port.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { HELLO, HTML } from "../content.ts";
import { serverArguments } from "./arguments.ts";

/** What is used of a WebSocket of `ws`. */
interface Socket {
  on(event: "message", listener: (data: Uint8Array, binary: boolean) => void): void;
  send(data: Uint8Array, options: { readonly binary: boolean }): void;
}

interface SocketServer {
  readonly clients: ReadonlySet<Socket>;
  on(event: "connection", listener: (socket: Socket) => void): void;
}

interface Ws {
  readonly WebSocketServer: new (options: { readonly server: Server }) => SocketServer;
}

const HANDLERS: Readonly<Record<string, RequestListener>> = {
  fixed: (_request, response) => void response.writeHead(200, { "Content-Type": HTML }).end(HELLO),
  json: (request, response) =>
    void textOf(request).then((text) => {
      const body = JSON.stringify(JSON.parse(text));
      response.writeHead(200, { "Content-Type": "application/json" }).end(body);
      // The load ends in the middle of a request.
    }, () => {}),
};

const [row = ""] = serverArguments();
const server = createServer(HANDLERS[row]);
if (HANDLERS[row] === undefined) await serveSockets(row === "room");
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(typeof address === "string" ? address : address?.port);
});

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  request.setEncoding("utf8");
  for await (const piece of request) text += piece;
  return text;
}

async function serveSockets(toAll: boolean): Promise<void> {
  const { WebSocketServer } = await import("ws") as unknown as Ws;
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    socket.on("message", (data, binary) => {
      if (!toAll) return socket.send(data, { binary });
      for (const member of sockets.clients) member.send(data, { binary });
    });
  });
}
