import { assert, assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import type { ServerContext } from "../../src/server/server_context.ts";
import { DictLoader } from "../../src/template/loaders/dict_loader.ts";
import { Application, partsOf } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { asynchronous } from "../../src/web/decorators.ts";
import { StreamClosedError } from "../../src/web/http_error.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { served } from "../../src/web/request/served_request.ts";
import { timeout } from "../../src/web/middleware/timeout.ts";
import { sleep } from "../../src/concurrent/coroutine/sleep.ts";
import { captureLogs } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { serve } from "../support/serve.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";

/** Notes what becomes of its requests. */
class Diary extends Application {
  readonly entries: string[] = [];
  readonly waiting: Noting[] = [];
  context: ServerContext | undefined;
}

function diary(
  handler: new (...args: never[]) => RequestHandler,
  settings: ApplicationSettings = {},
): Diary {
  const app: Diary = new Diary([["/(.*)", handler as typeof RequestHandler]], {
    logFunction: (handler) => void app.entries.push(`log ${handler.getStatus()}`),
    middleware: [async (_request, next) => {
      const response = await next();
      app.entries.push(`middleware ${response.status}`);
      return response;
    }],
    ...settings,
  });
  return app;
}

/** Stays open, and notes how it ends. */
class Noting extends RequestHandler<Diary> {
  override initialize() {
    this.application.context = served(this.request).server;
    this.application.waiting.push(this);
  }
  override onFinish() {
    this.note("onFinish");
  }
  note(entry: string) {
    this.application.entries.push(entry);
  }
}

class Kept extends Noting {
  override get() {
    this.keepOpen();
  }
  override onConnectionClose() {
    this.note("onConnectionClose");
  }
}

class Asynchronous extends Noting {
  @asynchronous
  override get() {}
  override onConnectionClose() {
    this.note("onConnectionClose");
  }
}

class LateKept extends Kept {
  override async get() {
    await undefined;
    this.keepOpen();
  }
}

class AsyncCleanUp extends Kept {
  override async onConnectionClose() {
    await undefined;
    this.note("onConnectionClose");
  }
}

class FailingCleanUp extends Kept {
  override onConnectionClose() {
    super.onConnectionClose();
    throw new Error("in onConnectionClose");
  }
}

/** Has no hook for it: it is complete all the same. */
class Plain extends Noting {
  override get() {
    this.keepOpen();
    this.note("onConnectionClose");
  }
}

const ENDED = ["onConnectionClose", "log 499", "onFinish", "middleware 499"];

for (const handler of [Kept, Asynchronous, LateKept, AsyncCleanUp, FailingCleanUp, Plain]) {
  for (const way of ["in process", "over a socket"]) {
    Deno.test(`response kept open by ${handler.name} is complete when its client leaves (${way})`, async () => {
      using records = captureLogs();
      const app = diary(handler);
      await using server = serve(app);
      if (way === "in process") {
        const leaving = new AbortController();
        const answering = app.fetch(new Request("http://localhost/", { signal: leaving.signal }));
        await poll(() => app.waiting.length === 1);
        await undefined;
        leaving.abort();
        assertEquals((await answering).status, 499);
      } else {
        using socket = await RawSocket.connect(server.port);
        await socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        assert(await poll(() => app.waiting.length === 1));
      }
      assert(await poll(() => app.entries.length >= ENDED.length), app.entries.join());
      assertEquals(app.entries, ENDED);
      assertEquals(app.context?.openWork.size, 0);
      // What the handler still does goes nowhere, and disturbs nobody.
      const [kept] = app.waiting;
      assert(kept !== undefined && kept.finished);
      kept.setStatus(201);
      kept.setHeader("X-Late", "1");
      kept.addHeader("X-Late", "2");
      kept.clearHeader("X-Late");
      kept.setCookie("late", "1");
      kept.clear();
      kept.write("late");
      kept.sendError(500);
      kept.redirect("/elsewhere");
      await assertRejects(() => kept.flush(), StreamClosedError);
      await kept.finish("late");
      await kept.finish();
      kept.render("no.html");
      assertEquals(kept.getStatus(), 499);
      assertEquals(app.entries, ENDED);
      const failing = handler === FailingCleanUp ? /in onConnectionClose/ : null;
      if (failing !== null) {
        await records.expect(({ message }) => failing.test(message), { description: "failure" });
      }
    });
  }
}

Deno.test("streamed response kept open is complete when its client leaves", async () => {
  class Ticker extends Kept {
    override async get() {
      this.keepOpen();
      this.write("tick");
      await this.flush();
    }
  }
  for (const compressResponse of [false, true]) {
    using _records = captureLogs();
    const app = diary(Ticker, { compressResponse });
    await using server = serve(app);
    using socket = await RawSocket.connect(server.port);
    await socket.write("GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
    await socket.readBytes(10);
    socket[Symbol.dispose]();
    assert(await poll(() => app.entries.length >= 4), app.entries.join());
    const expected = ["middleware 200", "onConnectionClose", "log 200", "onFinish"];
    assertEquals(app.entries, expected);
    assertEquals(app.context?.openWork.size, 0);
    app.waiting[0]?.write("late");
    app.waiting[0]?.sendError(500);
    await app.waiting[0]?.finish();
  }
});

Deno.test("HEAD of a streamed response kept open is complete when its head was sent", async () => {
  class Ticker extends Kept {
    override async get() {
      this.keepOpen();
      this.write("tick");
      await this.flush();
    }
  }
  const app = diary(Ticker);
  const response = await app.fetch(new Request("http://localhost/", { method: "HEAD" }));
  assertEquals([response.status, await response.text()], [200, ""]);
  assert(await poll(() => app.entries.length >= 3), app.entries.join());
  assertEquals(app.entries.toSorted(), ["log 200", "middleware 200", "onFinish"]);
  app.waiting[0]?.finish("late");
});

Deno.test("method that still runs when its client leaves goes on, and completes the response", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  class Working extends Kept {
    override async get() {
      await promise;
      this.note("done");
      this.write("for nobody");
    }
  }
  const app = diary(Working);
  const leaving = new AbortController();
  const answering = app.fetch(new Request("http://localhost/", { signal: leaving.signal }));
  leaving.abort();
  await undefined;
  assertEquals(app.entries, ["onConnectionClose"]);
  resolve();
  await (await answering).body?.cancel();
  assertEquals(app.entries, ["onConnectionClose", "done", "log 200", "onFinish", "middleware 200"]);
});

Deno.test("response kept open by a method that runs on is complete when it returns", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  class Working extends Kept {
    override async get() {
      this.keepOpen();
      await promise;
      this.note("done");
    }
  }
  const app = diary(Working);
  const leaving = new AbortController();
  const answering = app.fetch(new Request("http://localhost/", { signal: leaving.signal }));
  leaving.abort();
  resolve();
  assertEquals((await answering).status, 499);
  assertEquals(app.entries, ["onConnectionClose", "done", "log 499", "onFinish", "middleware 499"]);
});

