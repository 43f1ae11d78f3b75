import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { EventStreamHandler } from "../../src/web/event_stream_handler.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { MemorySessionStore } from "../../src/web/session/memory_session_store.ts";
import { SessionMixin } from "../../src/web/session/session_mixin.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { expectLog } from "../../src/testing/log_capture.ts";
import { testServer, type TestServerOptions } from "../../src/testing/test_server.ts";
import { everywhere } from "../support/everywhere.ts";
import { poll } from "../support/poll.ts";
import { rawRequest } from "../support/raw_socket.ts";

const cookieSecret = "change me: 32 random bytes, say";

/** Tells what came. */
class Mirror extends RequestHandler {
  override get(): void {
    this.#tell();
  }

  override post(): void {
    this.#tell();
  }

  override put(): void {
    this.#tell();
  }

  override patch(): void {
    this.#tell();
  }

  override delete(): void {
    this.#tell();
  }

  #tell(): void {
    const { method, files } = this.request;
    this.write({
      method,
      type: this.request.header("content-type")?.split(";")[0] ?? null,
      fields: Object.fromEntries(["a", "b"].map((name) => [name, this.getArguments(name)])),
      files: Object.values(files).flat().map((file) => [
        file.filename,
        new TextDecoder().decode(file.body),
      ]),
    });
  }
}

const mirror = () => new Application([["/", Mirror]]);

everywhere("every method has a function of its own", mirror, async (t) => {
  const methods = [];
  for (const call of ["get", "post", "put", "patch", "delete"] as const) {
    methods.push((await (await t[call]("/")).json()).method);
  }
  assertEquals(methods, ["GET", "POST", "PUT", "PATCH", "DELETE"]);
  const head = await t.head("/");
  assertEquals([head.status, await head.text()], [200, ""]);
});

everywhere("a form is sent as a form, lists as several fields", mirror, async (t) => {
  const { type, fields } = await (await t.post("/", { form: { a: 1, b: ["x", "é&="] } })).json();
  assertEquals([type, fields], [
    "application/x-www-form-urlencoded",
    { a: ["1"], b: ["x", "é&="] },
  ]);
});

everywhere("files are sent with the fields of the form", mirror, async (t) => {
  const files = { f: [new File(["wind"], "wind.txt"), "gust", new Uint8Array([97])] };
  const sent = await (await t.post("/", { form: { a: "1" }, files })).json();
  assertEquals(sent.type, "multipart/form-data");
  assertEquals(sent.fields.a, ["1"]);
  assertEquals(sent.files, [["wind.txt", "wind"], ["f", "gust"], ["f", "a"]]);
});

everywhere("fields of the query are added to those of the path", mirror, async (t) => {
  const { fields } = await (await t.get("/?a=1", { query: { a: 2, b: "&" } })).json();
  assertEquals(fields, { a: ["1", "2"], b: ["&"] });
});

everywhere(
  "JSON is sent as JSON",
  () =>
    new Application([[
      "/",
      class extends RequestHandler {
        override post(): void {
          this.write([this.request.header("content-type"), JSON.parse(this.request.text())]);
        }
      },
    ]]),
  async (t) => {
    const response = await t.fetch("/", { json: { wind: null } });
    assertEquals(await response.json(), ["application/json", { wind: null }]);
  },
);

Deno.test("two contents are a TypeError", async () => {
  await using t = testServer(mirror());
  const error = await assertRejects(() => t.post("/", { form: {}, json: 1 }), TypeError);
  assertMatch(error.message, /two contents/);
});

Deno.test("an option that is unknown is a TypeError that names the likeliest", async () => {
  await using t = testServer(mirror());
  const error = await assertRejects(() => t.get("/", { header: {} } as object), TypeError);
  assertMatch(error.message, /did you mean "headers"/);
  assertThrows(() => testServer(mirror(), { port: 1 } as object), TypeError, "port");
  assertThrows(() => testServer(mirror(), { origin: "example.com" }), TypeError, "origin");
  assertThrows(
    () => testServer(mirror(), { origin: "https://a.example", socket: true }),
    TypeError,
    "over a socket",
  );
});

