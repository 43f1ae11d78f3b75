import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  type Answer,
  Application,
  MemorySessionStore,
  RequestHandler,
  type Route,
  SessionMixin,
  type SessionOptions,
  type SessionStore,
  timeout,
  WebSocketHandler,
} from "@gustnado/gustnado";
import { Journal } from "../../support/journal.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { rawRequest } from "../../support/raw_socket.ts";
import { OPCODE, RawWebSocket } from "../../support/raw_websocket.ts";
import { serve } from "../../support/serve.ts";
import { KEEPERS, Page, sessionApplication } from "./session_application.ts";

/** A store that answers when it is told to, or fails. */
class MoodyStore extends MemorySessionStore {
  failing: "load" | "replace" | "delete" | null = null;
  gate: Promise<void> | undefined;

  override async load(key: string): Promise<string | null> {
    await this.#mood("load");
    return await super.load(key);
  }

  override async replace(
    ...[key, record, options]: Parameters<SessionStore["replace"]>
  ): Promise<boolean> {
    await this.#mood("replace");
    return await super.replace(key, record, options);
  }

  override async delete(key: string): Promise<void> {
    await this.#mood("delete");
    return await super.delete(key);
  }

  async #mood(operation: string): Promise<void> {
    await this.gate;
    if (this.failing === operation) throw new Error("the disk is full");
  }
}

class Streamed extends Page {
  override async get() {
    this.session.set("visits", 1);
    this.write("one ");
    await this.flush();
    this.write("two");
  }
}

class Late extends Page {
  override async get() {
    this.write("one ");
    await this.flush();
    this.session.set("visits", 1);
  }
}

class Returned extends Page {
  override get(): Response {
    this.session.set("visits", 1);
    return new Response("foreign", { status: 201 });
  }
}

class Failing extends Page {
  override get() {
    this.session.set("visits", 1);
    throw new Error("the handler failed");
  }
}

class Friendly extends Page {
  override get() {
    this.session.set("visits", 1);
    this.write("all is well");
  }

  override writeError(status: number): void {
    this.finish(`sorry: ${status} ${this.session.isNew}`);
  }
}

const RESPONSES: readonly Route[] = [
  ["/streamed", Streamed],
  ["/late", Late],
  ["/returned", Returned],
  ["/failing", Failing],
  ["/friendly", Friendly],
];

function application(options: SessionOptions): Application {
  return sessionApplication(options, RESPONSES);
}

/** Sends a GET request with a raw cookie. */
function get(port: number, path: string, cookie?: string) {
  const fields = cookie === undefined ? "" : `Cookie: ${cookie}\r\n`;
  return rawRequest(port, `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
}

function cookieOf(response: { header(name: string): string | null }): string {
  return response.header("set-cookie")?.split(";")[0] ?? "";
}

for (const [where, options] of KEEPERS) {
  for (
    const [path, status, text] of [["/streamed", 200, "one two"], [
      "/returned",
      201,
      "foreign",
    ]] as const
  ) {
    Deno.test(`session ${where} is kept with a response that is ${path.slice(1)}`, async () => {
      await using server = serve(application(options()));
      const response = await get(server.port, path);
      assertEquals([response.status, response.text], [status, text]);
      const again = await get(server.port, "/count", cookieOf(response));
      assertEquals(again.text, "2");
    });
  }

  Deno.test(`session ${where} is kept with an error page, too`, async () => {
    using records = captureLogs();
    await using server = serve(application(options()));
    const response = await get(server.port, "/failing");
    assertEquals(response.status, 500);
    await expectLog(records, "error", /the handler failed/);
    assertEquals((await get(server.port, "/count", cookieOf(response))).text, "2");
  });

  Deno.test(`session ${where} that JSON cannot hold is a 500, and is not kept`, async () => {
    class Cyclic extends SessionMixin(RequestHandler) {
      override get() {
        const ring: unknown[] = [];
        ring.push(ring);
        this.session.regenerate();
        this.session.set("ring", ring);
        this.redirect("/");
      }
    }
    using records = captureLogs();
    await using server = serve(sessionApplication(options(), [["/cyclic", Cyclic]]));
    const cookie = cookieOf(await get(server.port, "/count"));
    const response = await get(server.port, "/cyclic", cookie);
    assertEquals([response.status, response.header("set-cookie")], [500, null]);
    await expectLog(records, "error", /circular/);
    assertEquals((await get(server.port, "/count", cookie)).text, "2");
  });

  Deno.test(`session ${where} cannot be changed when the head was sent`, async () => {
    using records = captureLogs();
    await using server = serve(application(options()));
    const response = await get(server.port, "/late");
    assertEquals([response.status, response.complete], [200, false]);
    await expectLog(records, "error", /Cannot change the session: the response has begun/);
  });

  Deno.test(`session ${where} is there in a WebSocket, and its cookie comes with the 101`, async () => {
    class Socket extends SessionMixin(WebSocketHandler) {
      override prepare() {
        this.session.set("visits", Number(this.session.get("visits") ?? 0) + 1);
      }
      override open() {
        this.writeMessage(`visit ${this.session.get("visits")}`);
      }
      override onMessage() {
        try {
          this.session.set("visits", 0);
        } catch (error) {
          this.writeMessage(String(error));
        }
      }
    }
    await using server = serve(sessionApplication(options(), [["/ws", Socket]]));
    using first = await RawWebSocket.connect(server.port, "/ws");
    assertEquals((await first.receive())?.text, "visit 1");
    const headers = { cookie: cookieOf(first.response) };
    assertMatch(headers.cookie, /^session=.{43}/);
    await first.send(OPCODE.text, "change it");
    assertStringIncludes((await first.receive())?.text ?? "", "Cannot change the session");
    await first.close();
    using second = await RawWebSocket.connect(server.port, "/ws", { headers });
    assertEquals((await second.receive())?.text, "visit 2");
    await second.close();
    // A refused handshake keeps the session as well.
    const refused = await get(server.port, "/ws", headers.cookie);
    assertEquals(refused.status, 400);
  });
}

for (
  const [own, sent] of [
    ["public, max-age=60", "no-store"],
    ["max-age=60", "no-store"],
    ["Private, max-age=60", "Private, max-age=60"],
    ["no-store", "no-store"],
  ] as const
) {
  Deno.test(`cookie of a session never goes into shared caches: ${own}`, async () => {
    class Cached extends SessionMixin(RequestHandler) {
      override get(): void {
        this.setHeader("Cache-Control", own);
        if (this.request.query === "") this.session.set("visits", 1);
      }
    }
    const app = new Application([["/", Cached]], { session: { store: new MemorySessionStore() } });
    const get = (path: string) => app.fetch(new Request(`http://localhost${path}`));
    assertEquals((await get("/")).headers.get("cache-control"), sent);
    assertEquals((await get("/?none")).headers.get("cache-control"), own);
  });
}

