/** Hono on Node and Bun: the server of one row. Prints its port. */
import { Hono } from "hono";

const [row] = process.argv.slice(2);
const app = new Hono();
const place = { port: 0, hostname: "127.0.0.1" };

const rows = {
  fixed: () => app.get("/", (context) => context.html("Hello, world")),
  json: () => app.post("/", async (context) => context.json(await context.req.json())),
};

rows[row]();
if (globalThis.Bun !== undefined) {
  console.log(Bun.serve({ ...place, fetch: app.fetch }).port);
} else {
  const { serve } = await import("@hono/node-server");
  serve({ ...place, fetch: app.fetch }, ({ port }) => console.log(port));
}
