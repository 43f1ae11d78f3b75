import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import {
  type BodyLimits,
  decodeBody,
  limitedStream,
  readBody,
} from "../../../src/http/body/limited_body.ts";
import { HTTPInputError } from "../../../src/http/input_error.ts";
import { lingeringStream } from "../../../src/http/body/lingering_stream.ts";
import { fakeClock } from "../../support/fake_clock.ts";
import { RawSocket } from "../../support/raw_socket.ts";

/** A stream under the test's control, and what became of it. */
function controlled() {
  let cancelled = false;
  let pulls = 0;
  let feed: (chunk: Uint8Array) => void = () => {};
  let fail: (reason: Error) => void = () => {};
  const stream = new ReadableStream<Uint8Array>({
    start(controller): void {
      feed = (chunk) => controller.enqueue(chunk);
      fail = (reason) => controller.error(reason);
    },
    pull: () => void pulls++,
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  return {
    stream,
    feed: (chunk: Uint8Array) => feed(chunk),
    fail: (reason: Error) => fail(reason),
    get cancelled() {
      return cancelled;
    },
    get pulls() {
      return pulls;
    },
  };
}

Deno.test("lingering stream passes a body through, and its failure", async () => {
  const body = controlled();
  const reader = lingeringStream(body.stream, { lingerMs: 100 }).getReader();
  assertEquals(body.pulls, 0);
  const chunk = Uint8Array.of(1);
  const first = reader.read();
  body.feed(chunk);
  assertEquals((await first).value, chunk);
  body.fail(new Error("reset"));
  await assertRejects(() => reader.read(), Error, "reset");
});

Deno.test("lingering stream that is given up is read on, then cancelled", async () => {
  using clock = fakeClock();
  const body = controlled();
  await lingeringStream(body.stream, { lingerMs: 100 }).cancel();
  body.feed(Uint8Array.of(1));
  body.feed(Uint8Array.of(2));
  await clock.tick(99);
  assertEquals([body.pulls > 0, body.cancelled], [true, false]);
  await clock.tick(1);
  assertEquals([body.cancelled, clock.pending()], [true, 0]);
});

Deno.test("lingering stream that is given up leaves no timer once the body has ended", async () => {
  using clock = fakeClock();
  await lingeringStream(new Blob(["x"]).stream(), { lingerMs: 100 }).cancel();
  const body = controlled();
  await lingeringStream(body.stream, { lingerMs: 100 }).cancel();
  body.fail(new Error("reset"));
  await clock.tick(1);
  assertEquals(clock.pending(), 0);
});

const GZIP = "Content-Encoding: gzip\r\n";
const refusals: [name: string, status: number, fields: string, sent: Uint8Array | string][] = [
  ["too large", 413, "", "x".repeat(2000)],
  ["too slow", 408, "", "x".repeat(10)],
  ["damaged", 400, GZIP, "this is not gzip"],
  ["a bomb", 413, GZIP, await gzip(new Uint8Array(100_000))],
];

for (const [name, status, fields, sent] of refusals) {
  for (const read of [readBody, readLimited]) {
    Deno.test(`half a body that is ${name} does not hold the server up, read by ${read.name}`, async () => {
      const server = serveBody(read);
      using socket = await RawSocket.connect(server.addr.port);
      await socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${fields}Content-Length: 99999\r\n\r\n`);
      await socket.write(sent);
      const response = await socket.readResponse();
      assertEquals([response.status, response.header("connection")], [status, "close"]);
      // The client neither sends the rest nor leaves.
      assert(await settles(server.shutdown()));
    });
  }
}

Deno.test("body that is too large and never ends is cut off", async () => {
  const server = serveBody(readBody);
  using socket = await RawSocket.connect(server.addr.port);
  await socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${1e12}\r\n\r\n`);
  await socket.write("x".repeat(2000));
  assertEquals((await socket.readResponse()).status, 413);
  const end = socket.readToEnd();
  const chunk = new Uint8Array(16_384);
  for (let sent = 0; sent < 100_000 && !socket.ended; sent++) await socket.write(chunk);
  await end;
  assert(socket.ended);
  await server.shutdown();
});

function serveBody(
  read: (stream: ReadableStream<Uint8Array>, limits: BodyLimits) => Promise<unknown>,
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    assert(request.body !== null);
    const body = lingeringStream(request.body, { lingerMs: 50 });
    const coding = request.headers.get("content-encoding") ?? "";
    try {
      await read(decodeBody(body, coding), { maxSize: 1000, timeout: 30 });
    } catch (error) {
      assertInstanceOf(error, HTTPInputError);
      return new Response(error.message, { status: error.status });
    }
    return new Response();
  });
}

/** Whether a promise settles soon. */
async function settles(promise: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), 5_000);
  const settled = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return settled;
}

async function readLimited(stream: ReadableStream<Uint8Array>, limits: BodyLimits): Promise<void> {
  for await (const _chunk of limitedStream(stream, limits));
}

async function gzip(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([data]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