everywhere("a status that is not the expected one fails with the body", mirror, async (t) => {
  const error = await assertRejects(() => t.get("/nowhere", { status: 200 }), Error);
  assertMatch(
    error.message,
    /Expected the status 200, but got the response 404 to GET .*404: Not Found/,
  );
});

everywhere("a body can be read again, and need not be read", mirror, async (t) => {
  const response = await t.get("/");
  assertEquals(await response.text(), await response.text());
  assertEquals((await response.json()).method, "GET");
  await t.get("/");
});

Deno.test("JSON that is none fails with its beginning", async () => {
  await using t = testServer(mirror());
  const error = await assertRejects(async () => (await t.get("/nowhere")).json(), SyntaxError);
  assertMatch(
    error.message,
    /GET http:\/\/localhost\/nowhere: its body begins with: 404: Not Found/,
  );
});

everywhere("a path that begins with two slashes is a path", mirror, async (t) => {
  const response = await t.get("//about");
  assertEquals(new URL(response.url).pathname, "//about");
});

Deno.test("a URL that is not the application's is refused", async () => {
  await using t = testServer(mirror());
  await assertRejects(() => t.get("https://elsewhere.example/"), TypeError, "http://localhost");
  assertEquals((await t.get("http://localhost/")).status, 200);
});

// ---- redirects and cookies

class Redirecting extends RequestHandler {
  override get(to: string): void {
    this.setCookie("seen", to);
    if (to === "end") this.write(`${this.request.method} ${this.getCookie("seen")}`);
    else if (to === "away") this.redirect("https://elsewhere.example/");
    else if (to === "round") this.redirect("/round");
    else this.redirect("/end");
  }

  override post(status: string): void {
    this.redirect("/end", { status: Number(status) });
  }

  override put(to: string): void {
    this.write(`${this.request.method} ${to} ${this.request.text()}`);
  }
}

const redirecting = () => new Application([["/:to", Redirecting]]);

everywhere("redirects are followed where that is asked for", redirecting, async (t) => {
  const first = await t.get("/begin");
  assertEquals([first.status, first.location, first.redirected], [302, "/end", false]);
  const last = await t.get("/begin", { follow: true });
  assertEquals([await last.text(), last.url], ["GET begin", `${t.origin}/end`]);
  assertEquals(last.history.map(({ status }) => status), [302]);
  assertEquals(last.redirected, true);
});

everywhere("a POST that is redirected becomes a GET", redirecting, async (t) => {
  for (const status of [301, 302, 303]) {
    const response = await t.post(`/${status}`, { form: { a: 1 }, follow: true });
    assertMatch(await response.text(), /^GET/);
  }
});

everywhere("a redirect to elsewhere is the response", redirecting, async (t) => {
  const response = await t.get("/away", { follow: true });
  assertEquals(response.location, "https://elsewhere.example/");
});

everywhere("redirects in a circle are given up", redirecting, async (t) => {
  await assertRejects(() => t.get("/round", { follow: true }), Error, "20 redirects");
});

everywhere("every client has cookies of its own", redirecting, async (t) => {
  await t.get("/end");
  const other = t.client();
  assertEquals([t.cookies.get("seen"), other.cookies.get("seen")], ["end", null]);
});

// ---- XSRF and users

class Account extends SessionMixin(RequestHandler) {
  override getCurrentUser(): string | null {
    return this.getSignedCookie("user") ?? this.session.get("user") as string ?? null;
  }

  override get(): void {
    this.write(String(this.currentUser));
  }

  override post(): void {
    this.write(`${this.currentUser} ${this.getBodyArgument("_xsrf", null) !== null}`);
  }
}

const account = (settings: object = {}) => () =>
  new Application([["/", Account]], { cookieSecret, ...settings });

