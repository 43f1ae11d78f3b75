import { install } from "@sinonjs/fake-timers";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { EventStreamHandler } from "../../src/web/event_stream_handler.ts";
import { HTTPError, StreamClosedError } from "../../src/web/http_error.ts";
import { launchBrowser } from "../support/browser.ts";
import { EventReader } from "../support/event_reader.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { bothWays, serve } from "../support/serve.ts";
import { serviceTest } from "../support/services.ts";

/** What happened to the streams of one application, in order. */
class Diary extends Application {
  readonly entries: string[] = [];
  readonly streams = new Set<Stream>();
  /** What `open` does, beside noting itself. */
  onOpen: (stream: Stream) => void | Promise<void> = () => {};

  constructor(handler: typeof Stream = Stream) {
    super([["/", handler], ["/page", Page], ["/(.+)", handler]]);
  }
}

class Stream extends EventStreamHandler<Diary> {
  override open(...path: string[]) {
    this.application.entries.push(["open", ...path].join(" "));
    this.application.streams.add(this);
    return this.application.onOpen(this);
  }

  override onClose() {
    this.application.entries.push("close");
    this.application.streams.delete(this);
  }

  override onFinish() {
    this.application.entries.push("finish");
  }
}

class Page extends EventStreamHandler {
  override prepare() {
    this.setHeader("Content-Type", "text/html");
    this.finish("<title>Events</title>");
  }
}

const three: Diary["onOpen"] = async (stream) => {
  await stream.send({ data: "one" });
  await stream.send({ event: "second", data: { two: [2] }, id: "2" });
  await stream.send({ data: "three\nlines\n" });
  stream.close();
};

function diary(onOpen: Diary["onOpen"], handler: typeof Stream = Stream): () => Diary {
  return () => Object.assign(new Diary(handler), { onOpen });
}

bothWays("event stream sends events and ends when it is closed", diary(three), async (fetch) => {
  await using events = new EventReader(await fetch("/"));
  assertEquals(await events.next(), { data: "one" });
  assertEquals(await events.next(), { event: "second", data: '{"two":[2]}', id: "2" });
  assertEquals(await events.next(), { data: "three\nlines\n" });
  assertEquals(await events.next(), null);
});

bothWays("event stream is not cached, not buffered and not compressed", () => {
  class Compressed extends EventStreamHandler {
    override async open() {
      await this.send({ data: "x".repeat(5_000) });
      this.close();
    }
  }
  return new Application([["/", Compressed]], { compressResponse: true });
}, async (fetch) => {
  const { headers, body } = await fetch("/", { headers: { "accept-encoding": "gzip, br" } });
  assertEquals(headers.get("content-type"), "text/event-stream");
  assertEquals(headers.get("cache-control"), "no-store");
  assertEquals(headers.get("x-accel-buffering"), "no");
  assertEquals([headers.get("content-encoding"), headers.get("vary")], [null, null]);
  await body?.cancel();
});

bothWays("the headers of an event stream arrive before its first event", diary(() => {}), async (
  fetch,
) => {
  const response = await fetch("/");
  assertEquals(response.status, 200);
  await response.body?.cancel();
});

bothWays(
  "event stream gives open() the groups of the path",
  diary((stream) => stream.close()),
  async (fetch) => {
    assertEquals(await (await fetch("/caf%C3%A9")).text(), "");
  },
);

bothWays(
  "event stream tells the id of the last event",
  diary(async (stream) => {
    await stream.send({ data: { id: stream.lastEventId } });
    stream.close();
  }),
  async (fetch) => {
    const answer = async (headers: HeadersInit) => (await fetch("/", { headers })).text();
    assertEquals(await answer({}), 'data: {"id":null}\n\n');
    assertEquals(await answer({ "Last-Event-ID": "n 7" }), 'data: {"id":"n 7"}\n\n');
    // As a browser sends "é": a byte string of UTF-8.
    assertEquals(await answer({ "Last-Event-ID": "\u00c3\u00a9" }), 'data: {"id":"é"}\n\n');
  },
);

bothWays("HEAD of an event stream has its headers and opens nothing", diary(three), async (
  fetch,
) => {
  const response = await fetch("/", { method: "HEAD" });
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  assertEquals(await response.text(), "");
});

bothWays("prepare() can refuse an event stream, and onClose() does not run", () => {
  class Refusing extends Stream {
    override prepare() {
      if (this.getQueryArgument("stop", null) === null) throw new HTTPError(403);
      this.setStatus(204);
      this.finish();
    }
  }
  return new Diary(Refusing);
}, async (fetch) => {
  const refused = await fetch("/");
  assertEquals(refused.status, 403);
  assert(refused.headers.get("content-type")?.startsWith("text/html"));
  assertEquals((await fetch("/?stop")).status, 204);
});