Deno.test("handler that ends the response in onConnectionClose has ended it", async () => {
  class Ending extends Kept {
    override onConnectionClose() {
      this.setStatus(202);
      this.finish("bye");
    }
  }
  const app = diary(Ending);
  const leaving = new AbortController();
  const answering = app.fetch(new Request("http://localhost/", { signal: leaving.signal }));
  leaving.abort();
  assertEquals(await (await answering).text(), "bye");
  assertEquals(app.entries, ["log 202", "onFinish", "middleware 202"]);
});

Deno.test("request whose client has left before it came is complete at once", async () => {
  const app = diary(Kept);
  const response = await app.fetch(
    new Request("http://localhost/", { signal: AbortSignal.abort() }),
  );
  assertEquals(response.status, 499);
  assertEquals(app.entries, ENDED);
});

Deno.test("error page that waits when its client leaves completes the response", async () => {
  const page = Promise.withResolvers<void>();
  class Failing extends Kept {
    override get() {
      this.keepOpen();
      this.sendError(503);
    }
    override async writeError() {
      await page.promise;
      this.note("page");
      this.write("for nobody");
    }
  }
  const app = diary(Failing);
  const leaving = new AbortController();
  const answering = app.fetch(new Request("http://localhost/", { signal: leaving.signal }));
  leaving.abort();
  await undefined;
  assertEquals(app.entries, ["onConnectionClose"]);
  page.resolve();
  await (await answering).body?.cancel();
  assertEquals(app.entries, ["onConnectionClose", "page", "log 503", "onFinish", "middleware 503"]);
});

