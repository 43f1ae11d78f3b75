/** Hono on Deno: the server of one row. Prints its port. */
import { Hono } from "hono";
import { getSignedCookie, setSignedCookie } from "hono/cookie";
import { serveStatic } from "hono/deno";
import { etag } from "hono/etag";
import { COOKIE_SECRET, HELLO, PAGE, ROUTES, USER } from "../content.ts";
import { productsPage } from "./hono_page.ts";

const [row = "", root = "."] = Deno.args;
const app = new Hono();

const rows: Record<string, () => void> = {
  fixed: () => void app.get("/", (c) => c.html(HELLO)),
  route100: () => {
    for (let i = 0; i < ROUTES; i++) {
      app.get(`/r${i}/:id`, (c) => c.html(`Hello, ${c.req.param("id")}`));
    }
  },
  async: () =>
    void app.get("/", async (c) => {
      await null;
      return c.html(HELLO);
    }),
  json: () => void app.post("/", async (c) => c.json(await c.req.json())),
  etag304: () => void app.use(etag()).get("/", (c) => c.html(PAGE)),
  form: () =>
    void app.post("/", async (c) => {
      const form = await c.req.parseBody({ all: true });
      return c.html(`${form.name} ${[form.tag].flat().join(",")}`);
    }),
  signed: () => {
    app.get("/login", async (c) => {
      await setSignedCookie(c, "user", USER, COOKIE_SECRET);
      return c.html("");
    });
    app.get("/", async (c) => {
      const user = await getSignedCookie(c, COOKIE_SECRET, "user");
      return user ? c.html(`Hello, ${user}`) : c.html("", 403);
    });
  },
  template: () => void app.get("/", (c) => c.html(productsPage())),
  static: () =>
    void app.use(etag()).use(
      "/static/*",
      serveStatic({ root, rewriteRequestPath: (path) => path.replace("/static", "") }),
    ),
};

rows[row]?.();
const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, app.fetch);
console.log(server.addr.port);
