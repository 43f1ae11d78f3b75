import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertRejects,
} from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { HTTPError, StreamClosedError } from "../../../src/web/http_error.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { ResponseStream } from "../../../src/web/response/response_stream.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { poll } from "../../support/poll.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { bothWays, serve } from "../../support/serve.ts";

const CRLF = new TextEncoder().encode("\r\n\r\n");

/** Notes what happens, and lets the test say when to go on. */
class Stage extends Application {
  readonly entries: string[] = [];
  readonly go: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  caught: unknown;
}

bothWays("flush sends the head and what was written, and the rest follows", [
  [
    "/",
    class extends RequestHandler {
      override async get() {
        this.setStatus(201);
        this.setHeader("X-Early", "yes");
        this.setCookie("early", "yes");
        this.write("a");
        await this.flush();
        this.write("b");
        this.write(new Uint8Array([0x63]));
        await this.flush();
        this.write({ d: 1 });
      }
    },
  ],
], async (fetch) => {
  const response = await fetch("/");
  assertEquals(response.status, 201);
  assertEquals(response.headers.get("x-early"), "yes");
  assertEquals(response.headers.getSetCookie(), ["early=yes; Path=/"]);
  assertEquals(response.headers.get("content-length"), null);
  assertEquals(await response.text(), 'abc{"d":1}');
});

Deno.test("first piece arrives while the handler still runs", async () => {
  const app = new Stage([[
    "/",
    class extends RequestHandler<Stage> {
      override async get() {
        this.write("first");
        await this.flush();
        await this.application.go.promise;
        this.write("second");
      }
    },
  ]]);
  await using server = serve(app);
  const response = await fetch(server.origin);
  const reader = response.body?.getReader();
  assertEquals(new TextDecoder().decode((await reader?.read())?.value), "first");
  app.go.resolve();
  assertEquals(new TextDecoder().decode((await reader?.read())?.value), "second");
  assertEquals((await reader?.read())?.done, true);
});

