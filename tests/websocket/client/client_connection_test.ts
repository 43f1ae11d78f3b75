import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  Application,
  WebSocketClosedError,
  websocketConnect,
  type WebSocketConnectOptions,
  WebSocketHandler,
} from "../../../mod.ts";
import { reconnectDelay } from "../../../src/websocket/client/reconnection.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { hostileServer } from "../../support/hostile_server.ts";
import { poll } from "../../support/poll.ts";
import { serve } from "../../support/serve.ts";
import { acceptance, rawPeer } from "../../support/websocket_peer.ts";

/** Does as it is told. */
class Puppet extends WebSocketHandler {
  override onMessage(message: string | Uint8Array) {
    const [word = "", count = "0"] = String(message).split(" ");
    if (word === "send") { for (let i = 0; i < Number(count); i++) this.writeMessage(`${i}`); }
    else if (word === "big") this.writeMessage("x".repeat(Number(count)));
    else if (word === "close") this.close(Number(count), "as told");
    else this.writeMessage(message);
  }
}

const app = () => new Application([["/", Puppet]]);
const connect = (port: number, options?: WebSocketConnectOptions) =>
  websocketConnect(`ws://127.0.0.1:${port}/`, { closeTimeout: 200, ...options });

Deno.test("connection is iterated up to its end", async () => {
  await using server = serve(app());
  const connection = await connect(server.port);
  connection.writeMessage("send 3");
  connection.writeMessage("close 4000");
  const messages: unknown[] = [];
  for await (const message of connection) messages.push(message);
  assertEquals(messages, ["0", "1", "2"]);
  assertEquals([connection.closeCode, connection.closeReason], [4000, "as told"]);
  assertEquals(await connection.readMessage(), null);
});

Deno.test("reads that wait are served in their order, and get null at the end", async () => {
  await using server = serve(app());
  const connection = await connect(server.port);
  const reads = [1, 2, 3].map(() => connection.readMessage());
  await connection.writeMessage("send 2");
  await reads[1];
  connection.close();
  assertEquals(await Promise.all(reads), ["0", "1", null]);
});

Deno.test("connection that is closed rejects writes and says how it was closed", async () => {
  await using server = serve(app());
  const connection = await connect(server.port);
  connection.close(4321, "enough");
  assertEquals(connection.isOpen, false);
  await assertRejects(() => connection.writeMessage("late"), WebSocketClosedError);
  connection.close();
  await connection.closed;
  assertEquals([connection.closeCode, connection.closeReason], [4321, "enough"]);
});

Deno.test("connection refuses codes and reasons that a client cannot send", async () => {
  await using server = serve(app());
  await using connection = await connect(server.port);
  for (const code of [0, 999, 1001, 1005, 1006, 1009, 2999, 5000]) {
    assertThrows(() => connection.close(code), RangeError, `${code}`);
  }
  assertThrows(() => connection.close(1000, "x".repeat(124)), RangeError, "123 bytes");
  assertThrows(() => connection.writeMessage(new Map()), TypeError);
});

Deno.test("connection ends with 1009 when a message is too large", async () => {
  await using server = serve(app());
  const connection = await connect(server.port, { maxMessageSize: 100 });
  connection.writeMessage("big 100");
  assertEquals((await connection.readMessage())?.length, 100);
  connection.writeMessage("big 101");
  assertEquals(await connection.readMessage(), null);
  assertEquals([connection.closeCode, connection.closeReason], [1009, "Message is too big"]);
});

Deno.test("connection ends with 1008 when too many messages wait, and those are still read", async () => {
  await using server = serve(app());
  for (const limit of [{ inboxMessages: 5 }, { inboxBytes: 5 }]) {
    const connection = await connect(server.port, limit);
    connection.writeMessage("send 9");
    await connection.closed;
    assertEquals(connection.closeCode, 1008);
    const messages: unknown[] = [];
    for await (const message of connection) messages.push(message);
    assertEquals(messages, ["0", "1", "2", "3", "4"]);
  }
});

Deno.test("connection reports 1006 when the peer goes away, and nothing when it gives no code", async () => {
  await using dropping = rawPeer((socket) => socket.drop());
  const dropped = await connect(dropping.port);
  await dropped.closed;
  assertEquals([dropped.closeCode, dropped.closeReason], [1006, null]);
  await using silent = rawPeer((socket) => socket.send(new Uint8Array([0x88, 0])));
  const closed = await connect(silent.port);
  await closed.closed;
  assertEquals([closed.closeCode, closed.closeReason], [null, null]);
});

