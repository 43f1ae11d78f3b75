import { assertEquals, assertThrows } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { WEBSOCKET_SETTINGS } from "../../src/websocket/settings.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { Journal } from "../support/journal.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

const DEFAULTS = {
  websocketPingInterval: 30_000,
  websocketMaxMessageSize: 10 * 1024 * 1024,
  websocketHighWaterMark: 256 * 1024,
  websocketMaxBufferedBytes: 16 * 1024 * 1024,
  websocketOnSlow: "close",
  websocketInboxMessages: 1024,
  websocketInboxBytes: 16 * 1024 * 1024,
  websocketCloseTimeout: 5_000,
} as const;

/** The limits of a handler, under the names of the settings. */
function limitsOf(handler: WebSocketHandler): Record<string, unknown> {
  const limitOf = (setting: string) => {
    const name = setting.replace("websocket", "");
    return Reflect.get(handler, name.charAt(0).toLowerCase() + name.slice(1));
  };
  return Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, limitOf(name)]));
}

async function limitsWith(settings: ApplicationSettings): Promise<Record<string, unknown>> {
  let limits = {};
  class Reporting extends WebSocketHandler {
    override prepare() {
      limits = limitsOf(this);
    }
  }
  const response = await new Application([["/", Reporting]], settings)
    .fetch(new Request("http://localhost/"));
  await response.body?.cancel();
  return limits;
}

Deno.test("limits of a WebSocket are the documented ones unless set", async () => {
  assertEquals(await limitsWith({}), DEFAULTS);
  assertEquals(
    Object.keys(WEBSOCKET_SETTINGS).filter((name) => name !== "websocketPingTimeout"),
    Object.keys(DEFAULTS),
  );
});

for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
  const value = name === "websocketOnSlow" ? "drop" : 7;
  Deno.test(`setting ${name} is the limit of every handler`, async () => {
    assertEquals(await limitsWith({ [name]: value }), { ...DEFAULTS, [name]: value });
  });

  Deno.test(`setting ${name} of another type is refused`, () => {
    const settings = { [name]: name === "websocketOnSlow" ? "explode" : "7" };
    const error = assertThrows(() => new Application([], settings), TypeError);
    assertEquals(error.message.includes(`the setting "${name}"`), true);
  });
}

Deno.test("limit of a handler that is no number is a 500", async () => {
  using records = captureLogs();
  class Wrong extends WebSocketHandler {
    override get maxMessageSize() {
      return NaN;
    }
  }
  await using server = serve(new Application([["/", Wrong]]));
  using client = await RawWebSocket.connect(server.port, "/");
  assertEquals(client.response.status, 500);
  await expectLog(records, "error", /Cannot use NaN as the maxMessageSize of a WebSocket/);
});

Deno.test("limits may be infinite", async () => {
  class Endless extends WebSocketHandler {
    override onMessage(message: string | Uint8Array) {
      this.writeMessage(message);
    }
  }
  const settings = {
    websocketPingInterval: Infinity,
    websocketMaxMessageSize: Infinity,
    websocketHighWaterMark: Infinity,
    websocketMaxBufferedBytes: Infinity,
    websocketInboxMessages: Infinity,
    websocketInboxBytes: Infinity,
    websocketCloseTimeout: Infinity,
  };
  await using server = serve(new Application([["/", Endless]], settings));
  using client = await RawWebSocket.connect(server.port, "/");
  await client.send(OPCODE.text, "a");
  assertEquals((await client.receive())?.text, "a");
  await client.close();
});

/** Messages of ten bytes, and of eleven. */
const SIZES: [
  kind: string,
  opcode: number,
  ten: string | Uint8Array,
  eleven: string | Uint8Array,
][] = [
  ["bytes", OPCODE.binary, new Uint8Array(10), new Uint8Array(11)],
  ["ASCII", OPCODE.text, "a".repeat(10), "a".repeat(11)],
  ["two-byte characters", OPCODE.text, "é".repeat(5), "é".repeat(5) + "a"],
  ["three-byte characters", OPCODE.text, "€€€a", "€€€aa"],
  [
    "four-byte characters",
    OPCODE.text,
    "\u{1f32a}\u{1f32a}aa",
    "\u{1f32a}\u{1f32a}aaa",
  ],
];

