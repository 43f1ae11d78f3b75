/** Fastify on Node: the server of one row. Prints its port. */
import Fastify from "fastify";

const [row] = process.argv.slice(2);
const app = Fastify();
const HTML = "text/html; charset=UTF-8";

const rows = {
  fixed: () => app.get("/", (_request, reply) => reply.type(HTML).send("Hello, world")),
  route100: () => {
    for (let i = 0; i < 100; i++) {
      app.get(
        `/r${i}/:id`,
        (request, reply) => reply.type(HTML).send(`Hello, ${request.params.id}`),
      );
    }
  },
  async: () =>
    app.get("/", async (_request, reply) => {
      await null;
      return reply.type(HTML).send("Hello, world");
    }),
  json: () => app.post("/", (request, reply) => reply.send(request.body)),
};

rows[row]();
await app.listen({ port: 0, host: "127.0.0.1" });
console.log(app.server.address().port);