bothWays("another method than GET is not allowed", diary(three), async (fetch) => {
  const response = await fetch("/", { method: "POST", body: "a" });
  assertEquals([response.status, response.headers.get("allow")], [405, "GET, HEAD"]);
});

Deno.test("hooks of an event stream run in order, each once", async () => {
  const app = diary(three)();
  await (await app.fetch(new Request("http://localhost/"))).text();
  assertEquals(app.entries, ["open", "finish", "close"]);
  await (await app.fetch(new Request("http://localhost/page"))).text();
  assertEquals(app.entries.length, 3);
});

Deno.test("an event stream stays open when open() is done", async () => {
  const app = diary(() => {})();
  await using events = new EventReader(await app.fetch(new Request("http://localhost/")));
  const [stream] = app.streams;
  assert(stream !== undefined && !stream.closed);
  stream.send({ data: "from elsewhere" });
  assertEquals(await events.next(), { data: "from elsewhere" });
});

Deno.test("an event stream whose client leaves runs onClose() once and aborts its signal", async () => {
  const app = diary(() => {})();
  await using server = serve(app);
  using socket = await connect(server.port);
  const [stream] = app.streams;
  assert(stream !== undefined);
  const { signal } = stream;
  assert(!signal.aborted);
  socket.close();
  assert(await poll(() => stream.closed));
  assert(signal.aborted);
  assert(stream.signal.aborted);
  assertEquals(app.entries.toSorted(), ["close", "finish", "open"]);
  await assertRejects(() => stream.send({ data: "late" }), StreamClosedError);
  stream.close();
  assertEquals(app.entries.length, 3);
});

Deno.test("sending in a loop to a client that leaves is no error", async () => {
  using records = captureLogs();
  const app = diary(async (stream) => {
    for (;;) await stream.send({ data: "more" });
  })();
  await using events = new EventReader(await app.fetch(new Request("http://localhost/")));
  assertEquals(await events.next(), { data: "more" });
  await events[Symbol.asyncDispose]();
  assert(await poll(() => app.entries.includes("close")));
  assertEquals(records.messages("gustnado.application"), []);
});

Deno.test("a wait that the signal ends is no error", async () => {
  using records = captureLogs();
  const app = diary((stream) =>
    new Promise((_, reject) => {
      stream.signal.addEventListener("abort", () => reject(stream.signal.reason));
    })
  )();
  const response = await app.fetch(new Request("http://localhost/"));
  await response.body?.cancel();
  assert(await poll(() => app.entries.includes("close")));
  assertEquals(records.messages("gustnado.application"), []);
});

Deno.test("what nobody awaits does not end the process when the client has left", async () => {
  const app = diary(() => {})();
  const response = await app.fetch(new Request("http://localhost/"));
  const [stream] = app.streams;
  stream?.send({ data: "a" });
  await response.body?.cancel();
  stream?.send({ data: "b" });
  // An unhandled rejection would end the test run in this turn of the loop.
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(stream?.closed, true);
});

Deno.test("a client that left while prepare() was waiting opens no stream", async () => {
  const prepared = Promise.withResolvers<void>();
  const waiting = Promise.withResolvers<void>();
  class Slow extends Stream {
    override async prepare() {
      waiting.resolve();
      await prepared.promise;
    }
  }
  const app = new Diary(Slow);
  const controller = new AbortController();
  const answer = app.fetch(new Request("http://localhost/", { signal: controller.signal }));
  await waiting.promise;
  controller.abort();
  prepared.resolve();
  await (await answer).body?.cancel();
  assertEquals(app.entries, ["finish"]);
});

Deno.test("an exception in open() is logged once and breaks the stream off", async () => {
  using records = captureLogs();
  const app = diary(async (stream) => {
    await stream.send({ data: "one" });
    throw new RangeError("too windy");
  })();
  await using server = serve(app);
  const response = await fetch(server.origin);
  await assertRejects(() => response.text(), TypeError);
  await expectLog(records, "error", /Uncaught exception GET \/ .*\n.*RangeError: too windy/);
  assertEquals(app.entries, ["open", "finish", "close"]);
});

Deno.test("an exception in onClose() is logged, and the process goes on", async () => {
  using records = captureLogs();
  class Failing extends Stream {
    override onClose() {
      throw new RangeError("too calm");
    }
  }
  const app = diary((stream) => stream.close(), Failing)();
  assertEquals(await (await app.fetch(new Request("http://localhost/"))).text(), "");
  await expectLog(records, "error", /RangeError: too calm/);
});