Deno.test("response waits for the store, and its access log, too", async () => {
  const store = new MoodyStore();
  const open = Promise.withResolvers<void>();
  const journal = new Journal();
  class Watched extends Page {
    override get() {
      store.gate = open.promise;
      this.session.set("visits", 1);
      this.write("done");
    }
    override onFinish() {
      journal.add(`finished ${this.getStatus()}`);
    }
  }
  const app = sessionApplication({ store }, [["/watched", Watched]]);
  const response = app.fetch(new Request("http://localhost/watched"));
  const winner = await Promise.race([
    response,
    new Promise((resolve) => setTimeout(resolve, 20, "waits")),
  ]);
  assertEquals([winner, journal.entries], ["waits", []]);
  open.resolve();
  assertEquals(await (await response).text(), "done");
  assertEquals(journal.entries, ["finished 200"]);
});

for (const path of ["/count", "/streamed", "/returned"]) {
  Deno.test(`store that cannot save is a 500, also where the response is ${path.slice(1)}`, async () => {
    using records = captureLogs();
    const store = new MoodyStore();
    await using server = serve(application({ store }));
    store.failing = "replace";
    const response = await get(server.port, path);
    assertEquals([response.status, response.complete], [500, true]);
    assertStringIncludes(response.text, "500: Internal Server Error");
    await expectLog(records, "error", /Cannot save the session: the store failed/);
    store.failing = null;
    assertEquals((await get(server.port, "/count")).text, "1");
  });
}

Deno.test("store that fails leaves the error page to the handler", async () => {
  using records = captureLogs();
  const store = new MoodyStore();
  store.failing = "replace";
  const response = await application({ store }).fetch(new Request("http://localhost/friendly"));
  assertEquals([response.status, await response.text()], [500, "sorry: 500 true"]);
  await expectLog(records, "error", /Cannot save the session: the store failed/);
});

Deno.test("log-out that the store cannot do is a 500: nobody believes to be logged out", async () => {
  using records = captureLogs();
  const store = new MoodyStore();
  await using server = serve(application({ store }));
  const cookie = cookieOf(await get(server.port, "/count"));
  store.failing = "delete";
  const request =
    `POST /logout HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\nContent-Length: 0\r\n\r\n`;
  const refused = await rawRequest(server.port, request);
  assertEquals([refused.status, refused.header("set-cookie")], [500, null]);
  await expectLog(records, "error", /Cannot revoke the session: the store failed/);
  store.failing = null;
  const response = await rawRequest(server.port, request);
  assertEquals(response.status, 302);
  assertMatch(
    response.header("set-cookie") ?? "",
    /^session=; .*Max-Age=0/,
  );
});

