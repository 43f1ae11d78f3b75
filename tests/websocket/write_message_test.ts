import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { WebSocketClosedError, WebSocketError } from "../../src/websocket/web_socket_error.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { Journal } from "../support/journal.ts";
import { OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

const SENT: [what: string, message: string | Uint8Array | object, opcode: number, text: string][] =
  [
    ["a string", "text", OPCODE.text, "text"],
    ["an empty string", "", OPCODE.text, ""],
    ["bytes", new Uint8Array([0x61]), OPCODE.binary, "a"],
    ["a part of other bytes", new Uint8Array([1, 0x61, 2]).subarray(1, 2), OPCODE.binary, "a"],
    ["an object", { a: [1, null] }, OPCODE.text, '{"a":[1,null]}'],
    ["an array", [1, "a"], OPCODE.text, '[1,"a"]'],
    ["half a character", "\ud83c", OPCODE.text, "\ufffd"],
  ];

for (const [what, message, opcode, text] of SENT) {
  Deno.test(`writeMessage sends ${what}`, async () => {
    class Writing extends WebSocketHandler {
      override open() {
        this.writeMessage(message);
      }
    }
    await using server = serve(new Application([["/", Writing]]));
    using client = await RawWebSocket.connect(server.port, "/");
    const frame = await client.receive();
    assertEquals([frame?.opcode, frame?.text], [opcode, text]);
    await client.close();
  });
}

Deno.test("writeMessage refuses what is no message", async () => {
  const journal = new Journal();
  class Writing extends WebSocketHandler {
    override open() {
      for (const message of [null, undefined, 1, true, new Blob(), new ArrayBuffer(1), new Map()]) {
        assertThrows(() => this.writeMessage(message as object), TypeError, "Cannot write");
      }
      journal.add("open");
    }
  }
  await using server = serve(new Application([["/", Writing]]));
  using client = await RawWebSocket.connect(server.port, "/");
  await journal.until(1);
  await client.close();
});

Deno.test("writeMessage before the upgrade and after the end rejects, unheard if need be", async () => {
  const journal = new Journal<Promise<void>>();
  class Writing extends WebSocketHandler {
    override prepare() {
      journal.add(this.writeMessage("too early"));
    }
    override open() {
      this.close();
      journal.add(this.writeMessage("closing"));
    }
    override onClose() {
      journal.add(this.writeMessage("too late"));
    }
  }
  await using server = serve(new Application([["/", Writing]]));
  using client = await RawWebSocket.connect(server.port, "/");
  await client.close();
  await journal.until(3);
  // A rejection that nobody handles ends the process, if it is one, in a later turn.
  await new Promise((resolve) => setTimeout(resolve, 0));
  for (const [index, write] of journal.entries.entries()) {
    const error = await assertRejects(() => write, WebSocketClosedError);
    assertEquals(error instanceof WebSocketError, true);
    assertEquals(error.message.endsWith(index === 0 ? "is not open yet" : "is closed"), true);
  }
});

const WRONG: [code: number, reason: string][] = [
  [0, ""],
  [999, ""],
  [1004, ""],
  [1005, ""],
  [1006, ""],
  [1015, ""],
  [2999, ""],
  [5000, ""],
  [1000.5, ""],
  [NaN, ""],
  [1000, "x".repeat(124)],
  [1000, "é".repeat(62)],
];

Deno.test("close refuses what cannot stand in a close frame", async () => {
  class Closing extends WebSocketHandler {
    override open() {
      for (const [code, reason] of WRONG) {
        assertThrows(() => this.close(code, reason), RangeError, "Cannot close() with");
      }
      this.close(3000, "x".repeat(123));
    }
  }
  await using server = serve(new Application([["/", Closing]]));
  using client = await RawWebSocket.connect(server.port, "/");
  const frame = await client.receive();
  assertEquals([frame?.closeCode, frame?.text.length], [3000, 123]);
  await client.close(3000);
});

Deno.test("close, subscribe before the upgrade are errors, unsubscribe is not", async () => {
  const journal = new Journal();
  class Early extends WebSocketHandler {
    override prepare() {
      assertThrows(() => this.close(), Error, "Cannot close(): the request is not a WebSocket yet");
      assertThrows(() => this.subscribe("a"), Error, "Cannot subscribe(): the request is not");
      this.unsubscribe("a");
      journal.add("prepare");
    }
  }
  await using server = serve(new Application([["/", Early]]));
  using client = await RawWebSocket.connect(server.port, "/");
  await client.close();
  await journal.until(1);
});

Deno.test("close in get, before the connection is open, closes it when it is", async () => {
  const journal = new Journal();
  class Hasty extends WebSocketHandler {
    override get() {
      super.get();
      this.close(3000, "at once");
    }
    override open() {
      journal.add("open");
    }
    override onClose() {
      journal.add(`close ${this.closeCode}`);
    }
  }
  await using server = serve(new Application([["/", Hasty]]));
  using client = await RawWebSocket.connect(server.port, "/");
  assertEquals((await client.receive())?.closeCode, 3000);
  await client.close(3000);
  assertEquals(await journal.until(1), ["close 3000"]);
});