Deno.test("an exception while an exception is logged is logged beside it", async () => {
  using records = captureLogs();
  class Failing extends Stream {
    override logException(): void {
      throw new RangeError("no paper");
    }
  }
  const app = diary(() => {
    throw new Error("too windy");
  }, Failing)();
  const response = await app.fetch(new Request("http://localhost/"));
  await expectLog(records, "error", /RangeError: no paper/);
  await expectLog(records, "error", /Error: too windy/);
  await assertRejects(() => response.text());
});

Deno.test("finish() ends an event stream as close() does", async () => {
  const app = diary(async (stream) => {
    await stream.send({ data: "one" });
    await stream.finish();
  })();
  const response = await app.fetch(new Request("http://localhost/"));
  assertEquals(await response.text(), "data: one\n\n");
  assertEquals(app.entries, ["open", "finish", "close"]);
});

Deno.test("malformed events are refused where they are sent", async () => {
  const app = diary(() => {})();
  const response = await app.fetch(new Request("http://localhost/"));
  const [stream] = app.streams;
  assert(stream !== undefined);
  assertThrows(() => stream.send({ event: "a\nb", data: "" }), TypeError, "a line break");
  assertThrows(() => stream.send({ data: new Uint8Array(1) }), TypeError, "streams are text");
  assertThrows(
    () => stream.send({ data: new Map() }),
    TypeError,
    "Cannot write an instance of Map",
  );
  await response.body?.cancel();
});

Deno.test("sending before open() is refused", async () => {
  using records = captureLogs();
  class Hasty extends Stream {
    override prepare() {
      this.send({ data: "hasty" });
    }
  }
  const response = await new Diary(Hasty).fetch(new Request("http://localhost/"));
  assertEquals(response.status, 500);
  await expectLog(records, "error", /Cannot send an event: the stream is not open yet/);
});

// ---- heartbeats

Deno.test("a silent event stream sends a comment at every heartbeat", async () => {
  const clock = install({ toFake: ["setInterval", "clearInterval"] });
  try {
    const app = diary(() => {})();
    await using events = new EventReader(await app.fetch(new Request("http://localhost/")));
    const [stream] = app.streams;
    // A read that waits is a client that has taken everything.
    let next = events.next();
    await clock.tickAsync(15_000);
    assertEquals(await next, { comment: "" });
    next = events.next();
    await clock.tickAsync(14_999);
    stream?.send({ data: "news" });
    assertEquals(await next, { data: "news" });
    next = events.next();
    await clock.tickAsync(15_000);
    stream?.send({ data: "more" });
    assertEquals(await next, { data: "more" });
    next = events.next();
    await clock.tickAsync(30_000);
    assertEquals(await next, { comment: "" });
    stream?.close();
    assertEquals(await events.next(), null);
    assertEquals(clock.countTimers(), 0);
  } finally {
    clock.uninstall();
  }
});

Deno.test("heartbeats do not pile up for a client that takes nothing", async () => {
  const clock = install({ toFake: ["setInterval", "clearInterval"] });
  try {
    const app = diary(() => {})();
    const response = await app.fetch(new Request("http://localhost/"));
    clock.tick(10 * 15_000);
    const [stream] = app.streams;
    stream?.close();
    assertEquals(await response.text(), ":\n\n");
  } finally {
    clock.uninstall();
  }
});

Deno.test("a heartbeat after longer than a timer counts is not one after the other", async () => {
  const clock = install({ toFake: ["setInterval", "clearInterval"] });
  try {
    class Patient extends Stream {
      override get heartbeatInterval() {
        return Infinity;
      }
    }
    const app = new Diary(Patient);
    const response = await app.fetch(new Request("http://localhost/"));
    clock.tick(60_000);
    const [stream] = app.streams;
    stream?.close();
    assertEquals(await response.text(), "");
  } finally {
    clock.uninstall();
  }
});

Deno.test("a heartbeat of 0 sets no timer", async () => {
  const clock = install({ toFake: ["setInterval", "clearInterval"] });
  try {
    class Quiet extends Stream {
      override get heartbeatInterval() {
        return 0;
      }
    }
    const response = await new Diary(Quiet).fetch(new Request("http://localhost/"));
    assertEquals(clock.countTimers(), 0);
    await response.body?.cancel();
  } finally {
    clock.uninstall();
  }
});

// ---- slow clients