Deno.test("page that waits when its client leaves completes the response", async () => {
  const name = Promise.withResolvers<string>();
  const templateLoader = new DictLoader({ "page.html": "{{ await name }}" });
  class Rendering extends Kept {
    override get() {
      void this.render("page.html", { name: name.promise });
    }
  }
  const app = diary(Rendering, { templateLoader });
  await partsOf(app).loading;
  const leaving = new AbortController();
  const answering = app.fetch(new Request("http://localhost/", { signal: leaving.signal }));
  leaving.abort();
  await undefined;
  assertEquals(app.entries, ["onConnectionClose"]);
  name.resolve("Dorothy");
  assertEquals(await (await answering).text(), "Dorothy");
  assertEquals(app.entries, ["onConnectionClose", "log 200", "onFinish", "middleware 200"]);
});

Deno.test("response kept open gets a 503 when the server cuts it, and not the 499 of who left", async () => {
  using records = captureLogs();
  const app = diary(Kept, { middleware: [] });
  await using server = serve(app);
  const answering = fetch(server.origin);
  assert(await poll(() => app.waiting.length === 1));
  await server.server.shutdown({ graceMs: 1 });
  const response = await answering;
  assertEquals([response.status, await response.text()], [503, "Service Unavailable"]);
  assertEquals(app.entries, ["onConnectionClose", "log 503", "onFinish"]);
  app.waiting[0]?.finish("late");
  await records.expect(({ message }) => /grace period/.test(message), { description: "cut" });
});

Deno.test("response kept open gets the error page when the middleware timeout gives it up", async () => {
  using records = captureLogs();
  const app = diary(Kept, { middleware: [timeout(10)] });
  const response = await app.fetch(new Request("http://localhost/"));
  assertEquals(response.status, 503);
  assert((await response.text()).includes("503: Service Unavailable"));
  assertEquals(app.entries, ["onConnectionClose", "log 503", "onFinish"]);
  app.waiting[0]?.finish("late");
  await records.expect(({ message }) => /Gave up/.test(message), { description: "timeout" });
});

Deno.test("stream that onConnectionClose ends while the server cuts it is complete once", async () => {
  using records = captureLogs();
  class Ending extends Kept {
    override async get() {
      this.keepOpen();
      this.write("tick");
      await this.flush();
    }
    override onConnectionClose() {
      this.note("onConnectionClose");
      this.finish();
    }
  }
  const app = diary(Ending, { middleware: [] });
  await using server = serve(app);
  const response = await fetch(server.origin);
  await server.server.shutdown({ graceMs: 1 });
  assertEquals(await response.text(), "tick");
  assertEquals(app.entries, ["onConnectionClose", "log 200", "onFinish"]);
  await records.expect(({ message }) => /grace period/.test(message), { description: "cut" });
});

// ---- the reason of the aborted signal

/** Waits for something that ends when the client leaves, in the way that its name says. */
const WAITS: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
  "a promise": (signal) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  "sleep()": (signal) => sleep(60_000, { signal }),
  "throwIfAborted()": async (signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    signal.throwIfAborted();
  },
};

