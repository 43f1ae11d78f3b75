import { assertEquals, assertRejects } from "@std/assert";
import { concat } from "./bytes.ts";
import { encodeFrame, OPCODE, RawWebSocket } from "./raw_websocket.ts";

Deno.test("raw WebSocket shakes hands and exchanges frames of every length", async () => {
  await using server = serveEcho();
  using socket = await RawWebSocket.connect(server.addr.port, "/");
  assertEquals(socket.response.status, 101);
  for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
    const payload = crypto.getRandomValues(new Uint8Array(length));
    await socket.send(OPCODE.binary, payload);
    const frame = await socket.receive();
    assertEquals([frame?.opcode, frame?.fin, frame?.rsv, frame?.masked], [2, true, 0, false]);
    assertEquals(frame?.payload, payload);
  }
  assertEquals((await socket.close(4000))?.closeCode, 4000);
});

Deno.test("raw WebSocket sends fragments, several frames at once and a ping", async () => {
  await using server = serveEcho();
  using socket = await RawWebSocket.connect(server.addr.port, "/");
  await socket.send(OPCODE.text, "gust", { fin: false });
  const rest = { opcode: OPCODE.continuation, payload: "nado" };
  const ping = { opcode: OPCODE.ping, payload: "?" };
  await socket.socket.write(concat([encodeFrame(rest), encodeFrame(ping)]));
  const received = [await socket.receive(), await socket.receive()];
  const texts = Object.fromEntries(received.map((frame) => [frame?.opcode, frame?.text]));
  assertEquals(texts, { [OPCODE.text]: "gustnado", [OPCODE.pong]: "?" });
  await socket.close();
});

Deno.test("raw WebSocket shows that the peer hangs up on a reserved bit", async () => {
  await using server = serveEcho();
  using socket = await RawWebSocket.connect(server.addr.port, "/");
  await socket.send(OPCODE.text, "gust", { rsv: 4 });
  assertEquals(await socket.receive(), null);
});

Deno.test("raw WebSocket reads the reason of a close frame", async () => {
  await using server = serveEcho();
  using socket = await RawWebSocket.connect(server.addr.port, "/");
  await socket.send(OPCODE.text, "close");
  const frame = await socket.receive();
  assertEquals([frame?.opcode, frame?.closeCode, frame?.text], [OPCODE.close, 4001, "as told"]);
});

Deno.test("raw WebSocket shows the answer of a server that refuses", async () => {
  await using server = serveEcho();
  const headers = { upgrade: null, "X-Want": "no" };
  using socket = await RawWebSocket.connect(server.addr.port, "/", { headers });
  assertEquals([socket.response.status, socket.response.text], [426, "no"]);
});

Deno.test("raw WebSocket refuses a wrong Sec-WebSocket-Accept", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answer = "HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: wrong\r\n\r\n";
  const accepting = listener.accept().then(async (connection) => {
    await connection.write(new TextEncoder().encode(answer));
    return connection;
  });
  const connecting = RawWebSocket.connect(listener.addr.port, "/");
  await assertRejects(() => connecting, Error, `Sec-WebSocket-Accept is "wrong"`);
  (await accepting).close();
});

function serveEcho() {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    if (!request.headers.has("upgrade")) {
      return new Response(request.headers.get("x-want"), { status: 426 });
    }
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    socket.onmessage = ({ data }) =>
      data === "close" ? socket.close(4001, "as told") : socket.send(data);
    return response;
  });
}