everywhere(
  "the token goes along in the form, or else in a header field",
  account({ xsrfCookies: true }),
  async (t) => {
    assertEquals(await (await t.post("/", { form: { a: "1" }, status: 200 })).text(), "null true");
    assertEquals(await (await t.post("/", { files: { a: "1" }, status: 200 })).text(), "null true");
    assertEquals(await (await t.post("/", { status: 200 })).text(), "null false");
    await expectLog(/'_xsrf' argument missing/, () => t.post("/", { xsrf: false, status: 403 }));
    const wrong = { "X-Xsrftoken": "wrong" };
    await expectLog(/XSRF/, () => t.post("/", { headers: wrong, status: 403 }));
    assertEquals(typeof t.xsrfToken, "string");
  },
);

Deno.test("a token's cookie that is called and kept otherwise is shown as well", async () => {
  const settings = {
    xsrfCookies: true,
    xsrfCookieName: "__Host-token",
    xsrfCookieOptions: { secure: true, path: "/" },
  };
  await using t = testServer(account(settings)(), { origin: "https://blog.example" });
  await t.post("/", { status: 200 });
  assert(t.cookies.has("__Host-token"));
});

everywhere("login() sets the signed cookie", account(), async (t) => {
  await t.login("ada");
  assertEquals(await (await t.get("/")).text(), "ada");
  assertEquals([...t.cookies].map(({ name, httpOnly }) => [name, httpOnly]), [["user", true]]);
  t.cookies.clear();
  assertEquals(await (await t.get("/")).text(), "null");
});

for (const store of [undefined, new MemorySessionStore()]) {
  const session = store === undefined ? { idleTimeout: 60_000 } : { store };
  everywhere(
    `login() puts the user into the session ${store ? "of a store" : "in a cookie"}`,
    account({ session }),
    async (t) => {
      await t.login("ada");
      assertEquals(await (await t.get("/")).text(), "ada");
      await t.login("grace");
      assertEquals(await (await t.get("/")).text(), "grace");
      assertEquals(t.cookies.has("user"), false);
    },
  );
}

Deno.test("login() without a cookieSecret says what is missing", async () => {
  await using t = testServer(new Application([["/", Account]]));
  await assertRejects(() => t.login("ada"), Error, "cookieSecret");
});

// ---- event streams

class News extends EventStreamHandler {
  static left = 0;

  override open(): void {
    this.send({ data: `after ${this.lastEventId}`, id: "7", retry: 1_000 });
    this.send({ event: "gust", data: "two\nlines" });
    if (this.getQueryArgument("end", null) !== null) this.close();
  }

  override onClose(): void {
    News.left++;
  }
}

const news = () => new Application([["/news", News], ["/", Mirror]]);

everywhere("events are read one by one", news, async (t) => {
  await using stream = await t.eventStream("/news?end", { lastEventId: "6é" });
  const events = await Array.fromAsync(stream);
  assertEquals(events, [
    { type: "message", data: "after 6é", id: "7" },
    { type: "gust", data: "two\nlines", id: "7" },
  ]);
  assertEquals([stream.lastEventId, stream.retry], ["7", 1_000]);
});

everywhere("a stream that is closed is one that its client has left", news, async (t) => {
  News.left = 0;
  const stream = await t.eventStream("/news");
  assertEquals((await stream.next())?.data, "after null");
  await stream.close();
  await stream.close();
  assert(await poll(() => News.left === 1));
});

everywhere("what is no event stream is refused", news, async (t) => {
  await assertRejects(() => t.eventStream("/"), TypeError, "application/json");
  await assertRejects(() => t.eventStream("/nowhere"), Error, "404");
});

// ---- the server

class Living extends Application {
  readonly log: string[] = [];

  constructor() {
    super([["/", Mirror]]);
  }

  override async onStart(): Promise<void> {
    await Promise.resolve();
    this.log.push("start");
    this.onShutdown(() => void this.log.push("end"));
  }
}

