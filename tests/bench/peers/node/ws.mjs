/** `ws` on Node: the server of one row. Prints its port. */
import { WebSocketServer } from "ws";

const [row] = process.argv.slice(2);
const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });

server.on("connection", (socket) => {
  socket.on("message", (data, binary) => {
    if (row === "echo") return socket.send(data, { binary });
    for (const member of server.clients) member.send(data, { binary });
  });
});
server.on("listening", () => console.log(server.address().port));
