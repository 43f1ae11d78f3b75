/**
 * Stands between the clients and the network, and cuts them off: a program of its own.
 *
 *     deno run -A tests/chaos/cutter.ts <port> <port of the server> <port of its control>
 *
 * It knows a client by `client=<number>` in the target of its first request. `POST /?client=7&ms=2000`
 * to the control cuts client 7 as a tunnel does, without a word, and lets it in again after two seconds.
 */
import { connect, createServer, type Socket } from "node:net";

const [port = 0, target = 0, control = 0] = Deno.args.map(Number);
const CLIENT = /^[A-Z]+ \S*[?&]client=(\d+)/;

const connections = new Map<number, Set<Socket>>();
const away = new Set<number>();

createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.once("data", (first) => pass(socket, first));
}).listen({ port, host: "127.0.0.1", backlog: 2_048 });

function pass(socket: Socket, first: Uint8Array): void {
  const client = Number(CLIENT.exec(new TextDecoder().decode(first))?.[1] ?? -1);
  if (away.has(client)) return void socket.destroy();
  const sockets = connections.get(client) ?? new Set();
  connections.set(client, sockets.add(socket));
  const server = connect({ port: target, host: "127.0.0.1" });
  server.on("error", () => socket.destroy());
  server.write(first);
  socket.pipe(server).pipe(socket);
  socket.on("close", () => {
    sockets.delete(socket);
    server.destroy();
  });
  server.on("close", () => socket.destroy());
}

Deno.serve({ port: control, hostname: "127.0.0.1", onListen() {} }, (request) => {
  const { searchParams } = new URL(request.url);
  const client = Number(searchParams.get("client"));
  away.add(client);
  setTimeout(() => away.delete(client), Number(searchParams.get("ms")));
  for (const socket of connections.get(client) ?? []) socket.destroy();
  return new Response();
});
