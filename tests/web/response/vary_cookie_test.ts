import { assertEquals } from "@std/assert";
import {
  Application,
  basicAuth,
  cors,
  EventStreamHandler,
  getSealedCookie,
  HTTPError,
  MemorySessionStore,
  RequestHandler,
  SessionMixin,
  StaticFileHandler,
} from "@gustnado/gustnado";
import { bothWays } from "../../support/serve.ts";
import { staticTree } from "../static/static_tree.ts";

const tree = staticTree({ "a.txt": "a" });

class Signed extends RequestHandler {
  override get(how = "") {
    this.getSignedCookie("user");
    if (how === "bytes") this.write(new Uint8Array(5));
    else if (how === "large") this.write("x".repeat(5_000));
    else if (how === "error") throw new HTTPError(404);
    else if (how === "response") return new Response("ok", { headers: { Vary: "Accept" } });
    else if (how === "accept") this.setHeader("Vary", "Accept");
    else if (how === "star") this.setHeader("Vary", "*");
    else if (how === "already") this.setHeader("Vary", "cookie, Accept");
    else if (how === "empty") this.setStatus(204);
    else if (how === "stream") return this.flush();
    else if (how === "redirect") this.redirect("/");
    else this.write("text");
  }
}

class Bytes extends RequestHandler {
  override get() {
    this.getSignedCookieBytes("user");
  }
}

class Sealed extends RequestHandler {
  override get() {
    getSealedCookie(this, "user");
  }
}

class WithSession extends SessionMixin(RequestHandler) {
  override get() {
    this.session.get("user");
  }
}

class WithoutLooking extends SessionMixin(RequestHandler) {
  override get() {
    this.write("text");
  }
}

class User extends RequestHandler {
  override getCurrentUser() {
    return this.getSignedCookie("user");
  }
  override get() {
    this.write(String(this.currentUser));
  }
}

class LaterUser extends RequestHandler {
  override async getCurrentUser() {
    return await Promise.resolve(this.getSignedCookie("user"));
  }
  override get() {}
}

class Form extends RequestHandler {
  override get() {
    this.write(this.xsrfFormHtml());
  }
}

class Guarded extends StaticFileHandler {
  override prepare() {
    if (this.getSignedCookie("user") === null) this.setHeader("X-Guest", "1");
  }
}

class Events extends EventStreamHandler {
  override prepare() {
    this.getSignedCookie("user");
  }
  override open() {
    this.close();
  }
}

class Plain extends RequestHandler {
  override get() {
    this.getCookie("theme");
    this.getSignedCookie("user", { value: null });
    this.setSignedCookie("user", "ada");
  }
}

const VARY: Record<string, string | null> = {
  "/signed/": "Cookie",
  "/signed/bytes": "Cookie",
  "/signed/large": "Accept-Encoding, Cookie",
  "/signed/error": "Accept, Cookie",
  "/signed/response": "Accept, Cookie",
  "/signed/accept": "Accept, Cookie",
  "/signed/star": "*",
  "/signed/already": "cookie, Accept",
  "/signed/empty": "Cookie",
  "/signed/stream": "Accept-Encoding, Cookie",
  "/signed/redirect": "Cookie",
  "/bytes": "Cookie",
  "/sealed": "Cookie",
  "/session": "Cookie",
  "/user": "Cookie",
  "/later": "Cookie",
  "/events": "Cookie",
  "/form": "Cookie",
  "/guarded/a.txt": "Cookie",
  "/plain": null,
  "/unlooked": null,
  "/static/a.txt": null,
};

for (const store of [undefined, new MemorySessionStore()]) {
  bothWays(
    `response says that it depends on cookies where it does, ${store ? "with a store" : "without"}`,
    () =>
      new Application([
        ["/signed/(.*)", Signed],
        ["/bytes", Bytes],
        ["/sealed", Sealed],
        ["/session", WithSession],
        ["/unlooked", WithoutLooking],
        ["/user", User],
        ["/later", LaterUser],
        ["/form", Form],
        ["/guarded/(.*)", Guarded, { path: tree.path }],
        ["/events", Events],
        ["/plain", Plain],
      ], {
        cookieSecret: "cookie-secret of these tests",
        compressResponse: true,
        staticPath: tree.path,
        ...(store === undefined ? {} : { session: { store } }),
      }),
    async (fetch) => {
      for (const [path, vary] of Object.entries(VARY)) {
        const init: RequestInit = {
          redirect: "manual",
          headers: { "accept-encoding": "identity" },
        };
        const response = await fetch(path, init);
        await response.bytes();
        assertEquals([path, response.headers.get("vary")], [path, vary]);
      }
    },
  );
}

Deno.test("304 says that it depends on cookies, as its page did", async () => {
  class Page extends RequestHandler {
    override get() {
      this.setHeader("Etag", '"1"');
      this.getSignedCookie("user");
      this.write("page");
    }
  }
  const app = new Application([["/", Page]], { cookieSecret: "cookie-secret of these tests" });
  const headers = { "if-none-match": '"1"' };
  const response = await app.fetch(new Request("http://localhost/", { headers }));
  assertEquals([response.status, response.headers.get("vary")], [304, "Cookie"]);
});

Deno.test("Vary of middleware stays", async () => {
  const middleware = [cors({ origin: "http://a.example" }), basicAuth({ verify: () => true })];
  const app = new Application([["/", User]], {
    cookieSecret: "cookie-secret of these tests",
    middleware,
  });
  const headers = { authorization: `Basic ${btoa("a:b")}` };
  const response = await app.fetch(new Request("http://localhost/", { headers }));
  assertEquals(response.headers.get("vary"), "Cookie, Origin");
});