for (const [what, wait] of Object.entries(WAITS)) {
  for (const hook of ["prepare", "get", "initialize", "stream"]) {
    Deno.test(`client that leaves while ${hook} waits for ${what} is no error`, async () => {
      // Nothing at warning or above may be logged but the line of the access log.
      using _records = captureLogs();
      class Waiting extends Noting {
        override initialize(): void | Promise<void> {
          super.initialize();
          return this.#at("initialize");
        }
        override prepare() {
          return this.#at("prepare");
        }
        override async get() {
          if (hook === "stream") {
            this.write("x");
            await this.flush();
          }
          await this.#at(hook === "stream" ? hook : "get");
        }
        async #at(place: string): Promise<void> {
          if (place === hook) await wait(this.request.signal);
        }
      }
      const app = diary(Waiting, { middleware: [] });
      await using server = serve(app);
      using socket = await RawSocket.connect(server.port);
      await socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      if (hook === "stream") await socket.readBytes(10);
      assert(await poll(() => app.waiting.length === 1));
      socket[Symbol.dispose]();
      assert(await poll(() => app.entries.length >= 2), app.entries.join());
      assertEquals(app.entries, [hook === "stream" ? "log 200" : "log 499", "onFinish"]);
      assertEquals(app.context?.openWork.size, 0);
    });
  }
}

Deno.test("client that leaves before its WebSocket is there is no error", async () => {
  using _records = captureLogs();
  const prepared = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<number>();
  class Socket extends WebSocketHandler {
    override async prepare() {
      prepared.resolve();
      await sleep(60_000, { signal: this.request.signal });
    }
    override onFinish() {
      finished.resolve(this.getStatus());
    }
  }
  await using server = serve(new Application([["/", Socket]]));
  using socket = await RawSocket.connect(server.port);
  await socket.write(
    "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  await prepared.promise;
  socket[Symbol.dispose]();
  assertEquals(await finished.promise, 499);
});

Deno.test("fetch that ends with the client's request is no error", async () => {
  using _records = captureLogs();
  const begun = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<number>();
  class Slow extends RequestHandler {
    override get() {
      this.keepOpen();
      begun.resolve();
    }
  }
  await using slow = serve(new Application([["/", Slow]]));
  class Proxy extends RequestHandler {
    override async get() {
      return await fetch(slow.origin, { signal: this.request.signal });
    }
    override onFinish() {
      finished.resolve(this.getStatus());
    }
  }
  await using server = serve(new Application([["/", Proxy]]));
  using socket = await RawSocket.connect(server.port);
  await socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  await begun.promise;
  socket[Symbol.dispose]();
  assertEquals(await finished.promise, 499);
});

Deno.test("an abort of something else is an error as any other", async () => {
  using records = captureLogs();
  class Failing extends Noting {
    override async get() {
      void this.request.signal;
      await undefined;
      AbortSignal.abort().throwIfAborted();
    }
  }
  const response = await diary(Failing).fetch(new Request("http://localhost/"));
  assertEquals(response.status, 500);
  await records.expect(({ message }) => message.includes("AbortError"), { description: "error" });
});

// ---- memory

Deno.test("a thousand clients that leave responses kept open leave nothing behind", async () => {
  using _records = captureLogs();
  let collected = 0;
  let closed = 0;
  const registry = new FinalizationRegistry(() => collected++);
  let context: ServerContext | undefined;
  class Kept extends RequestHandler {
    override get() {
      context = served(this.request).server;
      registry.register(this, undefined);
      this.keepOpen();
    }
    override onConnectionClose() {
      closed++;
    }
  }
  await using server = serve(new Application([["/", Kept]]), { graceMs: 60_000 });
  for (let batch = 0; batch < 10; batch++) {
    const sockets = await Promise.all(
      Array.from({ length: 100 }, () => RawSocket.connect(server.port)),
    );
    await Promise.all(
      sockets.map((socket) => socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n")),
    );
    assert(await poll(() => context?.openWork.size === 100));
    for (const socket of sockets) socket[Symbol.dispose]();
    assert(await poll(() => context?.openWork.size === 0), `${context?.openWork.size} left`);
  }
  assertEquals(closed, 1_000);
  const gc = (globalThis as { gc?: () => void }).gc ?? collectByPressure;
  await poll(() => {
    gc();
    return collected >= 950;
  }, { timeout: 20_000 });
  // The last ones may still stand on a stack.
  assertGreaterOrEqual(collected, 950);
  // And none of them keeps the server from stopping at once.
  await server.server.shutdown({ graceMs: 10_000 });
});

/** Makes so much garbage that the runtime collects it. */
function collectByPressure(): void {
  for (let i = 0; i < 20; i++) void new Array(1_000_000).fill(i).length;
}