bothWays("flush of nothing sends the head", [
  [
    "/",
    class extends RequestHandler {
      override async get() {
        await this.flush();
        this.finish("body");
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/")).text(), "body");
});

bothWays("flushes that nobody awaits keep their order", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        for (let i = 0; i < 10; i++) {
          this.write(`${i}`);
          this.flush();
        }
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/")).text(), "0123456789");
});

bothWays("head of a flushed response cannot be changed", [
  [
    "/(\\w+)",
    class extends RequestHandler {
      override async get(what: string) {
        this.write("a");
        await this.flush();
        if (what === "status") this.setStatus(404);
        if (what === "header") this.setHeader("X-Late", "1");
        if (what === "add") this.addHeader("X-Late", "1");
        if (what === "clear") this.clearHeader("X-Late");
        if (what === "cookie") this.setCookie("late", "1");
        if (what === "redirect") this.redirect("/");
        if (what === "response") return new Response("other");
      }
    },
  ],
], async (fetch) => {
  for (const what of ["status", "header", "add", "clear", "cookie", "redirect", "response"]) {
    using records = captureLogs();
    const response = await fetch(`/${what}`);
    await assertRejects(() => response.text());
    await expectLog(records, "error", /the response has begun|Cannot return a Response/);
    assertEquals(records.messages("gustnado.application").length, 1);
  }
});

bothWays("HEAD of a streamed response has its head alone", [
  [
    "/",
    class extends RequestHandler {
      override async get() {
        this.setHeader("X-Head", "yes");
        this.write("a");
        await this.flush();
        this.write("b");
        await this.flush();
      }
    },
  ],
], async (fetch) => {
  const response = await fetch("/", { method: "HEAD" });
  assertEquals([response.headers.get("x-head"), await response.text()], ["yes", ""]);
});

for (const status of [204, 304]) {
  bothWays(`flush is an error with status ${status}, which has no body`, [
    [
      "/",
      class extends RequestHandler {
        override async get() {
          this.setStatus(status);
          await this.flush();
        }
      },
    ],
  ], async (fetch) => {
    using records = captureLogs();
    assertEquals((await fetch("/")).status, 500);
    await expectLog(records, "error", new RegExp(`Cannot send a body with status ${status}`));
  });
}

// ---- back-pressure

class FloodHandler extends RequestHandler<Stage> {
  static readonly total = 400;
  override async get() {
    const chunk = new Uint8Array(65_536);
    for (let i = 0; i < FloodHandler.total; i++) {
      this.write(chunk);
      await this.flush();
      this.application.entries.push("chunk");
    }
  }
}

Deno.test("flush waits for a client that does not read", async () => {
  const app = new Stage([["/", FloodHandler]]);
  await using server = serve(app);
  using socket = await RawSocket.connect(server.port);
  await socket.write("GET / HTTP/1.0\r\nHost: h\r\n\r\n");
  await socket.readUntil(CRLF);
  let before = -1;
  // It has stopped when nothing went out between two looks that are far apart for a fast sender.
  const stopped = async () => {
    const same = before === app.entries.length;
    before = app.entries.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    return same;
  };
  assert(await poll(stopped));
  assertLess(app.entries.length, FloodHandler.total);
  const body = await socket.readToEnd();
  assertEquals(body.length, FloodHandler.total * 65_536);
});

Deno.test("flush in process waits for the reader", async () => {
  const app = new Stage([["/", FloodHandler]]);
  const response = await app.fetch(new Request("http://localhost/"));
  const reader = response.body?.getReader();
  for (let i = 0; i < 5; i++) {
    await reader?.read();
    assertLess(app.entries.length, 7);
  }
  await reader?.cancel();
});

// ---- clients that leave

class LeftHandler extends RequestHandler<Stage> {
  override async get(how: string) {
    const { application } = this;
    this.write("first");
    await this.flush();
    await application.go.promise;
    application.entries.push("goes on");
    if (how === "ends") return;
    this.write("second");
    if (how === "forgets") this.flush();
    if (how === "awaits") {
      await this.flush();
    }
    if (how === "finishes") await this.finish("third");
    if (how === "catches") {
      await this.flush().catch((error) => application.caught = error);
    }
  }
  override onConnectionClose() {
    this.application.entries.push("onConnectionClose");
  }
  override onFinish() {
    this.application.entries.push("onFinish");
  }
}

for (const how of ["ends", "writes", "forgets", "awaits", "finishes", "catches"]) {
  for (const compressResponse of [false, true]) {
    const name = `handler that ${how} after its client has left` +
      (compressResponse ? ", compressed," : "");
    Deno.test(`${name} is told once, and nothing is logged`, async () => {
      using _records = captureLogs();
      const app = new Stage([["/(\\w+)", LeftHandler]], { compressResponse });
      await using server = serve(app);
      using socket = await RawSocket.connect(server.port);
      await socket.write(`GET /${how} HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n`);
      await socket.readUntil(CRLF);
      await socket.readBytes(5);
      socket.close();
      assert(await poll(() => app.entries.length === 1));
      assertEquals(app.entries, ["onConnectionClose"]);
      app.go.resolve();
      assert(await poll(() => app.entries.includes("onFinish")));
      // What was left unhandled would show in a later turn.
      await new Promise((resolve) => setTimeout(resolve, 0));
      assertEquals(app.entries, ["onConnectionClose", "goes on", "onFinish"]);
      if (how === "catches") assertInstanceOf(app.caught, StreamClosedError);
    });
  }
}

Deno.test("reader that gives up in process is a client that leaves", async () => {
  using _records = captureLogs();
  const app = new Stage([["/(\\w+)", LeftHandler]]);
  const response = await app.fetch(new Request("http://localhost/catches"));
  const reader = response.body?.getReader();
  await reader?.read();
  const second = reader?.read();
  await reader?.cancel("enough");
  app.go.resolve();
  assertEquals((await second)?.done, true);
  assert(await poll(() => app.entries.includes("onFinish")));
  assertEquals(app.entries, ["onConnectionClose", "goes on", "onFinish"]);
  assertInstanceOf(app.caught, StreamClosedError);
  assertEquals(app.caught.cause, "enough");
});

Deno.test("client that leaves ends a flush that waits for it", async () => {
  using _records = captureLogs();
  const app = new Stage([[
    "/",
    class extends FloodHandler {
      override onFinish() {
        this.application.entries.push("onFinish");
      }
    },
  ]]);
  await using server = serve(app);
  using socket = await RawSocket.connect(server.port);
  await socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  await socket.readUntil(CRLF);
  socket.close();
  assert(await poll(() => app.entries.includes("onFinish")));
  assertLess(app.entries.length, FloodHandler.total);
});

Deno.test("onConnectionClose runs once for a client that leaves before the response", async () => {
  using _records = captureLogs();
  const app = new Stage([[
    "/",
    class extends RequestHandler<Stage> {
      override async get() {
        await this.application.go.promise;
        this.write("nobody reads this");
      }
      override onConnectionClose() {
        this.application.entries.push("onConnectionClose");
        this.application.go.resolve();
      }
      override onFinish() {
        this.application.entries.push("onFinish");
      }
    },
  ]]);
  await using server = serve(app);
  using socket = await RawSocket.connect(server.port);
  await socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  // Two requests on one connection tell that the first one has reached the handler.
  socket.close();
  assert(await poll(() => app.entries.includes("onFinish")));
  assertEquals(app.entries, ["onConnectionClose", "onFinish"]);
});

Deno.test("onConnectionClose does not run after a response that was sent", async () => {
  const app = new Stage([[
    "/",
    class extends RequestHandler<Stage> {
      override get() {
        this.write("ok");
      }
      override onConnectionClose() {
        this.application.entries.push("onConnectionClose");
      }
    },
  ]]);
  await using server = serve(app);
  assertEquals(await (await fetch(server.origin)).text(), "ok");
  await server.server.shutdown();
  assertEquals(app.entries, []);
});

Deno.test("exception in onConnectionClose is logged once", async () => {
  using records = captureLogs();
  const app = new Stage([[
    "/(\\w+)",
    class extends LeftHandler {
      override onConnectionClose() {
        super.onConnectionClose();
        throw new Error("in onConnectionClose");
      }
    },
  ]]);
  const response = await app.fetch(new Request("http://localhost/ends"));
  await response.body?.cancel();
  await expectLog(records, "error", /in onConnectionClose/);
  app.go.resolve();
  assert(await poll(() => app.entries.includes("onFinish")));
});

Deno.test("signal of the request is aborted when the client leaves, and not otherwise", async () => {
  const signals: AbortSignal[] = [];
  const app = new Stage([[
    "/(\\w+)",
    class extends RequestHandler<Stage> {
      override async get(how: string) {
        signals.push(this.request.signal);
        if (how === "waits") await this.application.go.promise;
      }
    },
  ]]);
  await using server = serve(app);
  await (await fetch(`${server.origin}/answers`)).body?.cancel();
  using socket = await RawSocket.connect(server.port);
  await socket.write("GET /waits HTTP/1.1\r\nHost: h\r\n\r\n");
  assert(await poll(() => signals.length === 2));
  socket.close();
  assert(await poll(() => signals[1]?.aborted === true));
  assertEquals(signals[0]?.aborted, false);
  app.go.resolve();
});

// ---- errors after a flush

class MidwayHandler extends RequestHandler<Stage> {
  override async get(what: string) {
    this.write("half");
    await this.flush();
    if (what === "error") throw new Error("midway");
    if (what === "http") throw new HTTPError(404, { logMessage: "midway" });
    if (what === "send") this.sendError(500);
  }
  override onFinish() {
    this.application.entries.push("onFinish");
  }
}

for (const what of ["error", "http", "send"]) {
  for (const compressResponse of [false, true]) {
    bothWays(
      `${what} after a flush breaks the response off and is logged once` +
        (compressResponse ? ", compressed" : ""),
      () => new Stage([["/(\\w+)", MidwayHandler]], { compressResponse }),
      async (fetch) => {
        using records = captureLogs();
        const response = await fetch(`/${what}`);
        assertEquals(response.status, 200);
        await assertRejects(() => response.bytes());
        const message = what === "error" ? /midway/ : /Cannot send an error page/;
        await expectLog(records, "error", message);
        assertEquals(records.messages("gustnado.application").length, 1);
      },
    );
  }
}

Deno.test("onFinish runs once after a response that was broken off", async () => {
  using records = captureLogs();
  const app = new Stage([["/(\\w+)", MidwayHandler]]);
  const response = await app.fetch(new Request("http://localhost/error"));
  await assertRejects(() => response.text());
  await expectLog(records, "error", /midway/);
  assertEquals(app.entries, ["onFinish"]);
});

Deno.test("body that is longer than its declared length does not run into the next response", async () => {
  await using server = serve(
    new Application([[
      "/",
      class extends RequestHandler {
        override get() {
          this.setHeader("Content-Length", 3);
          this.write("okHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
          this.flush();
        }
      },
    ]]),
  );
  using socket = await RawSocket.connect(server.port);
  await socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  assertEquals((await socket.readResponse()).text.length, 3);
  await socket.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const rest = new TextDecoder().decode(await socket.readToEnd());
  assert(!rest.includes("evil"), rest);
});

Deno.test("slow stream is not cut by anything but its end", async () => {
  await using server = serve(
    new Application([[
      "/",
      class extends RequestHandler {
        override async get() {
          for (let i = 0; i < 3; i++) {
            this.write("tick ");
            await this.flush();
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        }
      },
    ]]),
  );
  const start = performance.now();
  assertEquals(await (await fetch(server.origin)).text(), "tick tick tick ");
  assertGreaterOrEqual(performance.now() - start, 40);
});

Deno.test("response stream refuses a chunk during which the client is found to have gone", async () => {
  const stream = new ResponseStream(() => {});
  const { prototype } = ReadableStreamDefaultController;
  const { enqueue } = prototype;
  // The runtime takes a chunk at once, and cancels at once if it cannot send it.
  prototype.enqueue = function (chunk): void {
    enqueue.call(this, chunk);
    stream.readable.cancel("gone");
  };
  try {
    await assertRejects(() => stream.write(new Uint8Array(1)), StreamClosedError);
  } finally {
    prototype.enqueue = enqueue;
  }
});