Deno.test("send() waits until the client has taken the event", async () => {
  const order: string[] = [];
  const app = diary(async (stream) => {
    await stream.send({ data: "one" });
    order.push("sent");
    stream.close();
  })();
  const response = await app.fetch(new Request("http://localhost/"));
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  order.push("read");
  assertEquals(await response.text(), "data: one\n\n");
  assertEquals(order, ["read", "sent"]);
});

Deno.test("a client for which too much piles up is cut off", async () => {
  using records = captureLogs();
  class Small extends Stream {
    override get maxBufferedBytes() {
      return 100;
    }
  }
  const app = new Diary(Small);
  const response = await app.fetch(new Request("http://localhost/"));
  const [stream] = app.streams;
  assert(stream !== undefined);
  // A single event may be larger than the limit: nothing has piled up.
  stream.send({ data: "a".repeat(200) });
  const refused = assertRejects(() => stream.send({ data: "b" }), StreamClosedError);
  assert(stream.closed);
  await refused;
  await expectLog(records, "info", /Cutting off a client that is too slow: 208 bytes wait for GET/);
  assertEquals(app.entries, ["open", "finish", "close"]);
  await assertRejects(() => response.text(), Error, "The response was broken off");
});

// ---- shutdown

Deno.test("shutdown ends event streams and tells clients when to come back", async () => {
  class Patient extends Stream {
    override get retryDelay() {
      return 4_000;
    }
  }
  const app = new Diary(Patient);
  await using server = serve(app);
  await using events = new EventReader(await fetch(server.origin));
  const stopped = server.server.shutdown({ graceMs: 5_000 });
  const { retry, ...rest } = await events.next() ?? {};
  assert(retry !== undefined && retry >= 4_000 && retry <= 8_000, `${retry}`);
  assertEquals(rest, {});
  assertEquals(await events.next(), null);
  await stopped;
  assertEquals(app.entries, ["open", "finish", "close"]);
});

Deno.test("a stream that would open during a shutdown ends at once", async () => {
  const waiting = Promise.withResolvers<void>();
  const prepared = Promise.withResolvers<void>();
  class Slow extends Stream {
    override async prepare() {
      waiting.resolve();
      await prepared.promise;
    }
  }
  const app = new Diary(Slow);
  await using server = serve(app);
  const answer = fetch(server.origin);
  await waiting.promise;
  const stopped = server.server.shutdown({ graceMs: 5_000 });
  prepared.resolve();
  assertMatch(await (await answer).text(), /^retry: \d+\n\n$/);
  await stopped;
  assertEquals(app.entries, ["finish"]);
});

Deno.test("shutdown cuts a stream whose client takes nothing", async () => {
  using records = captureLogs();
  class Boundless extends Stream {
    override get maxBufferedBytes() {
      return Infinity;
    }
  }
  const app = new Diary(Boundless);
  await using server = serve(app, { graceMs: 50 });
  using _socket = await connect(server.port);
  const [stream] = app.streams;
  // More than the kernel takes from a client that does not read.
  for (let i = 0; i < 64; i++) stream?.send({ data: "x".repeat(1024 * 1024) });
  await server.server.shutdown();
  assertEquals(stream?.closed, true);
  await expectLog(records, "warning", /Cutting connections that are open after the grace period/);
});

// ---- a real client

serviceTest("chromium", "a browser receives events and comes back with the last id", async () => {
  const app = diary(async (stream) => {
    const last = Number(stream.lastEventId ?? 0);
    await stream.send({ id: `${last + 1}`, event: "tick", data: `é ${last + 1}\nline`, retry: 0 });
    stream.close();
  })();
  await using server = serve(app);
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(`${server.origin}/page`);
  const seen = await page.evaluate(() =>
    new Promise<string[]>((resolve) => {
      const received: string[] = [];
      const source = new EventSource("/");
      source.addEventListener("tick", (event) => {
        received.push(event.data);
        if (received.length < 3) return;
        source.close();
        resolve(received);
      });
    })
  );
  assertEquals(seen, ["é 1\nline", "é 2\nline", "é 3\nline"]);
  assertEquals(browser.pageErrors, []);
});

/** A client of which nothing is known but its socket, with the stream open. */
async function connect(port: number): Promise<RawSocket> {
  const socket = await RawSocket.connect(port);
  await socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await socket.readUntil(new TextEncoder().encode("\r\n\r\n"));
  return socket;
}

Deno.test("event streams make the runtime say nothing on stderr", async () => {
  const program = new URL("../fixtures/notice_server.ts", import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const { stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--allow-net",
      "--allow-env",
      "--config",
      config,
      program,
    ],
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assert(success);
});