for (const [kind, opcode, ten, eleven] of SIZES) {
  Deno.test(`message of exactly websocketMaxMessageSize in ${kind} is delivered`, async () => {
    const journal = new Journal<string | Uint8Array>();
    await using server = serve(sized(journal));
    using client = await RawWebSocket.connect(server.port, "/");
    await client.send(opcode, ten);
    assertEquals(await journal.until(1), [ten]);
    await client.close();
  });

  Deno.test(`message of one byte more in ${kind} closes with 1009`, async () => {
    const journal = new Journal<string | Uint8Array>();
    await using server = serve(sized(journal));
    using client = await RawWebSocket.connect(server.port, "/");
    await client.send(opcode, eleven);
    assertEquals((await client.receive())?.closeCode, 1009);
    await client.close(1009);
    assertEquals(await journal.until(1), ["close 1009"]);
  });
}

Deno.test("message in fragments is as large as they are together", async () => {
  const journal = new Journal<string | Uint8Array>();
  await using server = serve(sized(journal));
  using client = await RawWebSocket.connect(server.port, "/");
  await client.send(OPCODE.text, "a".repeat(6), { fin: false });
  await client.send(OPCODE.continuation, "a".repeat(5));
  assertEquals((await client.receive())?.closeCode, 1009);
});

function sized(journal: Journal<string | Uint8Array>): Application {
  class Sized extends WebSocketHandler {
    override get maxMessageSize() {
      return 10;
    }
    override onMessage(message: string | Uint8Array) {
      journal.add(message);
    }
    override onClose() {
      journal.add(`close ${this.closeCode}`);
    }
  }
  return new Application([["/", Sized]]);
}

/** A handler that is busy with its first message until the gate opens. */
function busy(journal: Journal, gate: Promise<void>, settings: ApplicationSettings): Application {
  class Busy extends WebSocketHandler {
    override async onMessage(message: string | Uint8Array) {
      journal.add(String(message));
      if (message === "first") await gate;
    }
    override onClose() {
      journal.add(`close ${this.closeCode}`);
    }
  }
  return new Application([["/", Busy]], settings);
}

/** Settings, the messages that just fit behind the first one, and one that does not. */
const INBOXES: [rule: string, settings: ApplicationSettings, fitting: string[], extra: string][] = [
  ["websocketInboxMessages", { websocketInboxMessages: 3 }, ["a", "b", "c"], "d"],
  ["websocketInboxBytes", { websocketInboxBytes: 6 }, ["aa", "€", "a"], "d"],
  ["websocketInboxMessages of 0", { websocketInboxMessages: 0 }, [], "d"],
];

for (const [rule, settings, fitting, extra] of INBOXES) {
  Deno.test(`inbox takes as much as ${rule} allows`, async () => {
    const journal = new Journal();
    const gate = Promise.withResolvers<void>();
    await using server = serve(busy(journal, gate.promise, settings));
    using client = await RawWebSocket.connect(server.port, "/");
    for (const message of ["first", ...fitting]) await client.send(OPCODE.text, message);
    await client.send(OPCODE.ping);
    assertEquals((await client.receive())?.opcode, OPCODE.pong);
    gate.resolve();
    assertEquals(await journal.until(1 + fitting.length), ["first", ...fitting]);
    await client.close();
  });

  Deno.test(`inbox with more than ${rule} allows closes with 1008, and drops it all`, async () => {
    const journal = new Journal();
    const gate = Promise.withResolvers<void>();
    await using server = serve(busy(journal, gate.promise, settings));
    using client = await RawWebSocket.connect(server.port, "/");
    for (const message of ["first", ...fitting, extra]) await client.send(OPCODE.text, message);
    assertEquals((await client.receive())?.closeCode, 1008);
    await client.close(1008);
    assertEquals(await journal.until(2), ["first", "close 1008"]);
    gate.resolve();
    await server.server.shutdown();
    assertEquals(journal.entries.length, 2);
  });
}
