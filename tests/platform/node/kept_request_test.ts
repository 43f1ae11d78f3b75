/** What a WebSocket of the engine "node" keeps of its request. */
import { assertEquals } from "@std/assert";
import { Application, WebSocketHandler } from "@gustnado/gustnado";

const PINGED = new Uint8Array([0x89, 0x80, 0, 0, 0, 0]);

/** Tells what is known of its request: when it opens, and again when a ping comes. */
class Told extends WebSocketHandler {
  override open() {
    this.#tell();
  }
  override onPing() {
    this.#tell();
  }
  #tell() {
    const { request } = this;
    this.writeMessage({
      url: request.fullUrl().replace(/:\d+/, ""),
      method: request.raw.method,
      path: new URL(request.raw.url).pathname,
      one: request.header("X-One"),
      raw: request.raw.headers.get("x-one"),
      none: request.header("x-none"),
      twice: request.header("x-twice"),
      list: request.headers.get("x-twice"),
      empty: request.header("x-empty"),
      cookies: request.cookies,
      protocol: request.header("sec-websocket-protocol"),
      remoteIp: request.remoteIp,
    });
  }
}

Deno.test("WebSocket of the engine node knows its request as long as it lasts", async () => {
  const app = new Application([["/told", Told]]);
  await using server = app.listen(0, { hostname: "127.0.0.1", engine: "node" });
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await connection.write(new TextEncoder().encode(
    `GET /told?a=1 HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUpgrade: websocket\r\n` +
      "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\nX-One: 1\r\n" +
      "X-Twice: a\r\nx-twice: b\r\nX-Empty:\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n",
  ));
  const reader = connection.readable.getReader();
  const opened = await told(reader);
  assertEquals(opened, {
    url: "http://127.0.0.1/told?a=1",
    method: "GET",
    path: "/told",
    one: "1",
    raw: "1",
    none: null,
    twice: "a, b",
    list: "a, b",
    empty: "",
    cookies: { a: "1", b: "2" },
    protocol: "chat",
    remoteIp: "127.0.0.1",
  });
  await connection.write(PINGED);
  assertEquals(await told(reader), opened);
  reader.releaseLock();
});

/** The next message, which is JSON of an object. */
async function told(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<unknown> {
  let text = "";
  while (!text.endsWith("}")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The connection is closed: ${text}`);
    text += new TextDecoder().decode(value);
  }
  return JSON.parse(text.slice(text.indexOf("{")));
}
