/** The least that Hono starts with: one page. Prints its port. */
import { Hono } from "hono";

const app = new Hono();
app.get("/", (c) => c.html("Hello"));
const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
const server = Deno.serve(options, app.fetch);
console.log(server.addr.port);