Deno.test("store that cannot load is a 500 for those with a cookie, WebSockets included", async () => {
  class Socket extends SessionMixin(WebSocketHandler) {}
  using records = captureLogs();
  const store = new MoodyStore();
  await using server = serve(sessionApplication({ store }, [["/ws", Socket]]));
  store.failing = "load";
  assertEquals((await get(server.port, "/")).status, 200);
  const cookie = `session=${"a".repeat(43)}`;
  assertEquals((await get(server.port, "/", cookie)).status, 500);
  await expectLog(records, "error", /Cannot load the session: the store failed/);
  using refused = await RawWebSocket.connect(server.port, "/ws", { headers: { cookie } });
  assertEquals(refused.response.status, 500);
  await expectLog(records, "error", /Cannot load the session: the store failed/);
});

Deno.test("store that cannot save at the handshake refuses it", async () => {
  class Socket extends SessionMixin(WebSocketHandler) {
    override prepare() {
      this.session.set("visits", 1);
    }
  }
  using records = captureLogs();
  const store = new MoodyStore();
  await using server = serve(sessionApplication({ store }, [["/ws", Socket]]));
  store.failing = "replace";
  using refused = await RawWebSocket.connect(server.port, "/ws");
  assertEquals(refused.response.status, 500);
  await expectLog(records, "error", /Cannot save the session: the store failed/);
});

Deno.test("record that was damaged is no session, and a warning", async () => {
  using records = captureLogs();
  const store = new MemorySessionStore();
  const app = application({ store });
  for (
    const damaged of ["{}", "[1]", "not JSON", "[1,2,[3]]", `[1,2,[["a"]]]`, `["a",2,[]]`, "null"]
  ) {
    const broken: SessionStore = {
      load: () => Promise.resolve(damaged),
      replace: (...args) => store.replace(...args),
      delete: (key) => store.delete(key),
    };
    const headers = { cookie: `session=${"a".repeat(43)}` };
    const request = new Request("http://localhost/show", { headers });
    const response = await application({ store: broken }).fetch(request);
    assertEquals((await response.json()).isNew, true);
    await expectLog(records, "warning", /Cannot read a session: its record is malformed/);
  }
  assertEquals((await app.fetch(new Request("http://localhost/"))).status, 200);
});

Deno.test("session in a store is not to be used before it is loaded", async () => {
  class Early extends Page {
    override initialize() {
      this.session.set("visits", 1);
    }
    override get(): Answer {}
  }
  using records = captureLogs();
  const app = sessionApplication({ store: new MemorySessionStore() }, [["/early", Early]]);
  assertEquals((await app.fetch(new Request("http://localhost/early"))).status, 500);
  await expectLog(
    records,
    "error",
    /it is not loaded yet; it is from getCurrentUser\(\) and prepare/,
  );
});

Deno.test("server that shuts down does not wait for a store that never answers", async () => {
  const store = new MoodyStore();
  const never = Promise.withResolvers<void>();
  const journal = new Journal();
  class Stuck extends Page {
    override get() {
      store.gate = never.promise;
      this.session.set("visits", 1);
      journal.add("stuck");
    }
  }
  const server = serve(sessionApplication({ store }, [["/stuck", Stuck]]), { graceMs: 50 });
  try {
    const response = get(server.port, "/stuck");
    await journal.until(1);
    await server.server.shutdown({ graceMs: 50 });
    assertEquals((await response).status, 503);
  } finally {
    never.resolve();
    await server[Symbol.asyncDispose]();
  }
});

Deno.test("store that does not answer is waited for as long as timeout() says", async () => {
  for (const path of ["/counted", "/streamed"]) {
    using records = captureLogs();
    const gate = Promise.withResolvers<void>();
    const store = new MoodyStore();
    const routes: Route[] = [["/counted", Counted], ["/streamed", Streamed]];
    const app = new Application(routes, { session: { store }, middleware: [timeout(20)] });
    store.gate = gate.promise;
    const response = await app.fetch(new Request(`http://localhost${path}`));
    assertEquals(response.status, 503);
    assertEquals(response.headers.get("set-cookie"), null);
    await response.body?.cancel();
    await expectLog(records, "warning", /after 20 ms without a response/);
    gate.resolve();
    // What comes too late goes nowhere.
    await new Promise((resolve) => setTimeout(resolve));
  }
});

class Counted extends Page {
  override get() {
    this.session.set("visits", 1);
    this.write("counted");
  }
}
