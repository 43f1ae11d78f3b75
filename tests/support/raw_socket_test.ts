import { assertEquals, assertRejects } from "@std/assert";
import { concat } from "./bytes.ts";
import { rawRequest, RawSocket } from "./raw_socket.ts";

const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

Deno.test("raw request reads a body by its length", async () => {
  await using server = serve(() => new Response("wind", { headers: { "x-one": "1" } }));
  const response = await rawRequest(server.addr.port, GET);
  assertEquals(response.statusLine, "HTTP/1.1 200 OK");
  assertEquals([response.status, response.text, response.complete], [200, "wind", true]);
  assertEquals([response.header("X-One"), response.header("x-two")], ["1", null]);
});

Deno.test("raw request joins a chunked body", async () => {
  const parts = ["gust", "", "nado"];
  await using server = serve(() => new Response(ReadableStream.from(encoded(parts))));
  const response = await rawRequest(server.addr.port, GET);
  assertEquals([response.text, response.complete], ["gustnado", true]);
});

Deno.test("raw request expects no body in an answer to HEAD", async () => {
  await using server = serve(() => new Response("wind"));
  const response = await rawRequest(server.addr.port, GET.replace("GET", "HEAD"));
  assertEquals([response.text, response.complete], ["", true]);
  assertEquals(response.header("content-length"), "4");
});

Deno.test("raw request shows an answer to what is not HTTP", async () => {
  await using server = serve(() => new Response());
  const response = await rawRequest(server.addr.port, new Uint8Array([0, 1, 2, 13, 10, 13, 10]));
  assertEquals(response.status, 400);
});

Deno.test("raw request passes over interim answers", async () => {
  await using server = serve(async (request) => new Response(await request.text()));
  const head =
    "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n";
  const response = await rawRequest(server.addr.port, `${head}\r\nwind`);
  assertEquals([response.status, response.text], [200, "wind"]);
});

Deno.test("raw request gets an early answer to a body that nobody reads", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answering = answerAndIgnore(
    listener,
    "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n",
  );
  const head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000000\r\n\r\n";
  const request = concat([new TextEncoder().encode(head), new Uint8Array(50_000_000)]);
  const response = await rawRequest(listener.addr.port, request);
  assertEquals(response.status, 413);
  (await answering).close();
});

Deno.test("raw request says so when the peer closes too early", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answering = answerAndIgnore(listener, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nwind")
    .then((connection) => connection.close());
  const response = await rawRequest(listener.addr.port, GET);
  assertEquals([response.status, response.complete], [200, false]);
  await answering;
});

Deno.test("raw request fails when the peer stays silent", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answering = answerAndIgnore(listener, "HTTP/1.1 200");
  const request = rawRequest(listener.addr.port, GET, { timeout: 50 });
  await assertRejects(() => request, Error, `did nothing for 50 ms after "HTTP/1.1 200"`);
  (await answering).close();
});

Deno.test("raw socket reads pipelined responses one by one", async () => {
  await using server = serve((request) => new Response(new URL(request.url).pathname));
  using socket = await RawSocket.connect(server.addr.port);
  await socket.write(GET.replace("/", "/a") + GET.replace("/", "/b"));
  assertEquals((await socket.readResponse()).text, "/a");
  assertEquals((await socket.readResponse()).text, "/b");
});

function serve(handler: (request: Request) => Response | Promise<Response>) {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
}

function encoded(parts: string[]): Uint8Array[] {
  return parts.map((part) => new TextEncoder().encode(part));
}

/** Accepts one connection, reads a little of it, writes an answer and leaves it open. */
async function answerAndIgnore(listener: Deno.TcpListener, answer: string): Promise<Deno.TcpConn> {
  const connection = await listener.accept();
  await connection.read(new Uint8Array(1024));
  await connection.write(new TextEncoder().encode(answer));
  return connection;
}
