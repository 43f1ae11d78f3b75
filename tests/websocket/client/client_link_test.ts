import { assertEquals, assertRejects } from "@std/assert";
import { ClientLink } from "../../../src/websocket/client/client_link.ts";
import type { Closing } from "../../../src/websocket/close_code.ts";
import { WebSocketClosedError } from "../../../src/websocket/web_socket_error.ts";
import { fakeClock } from "../../support/fake_clock.ts";
import { FakeWebSocket } from "../../support/fake_web_socket.ts";

const KIB = 1024;

/** A link over a fake socket, and how it ended. */
function linked(): { socket: FakeWebSocket; link: ClientLink; ends: Closing[] } {
  const socket = new FakeWebSocket();
  socket.open();
  const ends: Closing[] = [];
  const owner = { receive: () => {}, lose: (closing: Closing) => ends.push(closing) };
  const limits = { maxMessageSize: KIB, pingInterval: 1_000, pingTimeout: 500, closeTimeout: 300 };
  const link = new ClientLink(socket as unknown as WebSocket, owner, limits);
  return { socket, link, ends };
}

Deno.test("client hands no more to the runtime than the peer takes, and closes after it", async () => {
  using clock = fakeClock();
  const { socket, link, ends } = linked();
  for (let i = 0; i < 5; i++) link.send(new Uint8Array(200 * KIB).fill(i));
  assertEquals(socket.sent.length, 1);
  link.close(1000);
  for (let i = 0; i < 4; i++) {
    assertEquals(socket.closes, []);
    socket.read();
    await clock.tick(50);
  }
  assertEquals(socket.sent.map((sent) => sent.at(0)), [0, 1, 2, 3, 4]);
  assertEquals(socket.closes, ["1000"]);
  socket.end(1000);
  assertEquals([ends.length, clock.pending()], [1, 0]);
});

Deno.test("client cuts a peer that takes nothing, and then drops what waits", async () => {
  using clock = fakeClock();
  const { socket, link, ends } = linked();
  const writes = [1, 2].map(() => link.send(new Uint8Array(300 * KIB)));
  const rejected = Promise.all(
    writes.map((write) => assertRejects(() => write, WebSocketClosedError)),
  );
  await clock.tick(1_490);
  assertEquals(ends, []);
  await clock.tick(100);
  assertEquals(ends, [{ code: 1006, reason: null }]);
  await rejected;
  socket.read();
  await clock.tick(1_000);
  assertEquals([socket.sent.length, clock.pending()], [1, 0]);
});

Deno.test("client gives up a socket whose end is not told", async () => {
  using clock = fakeClock();
  const { socket, link, ends } = linked();
  link.send(new Uint8Array(300 * KIB));
  socket.readyState = 3;
  socket.bufferedAmount = 0;
  await clock.tick(400);
  assertEquals([ends, clock.pending()], [[{ code: 1006, reason: null }], 0]);
});
