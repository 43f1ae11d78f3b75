import { assertEquals } from "@std/assert";
import { partsOf } from "../../src/web/application.ts";
import type { HandlerClass } from "../../src/web/handler_traits.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { settle } from "../support/fake_clock.ts";
import { FakeServer, HANDSHAKE } from "../support/fake_web_socket.ts";
import { Topics } from "../../src/topics/topics.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";

/** A rejection that would end the process if nobody took it. */
async function late(): Promise<never> {
  await null;
  throw new Error("Wind");
}

/** What an override may return against its type. */
function promise<T>(): T {
  return late() as T;
}

/** By hook: what becomes of a rejection of an override that is async, and of the connection. */
const HOOKS: [hook: string, handler: HandlerClass, status: number, closes: string[]][] = [
  [
    "open",
    class extends WebSocketHandler {
      override open = late;
    },
    101,
    ["1011"],
  ],
  [
    "onMessage",
    class extends WebSocketHandler {
      override onMessage = late;
    },
    101,
    ["1011"],
  ],
  [
    "onClose",
    class extends WebSocketHandler {
      override onMessage() {}
      override onClose = late;
    },
    101,
    [],
  ],
  [
    "selectSubprotocol",
    class extends WebSocketHandler {
      override selectSubprotocol = late;
    },
    500,
    [],
  ],
  [
    "checkOrigin",
    class extends WebSocketHandler {
      override checkOrigin = () => promise<boolean>();
    },
    403,
    [],
  ],
  [
    "getCompressionOptions",
    class extends WebSocketHandler {
      override onMessage() {}
      override getCompressionOptions = () => promise<null>();
    },
    101,
    [],
  ],
];

for (const [hook, handler, status, closes] of HOOKS) {
  Deno.test(`${hook} that is async and rejects is logged, and nothing more`, async () => {
    using records = captureLogs();
    using server = new FakeServer(handler);
    const headers = { ...HANDSHAKE, origin: "http://localhost" };
    const answer = await server.app.fetch(new Request("http://localhost/", { headers }));
    await answer.body?.cancel();
    assertEquals(answer.status, status);
    if (status === 101) {
      server.last.open();
      server.last.receive("message");
      await settle();
      assertEquals(server.last.closes, closes);
      server.last.end(1000);
    }
    await expectLog(records, "error", /Wind/);
    if (/check|Compression/.test(hook)) {
      await expectLog(records, "error", new RegExp(`promise of ${hook}\\(\\).*synchronous`));
      await expectLog(records, "warning", hook === "checkOrigin" ? /^Refused/ : /^Cannot use/);
    }
  });
}

Deno.test("selectSubprotocol that is async is waited for", async () => {
  class Choosing extends WebSocketHandler {
    override async selectSubprotocol(offered: string[]) {
      await null;
      return offered[1] ?? null;
    }
  }
  using server = new FakeServer(Choosing);
  const headers = { ...HANDSHAKE, "sec-websocket-protocol": "a, b" };
  const answer = await server.app.fetch(new Request("http://localhost/", { headers }));
  assertEquals([answer.status, answer.headers.get("sec-websocket-protocol")], [101, "b"]);
});

Deno.test("onPing and onPong are not called where the runtime does not tell, and the log says so once", async () => {
  using records = captureLogs();
  class Counting extends WebSocketHandler {
    override onPing() {}
    override onPong() {}
    override getCompressionOptions() {
      return { compressionLevel: 6 };
    }
  }
  using server = new FakeServer(Counting);
  await server.connect();
  await server.connect();
  const { message } = await expectLog(records, "warning", /^Cannot use/);
  assertEquals(
    message,
    "Cannot use getCompressionOptions, onPing, onPong of Counting: the WebSockets of Deno compress " +
      "nothing, answer pings by themselves and show neither pings nor pongs",
  );
});

Deno.test("getCompressionOptions that gives null is in order", async () => {
  using _records = captureLogs();
  class Plain extends WebSocketHandler {
    override getCompressionOptions() {
      return null;
    }
  }
  using server = new FakeServer(Plain);
  await server.connect();
});

Deno.test("hook that throws while the last messages are delivered does not delay onClose", async () => {
  for (const way of ["throws", "rejects"]) {
    using records = captureLogs();
    const calls: string[] = [];
    const gate = Promise.withResolvers<void>();
    class Failing extends WebSocketHandler {
      override onMessage(message: string | Uint8Array): Promise<void> | void {
        calls.push(String(message));
        if (message === "first") return gate.promise;
        if (way === "rejects") return late();
        throw new Error("Wind");
      }
      override onClose() {
        calls.push(`close ${this.closeCode}`);
      }
    }
    using server = new FakeServer(Failing);
    const socket = await server.connect();
    for (const message of ["first", "second", "third"]) socket.receive(message);
    socket.end(1000);
    assertEquals(calls, ["first"]);
    gate.resolve();
    await settle();
    assertEquals(calls, ["first", "second", "close 1000"]);
    await expectLog(records, "error", /Wind/);
  }
});

Deno.test("subscriber that fails does not keep a message from the others", async () => {
  using records = captureLogs();
  class Member extends WebSocketHandler {
    override open() {
      this.subscribe("all");
    }
  }
  using server = new FakeServer(Member);
  const topics = partsOf(server.app).topics ??= new Topics();
  topics.subscribe("all", {
    deliver() {
      throw new Error("Wind");
    },
  });
  topics.subscribe("all", { deliver: late });
  const socket = await server.connect();
  await server.app.publish("all", "message");
  assertEquals(socket.sent, ["message"]);
  await expectLog(records, "error", /Exception in a subscriber of the topic "all"/);
  await expectLog(records, "error", /Exception in a subscriber of the topic "all"/);
});
