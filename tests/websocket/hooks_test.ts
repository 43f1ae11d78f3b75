import { assertEquals, assertStringIncludes } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { Journal } from "../support/journal.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

Deno.test("hooks run in order, with the groups of the route", async () => {
  const journal = new Journal();
  class Room extends WebSocketHandler {
    override prepare() {
      journal.add("prepare");
    }
    override open(room: string, seat: string) {
      journal.add(`open ${room} ${seat}`);
    }
    override onMessage(message: string | Uint8Array) {
      journal.add(`message ${message}`);
    }
    override onClose() {
      journal.add(`close ${this.closeCode} ${this.closeReason}`);
    }
    override onFinish() {
      journal.add("finish");
    }
  }
  await using server = serve(new Application([["/rooms/:room/(\\d+)", Room]]));
  using client = await RawWebSocket.connect(server.port, "/rooms/caf%C3%A9/7");
  await client.send(OPCODE.text, "one");
  await client.send(OPCODE.binary, new Uint8Array([1, 2]));
  await client.close(3001);
  assertEquals(await journal.until(6), [
    "prepare",
    "finish",
    "open café 7",
    "message one",
    "message 1,2",
    "close 3001 null",
  ]);
});

/** Ways to fail. */
const FAILURES: [way: string, fail: () => void | Promise<void>][] = [
  ["throws", () => {
    throw new Error("Wind");
  }],
  ["rejects", () => Promise.reject(new Error("Wind"))],
  ["rejects later", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    throw new Error("Wind");
  }],
  ["throws no error", () => {
    throw undefined;
  }],
];

