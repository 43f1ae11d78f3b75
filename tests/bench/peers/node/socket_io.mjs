// A node of tests/chaos: node socket_io.mjs <port> <url of Redis>
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [port, url] = process.argv.slice(2);
const redis = createClient({ url });
redis.on("error", () => {});
await redis.connect();

const server = createServer((request, response) => {
  setTimeout(() => response.end("done"), 100);
});
const io = new Server(server, {
  adapter: createAdapter(redis),
  connectionStateRecovery: { maxDisconnectionDuration: 120_000, skipMiddlewares: true },
});
io.on("connection", (socket) => {
  socket.on("subscribe", async (topics, done) => {
    await socket.join(topics);
    done();
  });
  socket.on("publish", (topic, word, done) => {
    io.to(topic).emit("word", topic, word);
    done();
  });
});
server.listen(Number(port), "127.0.0.1");
process.on("SIGTERM", () => io.close(() => process.exit(0)));
process.on("uncaughtException", () => {});
process.on("unhandledRejection", () => {});
