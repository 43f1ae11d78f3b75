import { assert, assertEquals, assertThrows } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import type { Middleware } from "../../../src/web/middleware/middleware.ts";
import { timeout } from "../../../src/web/middleware/timeout.ts";
import { EventStreamHandler } from "../../../src/web/event_stream_handler.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { fakeClock } from "../../support/fake_clock.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { OPCODE, RawWebSocket } from "../../support/raw_websocket.ts";
import { bothWays, serve } from "../../support/serve.ts";

const events: string[] = [];
let release = Promise.withResolvers<void>();

function reset(): void {
  events.length = 0;
  release = Promise.withResolvers<void>();
}

class Slow extends RequestHandler {
  override async get() {
    this.request.signal.addEventListener("abort", () => events.push("aborted"));
    await release.promise;
    events.push("late");
    this.setHeader("X-Late", "yes");
    this.write("late");
  }
  override onConnectionClose() {
    events.push("closed");
  }
  override onFinish() {
    events.push(`finished ${this.getStatus()}`);
  }
}

class Failing extends RequestHandler {
  override async get() {
    await release.promise;
    throw new Error("late failure");
  }
}

class OwnPage extends RequestHandler {
  override async get() {
    await release.promise;
  }
  override writeError(status: number) {
    this.finish({ status });
  }
}

class Prompt extends RequestHandler {
  override async get() {
    await undefined;
    this.write("prompt");
  }
}

class Streaming extends RequestHandler {
  override async get() {
    this.write("first,");
    await this.flush();
    await release.promise;
    this.write("second");
  }
}

class Events extends EventStreamHandler {
  override async open() {
    await release.promise;
    await this.send({ data: "late" });
    this.close();
  }
}

class Echo extends WebSocketHandler {
  override onMessage(message: string | Uint8Array) {
    this.writeMessage(message);
  }
}

class SlowSocket extends WebSocketHandler {
  override async prepare() {
    await release.promise;
  }
}

const app = (ms = 30, ...inner: Middleware[]) => () => {
  reset();
  return new Application([
    ["/slow", Slow],
    ["/failing", Failing],
    ["/own", OwnPage],
    ["/prompt", Prompt],
    ["/streaming", Streaming],
    ["/events", Events],
    ["/ws", Echo],
    ["/slow-ws", SlowSocket],
    ["/foreign", async () => {
      await release.promise;
      return new Response("late");
    }],
  ], { middleware: [timeout(ms), ...inner] });
};

bothWays(
  "timeout answers 503 for a handler that takes too long, and tells it",
  app(),
  async (fetch) => {
    using records = captureLogs();
    const response = await fetch("/slow?secret=1");
    assertEquals([response.status, response.headers.get("x-late")], [503, null]);
    assert((await response.text()).includes("503: Service Unavailable"));
    assertEquals(events, ["closed", "aborted", "finished 503"]);
    release.resolve();
    await expectLog(records, "warning", /^Gave up "?GET"? .*\/slow.* after 30 ms/);
    const { message } = await expectLog(records, "error", /^503 GET \/slow/);
    assert(message !== "");
    // What it does afterwards goes nowhere, and is no error.
    await release.promise;
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(events, ["closed", "aborted", "finished 503", "late"]);
    assertEquals(records.messages("gustnado.application"), []);
  },
);

for (const path of ["/failing", "/foreign", "/slow-ws"]) {
  bothWays(
    `timeout answers 503 for ${path}, and what comes late breaks nothing`,
    app(),
    async (fetch) => {
      using records = captureLogs();
      const response = await fetch(path);
      assertEquals(response.status, 503);
      release.resolve();
      await new Promise((resolve) => setTimeout(resolve, 0));
      await expectLog(records, "warning", /Gave up/);
      assertEquals(records.messages("gustnado.application"), []);
      assertEquals(await (await fetch("/prompt")).text(), "prompt");
    },
  );
}

bothWays("timeout shows the error page of the handler", app(), async (fetch) => {
  using records = captureLogs();
  assertEquals(await (await fetch("/own")).json(), { status: 503 });
  release.resolve();
  await expectLog(records, "warning", /Gave up/);
});

bothWays("timeout leaves responses alone that are in time", app(10_000), async (fetch) => {
  assertEquals(await (await fetch("/prompt")).text(), "prompt");
  assertEquals((await fetch("/none")).status, 404);
});

bothWays("timeout does not cut a response that has begun", app(), async (fetch) => {
  for (
    const [path, text] of [["/streaming", "first,second"], ["/events", "data: late\n\n"]] as const
  ) {
    release = Promise.withResolvers<void>();
    const response = await fetch(path);
    await new Promise((resolve) => setTimeout(resolve, 60));
    release.resolve();
    assertEquals([response.status, await response.text()], [200, text]);
  }
});

bothWays(
  "timeout covers middleware, and a handler that would begin too late does not",
  app(30, async (_request, next) => {
    await release.promise;
    events.push("middleware");
    return await next();
  }),
  async (fetch) => {
    using records = captureLogs();
    const response = await fetch("/slow");
    assertEquals([response.status, await response.text()], [503, "Service Unavailable"]);
    release.resolve();
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(events, ["middleware"]);
    await expectLog(records, "warning", /Gave up/);
  },
);

Deno.test("timeout does not end a WebSocket", async () => {
  await using server = serve(app(30)());
  using socket = await RawWebSocket.connect(server.port, "/ws");
  await new Promise((resolve) => setTimeout(resolve, 60));
  await socket.send(OPCODE.text, "still here");
  assertEquals(new TextDecoder().decode((await socket.receive())?.payload), "still here");
});

Deno.test("timeout counts from the start of a request, and leaves no timer", async () => {
  using records = captureLogs();
  using clock = fakeClock();
  const application = app(1_000)();
  const answer = application.fetch(new Request("http://localhost/slow"));
  let status = 0;
  Promise.resolve(answer).then((response) => status = response.status);
  await clock.tick(999);
  assertEquals(status, 0);
  await clock.tick(2);
  assertEquals([status, clock.pending()], [503, 0]);
  await Promise.resolve(application.fetch(new Request("http://localhost/prompt")));
  assertEquals(clock.pending(), 0);
  assert(application.fetch(new Request("http://localhost/none")) instanceof Response);
  release.resolve();
  await expectLog(records, "warning", /Gave up/);
});

for (const ms of [0, -1, NaN, "5", undefined]) {
  Deno.test(`timeout refuses ${JSON.stringify(ms)} milliseconds (${ms})`, () => {
    assertThrows(() => timeout(ms as number), typeof ms === "number" ? RangeError : TypeError);
  });
}