for (const [way, fail] of FAILURES) {
  for (const hook of ["open", "onMessage"] as const) {
    Deno.test(`${hook} that ${way} is logged once, and closes with 1011`, async () => {
      using records = captureLogs();
      const journal = new Journal();
      class Failing extends WebSocketHandler {
        override open() {
          return hook === "open" ? fail() : undefined;
        }
        override onMessage() {
          journal.add("message");
          return fail();
        }
        override onClose() {
          journal.add(`close ${this.closeCode}`);
        }
      }
      await using server = serve(new Application([["/", Failing]]));
      using client = await RawWebSocket.connect(server.port, "/");
      if (hook === "onMessage") await client.send(OPCODE.text, "one");
      assertEquals((await client.receive())?.closeCode, 1011);
      await client.close(1011);
      const expected = hook === "open" ? ["close 1011"] : ["message", "close 1011"];
      assertEquals(await journal.until(expected.length), expected);
      await expectLog(records, "error", /Uncaught exception GET \//);
    });
  }

  Deno.test(`onClose that ${way} is logged once`, async () => {
    using records = captureLogs();
    const journal = new Journal();
    class Failing extends WebSocketHandler {
      override onClose() {
        journal.add("close");
        return fail();
      }
    }
    await using server = serve(new Application([["/", Failing]]));
    using client = await RawWebSocket.connect(server.port, "/");
    await client.close();
    await journal.until(1);
    await expectLog(records, "error", /Uncaught exception GET \//);
    await server.server.shutdown();
    assertEquals(journal.entries, ["close"]);
  });
}

Deno.test("hook whose error cannot even be logged does not stop the process", async () => {
  using records = captureLogs();
  class Hopeless extends WebSocketHandler {
    override onMessage() {
      throw new Error("Wind");
    }
    override logException() {
      throw new Error("Hail");
    }
  }
  await using server = serve(new Application([["/", Hopeless]]));
  using client = await RawWebSocket.connect(server.port, "/");
  await client.send(OPCODE.text, "one");
  assertEquals((await client.receive())?.closeCode, 1011);
  await expectLog(records, "error", /Cannot log an exception.*Hail/s);
  await expectLog(records, "error", /Uncaught exception.*Wind/s);
});

Deno.test("message for a handler without onMessage is an error that says so", async () => {
  using records = captureLogs();
  class Deaf extends WebSocketHandler {}
  await using server = serve(new Application([["/", Deaf]]));
  using client = await RawWebSocket.connect(server.port, "/");
  await client.send(OPCODE.text, "one");
  assertEquals((await client.receive())?.closeCode, 1011);
  const { message } = await expectLog(records, "error", /Cannot receive a message/);
  assertStringIncludes(message, "Deaf has no onMessage()");
});

Deno.test("onMessage never overlaps, and waits for open", async () => {
  const journal = new Journal();
  class Slow extends WebSocketHandler {
    override async open() {
      journal.add("open");
      await this.pause();
      journal.add("opened");
    }
    override async onMessage(message: string | Uint8Array) {
      journal.add(`begin ${message}`);
      await this.pause();
      journal.add(`end ${message}`);
    }
    pause() {
      return new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  await using server = serve(new Application([["/", Slow]]));
  using client = await RawWebSocket.connect(server.port, "/");
  for (const message of ["a", "b", "c"]) await client.send(OPCODE.text, message);
  assertEquals(await journal.until(8), [
    "open",
    "opened",
    "begin a",
    "end a",
    "begin b",
    "end b",
    "begin c",
    "end c",
  ]);
  await client.close();
});

Deno.test("messages keep their order where only some are awaited", async () => {
  const journal = new Journal();
  class Mixed extends WebSocketHandler {
    override onMessage(message: string | Uint8Array): void | Promise<void> {
      const number = Number(message);
      if (number % 3 !== 0) return journal.add(String(number));
      return new Promise((resolve) => setTimeout(resolve, 1)).then(() => journal.add(`${number}`));
    }
  }
  await using server = serve(new Application([["/", Mixed]]));
  using client = await RawWebSocket.connect(server.port, "/");
  for (let i = 0; i < 50; i++) await client.send(OPCODE.text, String(i));
  assertEquals(await journal.until(50), Array.from({ length: 50 }, (_, i) => String(i)));
  await client.close();
});

Deno.test("messages sent before a close are delivered before onClose", async () => {
  const journal = new Journal();
  class Slow extends WebSocketHandler {
    override async onMessage(message: string | Uint8Array) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      journal.add(String(message));
    }
    override onClose() {
      journal.add("close");
    }
  }
  await using server = serve(new Application([["/", Slow]]));
  using client = await RawWebSocket.connect(server.port, "/");
  for (const message of ["a", "b", "c"]) await client.send(OPCODE.text, message);
  await client.close();
  assertEquals(await journal.until(4), ["a", "b", "c", "close"]);
});

Deno.test("onClose does not wait for a hook that may be waiting for it", async () => {
  const journal = new Journal();
  class Feed extends WebSocketHandler {
    readonly #stopped = Promise.withResolvers<void>();
    override async open() {
      journal.add("open");
      await this.#stopped.promise;
      journal.add("opened");
    }
    override onClose() {
      journal.add("close");
      this.#stopped.resolve();
    }
  }
  await using server = serve(new Application([["/", Feed]]));
  using client = await RawWebSocket.connect(server.port, "/");
  await client.close();
  assertEquals(await journal.until(3), ["open", "close", "opened"]);
});

Deno.test("onClose runs within closeTimeout where a hook hangs before the last messages", async () => {
  const journal = new Journal();
  class Hanging extends WebSocketHandler {
    override onMessage(message: string | Uint8Array) {
      journal.add(String(message));
      return new Promise<void>(() => {});
    }
    override onClose() {
      journal.add("close");
    }
    override get closeTimeout() {
      return 10;
    }
  }
  await using server = serve(new Application([["/", Hanging]]));
  using client = await RawWebSocket.connect(server.port, "/");
  await client.send(OPCODE.text, "a");
  await client.send(OPCODE.text, "b");
  await client.close();
  assertEquals(await journal.until(2), ["a", "close"]);
});

Deno.test("hook that fails after the client left is logged, but not that it left", async () => {
  using records = captureLogs();
  const journal = new Journal();
  class Late extends WebSocketHandler {
    readonly #gone = Promise.withResolvers<void>();
    override async onMessage(message: string | Uint8Array) {
      await this.#gone.promise;
      if (message === "error") throw new Error("Wind");
      await this.writeMessage("too late");
    }
    override onClose() {
      this.#gone.resolve();
      journal.add("close");
    }
  }
  await using server = serve(new Application([["/", Late]]));
  for (const message of ["write", "error"]) {
    using client = await RawWebSocket.connect(server.port, "/");
    await client.send(OPCODE.text, message);
    await client.close();
  }
  await journal.until(2);
  await expectLog(records, "error", /Wind/);
});