for (const options of [{}, { socket: true }] as TestServerOptions[]) {
  Deno.test(`an application starts and ends with its test ${JSON.stringify(options)}`, async () => {
    const app = new Living();
    {
      await using t = testServer(app, options);
      await t.get("/", { status: 200 });
      assertEquals(app.log, ["start"]);
    }
    assertEquals(app.log, ["start", "end"]);
  });

  Deno.test(`one application after the other can be tested ${JSON.stringify(options)}`, async () => {
    const app = new Living();
    for (let i = 0; i < 3; i++) {
      await using t = testServer(app, options);
      await t.get("/", { status: 200 });
    }
    assertEquals(app.log.length, 6);
  });
}

Deno.test("an application that cannot start fails the test", async () => {
  class Broken extends Application {
    override onStart(): Promise<void> {
      return Promise.reject(new Error("No database"));
    }
  }
  await expectLog({ level: "error", pattern: /onStart/ }, async () => {
    await assertRejects(
      async () => {
        await using t = testServer(new Broken());
        await t.get("/").catch(() => {});
      },
      Error,
      "No database",
    );
  });
});

Deno.test("requests come from the address that a test gives them", async () => {
  class Address extends RequestHandler {
    override get(): void {
      this.write(`${this.request.remoteIp} ${this.request.fullUrl()}`);
    }
  }
  const app = new Application([["/", Address]]);
  await using t = testServer(app, { origin: "https://blog.example" });
  assertEquals(
    await (await t.get("/", { remoteIp: "203.0.113.7" })).text(),
    "203.0.113.7 https://blog.example/",
  );
  await using over = testServer(app, { socket: true });
  await assertRejects(() => over.get("/", { remoteIp: "203.0.113.7" }), TypeError, "socket");
});

Deno.test("a server of a test takes the options of listen()", async () => {
  class Address extends RequestHandler {
    override get(): void {
      this.write(this.request.remoteIp);
    }
  }
  await using t = testServer(new Application([["/", Address]]), { xheaders: true });
  const headers = { "X-Real-Ip": "203.0.113.7" };
  assertEquals(await (await t.get("/", { headers })).text(), "203.0.113.7");
});

everywhere(
  "a request that is given up rejects, and the handler hears of it",
  () => {
    class Slow extends RequestHandler {
      static left = 0;

      override get(): Promise<void> {
        return new Promise((resolve) => {
          this.request.signal.addEventListener("abort", () => resolve());
        });
      }
    }
    return new Application([["/", Slow]]);
  },
  async (t) => {
    const leaving = new AbortController();
    const response = t.get("/", { signal: leaving.signal });
    await new Promise((resolve) => setTimeout(resolve, 5));
    leaving.abort(new Error("changed my mind"));
    await assertRejects(() => response, Error, "changed my mind");
  },
);

Deno.test("with TLS, requests and WebSockets are of https", async () => {
  class Scheme extends RequestHandler {
    override get(): void {
      this.write(this.request.protocol);
    }
  }
  class Secure extends WebSocketHandler {
    override open(): void {
      this.writeMessage(this.request.protocol);
    }
  }
  await using t = testServer(new Application([["/", Scheme], ["/ws", Secure]]), { tls: true });
  assertMatch(t.origin, /^https:\/\/127\.0\.0\.1:\d+$/);
  assertEquals(await (await t.get("/")).text(), "https");
  assertEquals(await (await t.websocket("/ws")).readMessage(), "https");
});

Deno.test("engine serves what goes over a socket, and there only", async () => {
  await using t = testServer(mirror(), { engine: "node", socket: true });
  // Deno's own engine does without a Host.
  assertEquals((await rawRequest(t.server.port, "GET / HTTP/1.1\r\n\r\n")).status, 400);
  assertEquals((await t.get("/")).status, 200);
  assertThrows(() => testServer(mirror(), { engine: "node" }), TypeError, "in process");
});