Deno.test("connection reports 1006 when the peer breaks the protocol", async () => {
  const frames = [[0x81, 2, 0xc3, 0x28], [0xf1, 0], [0x83, 0], [0x80, 0]];
  for (const frame of frames) {
    await using peer = rawPeer((socket) => socket.send(new Uint8Array(frame)));
    const connection = await connect(peer.port);
    await connection.closed;
    assertEquals(connection.closeCode, 1006);
  }
});

Deno.test("close that the peer ignores ends after closeTimeout", async () => {
  await using peer = rawPeer(() => {});
  const connection = await connect(peer.port, { closeTimeout: 50 });
  connection.close(4000);
  await connection.closed;
  assertEquals(connection.closeCode, 4000);
  assert(await poll(() => peer.open === 0), "The socket is still open");
});

Deno.test("peer that answers no ping is given up", async () => {
  await using peer = rawPeer(() => {});
  const connection = await connect(peer.port, { pingInterval: 50 });
  await connection.closed;
  assertEquals(connection.closeCode, 1001);
});

Deno.test("write waits for a peer that does not read, and not for ever", async () => {
  await using peer = rawPeer(() => {}, { reads: false });
  const connection = await connect(peer.port, { pingInterval: 100, closeTimeout: 50 });
  const write = async () => {
    for (let i = 0; i < 1_000; i++) await connection.writeMessage(new Uint8Array(1024 * 1024));
  };
  await assertRejects(write, WebSocketClosedError);
  await connection.closed;
});

Deno.test("lost connection is opened again, and says so", async () => {
  let peers = 0;
  await using peer = rawPeer(async (socket) => {
    peers++;
    await socket.send(new Uint8Array([0x81, 1, 0x30 + peers]));
    if (peers < 3) socket.drop();
  });
  let reconnected = 0;
  await using connection = await connect(peer.port, {
    reconnect: { minDelay: 1, maxDelay: 5 },
    onReconnect: (connection) => {
      reconnected++;
      connection.writeMessage("subscribe");
    },
  });
  const messages = [1, 2, 3].map(() => connection.readMessage());
  assertEquals(await Promise.all(messages), ["1", "2", "3"]);
  assert(await poll(() => peer.received.includes("subscribe")));
  assertEquals([reconnected, connection.closeCode], [2, null]);
});

Deno.test("lost connection is given up when the server refuses", async () => {
  let handshakes = 0;
  await using server = hostileServer(async ({ head, send }) => {
    const refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
    await send(++handshakes === 1 ? await acceptance(head) : refusal);
  });
  const connection = await connect(server.port, { reconnect: { minDelay: 1 } });
  await connection.closed;
  assertEquals([handshakes, connection.closeCode], [2, 1006]);
});

Deno.test("lost connection is given up after so many attempts", async () => {
  const dropping = rawPeer((socket) => socket.drop());
  const connection = await connect(dropping.port, { reconnect: { attempts: 2, maxDelay: 20 } });
  // Stopped while the pause runs, or else the first attempt succeeds and is dropped too.
  await dropping[Symbol.asyncDispose]();
  await connection.closed;
  assertEquals(connection.closeCode, 1006);
});

Deno.test("closing ends the attempts to open a lost connection again", async () => {
  await using peer = rawPeer((socket) => socket.drop());
  const connection = await connect(peer.port, {
    reconnect: { minDelay: 60_000, maxDelay: 60_000 },
  });
  assert(await poll(() => !connection.isOpen));
  connection.close();
  await connection.closed;
  assertEquals(connection.closeCode, 1000);
});

Deno.test("connection that was closed in order is not opened again", async () => {
  await using server = serve(app());
  const connection = await connect(server.port, { reconnect: true });
  connection.writeMessage("close 1000");
  await connection.closed;
  assertEquals(connection.closeCode, 1000);
});

Deno.test("exception in onReconnect is logged", async () => {
  using records = captureLogs();
  let peers = 0;
  await using peer = rawPeer((socket) => peers++ === 0 ? socket.drop() : undefined);
  await using _connection = await connect(peer.port, {
    reconnect: { minDelay: 1 },
    onReconnect: () => {
      throw new RangeError("no topics");
    },
  });
  await expectLog(records, "error", /onReconnect[^]*no topics/);
});

Deno.test("pause before an attempt doubles up to its limit and has an end", () => {
  const options = { minDelay: 100, maxDelay: 1_000, attempts: 9 };
  for (const [attempt, limit] of [[1, 100], [3, 400], [9, 1_000]] as const) {
    const pauses = Array.from({ length: 100 }, () => reconnectDelay(options, attempt) ?? -1);
    assert(Math.min(...pauses) >= 0 && Math.max(...pauses) <= limit, `${pauses}`);
  }
  assertEquals(reconnectDelay(options, 10), null);
});
