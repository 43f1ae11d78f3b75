import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import {
  type BodyLimits,
  decodeBody,
  limitedStream,
  lingeringReader,
  lingeringStream,
  readBody,
} from "../../../src/http/body/limited_body.ts";
import { HTTPInputError } from "../../../src/http/input_error.ts";
import { fakeClock } from "../../support/fake_clock.ts";
import { RawSocket } from "../../support/raw_socket.ts";

/** A source that tells how much of it was asked for, and why it was cancelled. */
interface Source {
  readonly stream: ReadableStream<Uint8Array>;
  pulled: number;
  cancelled: unknown;
  /** Settles when it is cancelled. */
  readonly cancellation: Promise<void>;
}

/** Chunks on demand, then the end: of the stream, an error, or nothing ever. */
function source(chunks: Iterable<Uint8Array>, end: "close" | "hang" | Error = "close"): Source {
  const iterator = chunks[Symbol.iterator]();
  const { promise: cancellation, resolve } = Promise.withResolvers<void>();
  const result: Source = {
    stream: new ReadableStream<Uint8Array>({
      pull(controller): Promise<void> | void {
        const next = iterator.next();
        if (!next.done) {
          result.pulled++;
          controller.enqueue(next.value);
        } else if (end === "close") controller.close();
        else if (end === "hang") return new Promise(() => {});
        else controller.error(end);
      },
      cancel(reason): void {
        result.cancelled = reason;
        resolve();
      },
    }, { highWaterMark: 0 }),
    pulled: 0,
    cancelled: undefined,
    cancellation,
  };
  return result;
}

function bytes(...sizes: number[]): Uint8Array[] {
  return sizes.map((size, index) => new Uint8Array(size).fill(index + 1));
}

function* forever(size: number): Generator<Uint8Array> {
  while (true) yield new Uint8Array(size);
}

async function inputError(work: () => Promise<unknown>): Promise<HTTPInputError> {
  return await assertRejects(work, HTTPInputError);
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

Deno.test("body is read whole, whatever its chunks", async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.uint8Array()), async (chunks) => {
    const whole = chunks.flatMap((chunk) => [...chunk]);
    const body = await readBody(source(chunks).stream, { maxSize: whole.length });
    assertEquals([...body], whole);
  }));
});

Deno.test("body of one chunk is not copied", async () => {
  const chunk = new Uint8Array([1, 2, 3]);
  assertStrictEquals(await readBody(source([chunk]).stream, { maxSize: 3 }), chunk);
});

Deno.test("body that comes byte by byte takes at most twice its size", async () => {
  const chunks = Array.from({ length: 1000 }, () => new Uint8Array(1));
  const body = await readBody(source(chunks).stream, { maxSize: 1000 });
  assertEquals(body.length, 1000);
  assert(body.buffer.byteLength <= 2000);
});

Deno.test("body may be as large as allowed and not a byte larger", async () => {
  assertEquals((await readBody(source(bytes(4, 6)).stream, { maxSize: 10 })).length, 10);
  const { stream } = source(bytes(4, 7));
  const error = await inputError(() => readBody(stream, { maxSize: 10 }));
  assertEquals([error.status, error.message], [413, "Request body is larger than 10 bytes"]);
  assertEquals((await readBody(source([]).stream, { maxSize: 0 })).length, 0);
  const refused = await inputError(() => readBody(source(bytes(1)).stream, { maxSize: 0 }));
  assertEquals(refused.status, 413);
});

Deno.test("body that is too large is cancelled and read no further", async () => {
  const endless = source(forever(10));
  const error = await inputError(() => readBody(endless.stream, { maxSize: 25 }));
  assertEquals(error.status, 413);
  assertEquals(endless.pulled, 3);
  assertStrictEquals(endless.cancelled, error);
});

Deno.test("body that cannot be read is a 400 with its cause", async () => {
  const cause = new TypeError("connection reset");
  for (const timeout of [undefined, 1000]) {
    const { stream } = source(bytes(3), cause);
    const error = await inputError(() => readBody(stream, { maxSize: 10, timeout }));
    assertEquals([error.status, error.message], [400, "Request body could not be read"]);
    assertStrictEquals(error.cause, cause);
  }
});

Deno.test("body that is too slow is a 408, and is cancelled", async () => {
  using clock = fakeClock();
  const slow = source(bytes(3), "hang");
  const failure = inputError(() => readBody(slow.stream, { maxSize: 10, timeout: 500 }));
  await clock.tick(499);
  assertEquals(slow.cancelled, undefined);
  await clock.tick(1);
  const error = await failure;
  assertEquals([error.status, error.message], [408, "Request body did not arrive within 500 ms"]);
  assertStrictEquals(slow.cancelled, error);
  assertEquals(clock.pending(), 0);
});

Deno.test("body that drips in is timed as a whole", async () => {
  using clock = fakeClock();
  let count = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) =>
      new Promise((resolve) => {
        setTimeout(() => {
          count++;
          controller.enqueue(new Uint8Array(1));
          resolve();
        }, 100);
      }),
  }, { highWaterMark: 0 });
  const failure = inputError(() => readBody(stream, { maxSize: 1000, timeout: 1050 }));
  await clock.tick(1050);
  assertEquals((await failure).status, 408);
  assertEquals(count, 10);
});

Deno.test("body leaves no timer behind, however it ends", async () => {
  using clock = fakeClock();
  const limits = { maxSize: 10, timeout: 500 };
  await readBody(source(bytes(1, 2)).stream, limits);
  await inputError(() => readBody(source(bytes(11)).stream, limits));
  await inputError(() => readBody(source([], new Error("x")).stream, limits));
  assertEquals(clock.pending(), 0);
});

Deno.test("body that is read on after it was too slow keeps nobody waiting", async () => {
  using clock = fakeClock();
  let reads = 0;
  const reader = {
    read: () => new Promise<never>(() => reads++),
    cancel: () => Promise.resolve(),
  };
  const lingering = lingeringReader(reader, { lingerMs: 2_000 });
  const failure = inputError(() => readBody(lingering, { maxSize: 10, timeout: 500 }));
  await clock.tick(500);
  assertEquals((await failure).status, 408);
  assertEquals(reads, 2);
  await clock.tick(2_000);
});

Deno.test("body that breaks after it was too slow is not reported once more", async () => {
  using clock = fakeClock();
  const { promise, reject } = Promise.withResolvers<never>();
  const calls: string[] = [];
  const limits = {
    maxSize: 10,
    timeout: 500,
    onEnd: () => calls.push("end"),
    onBroken: () => calls.push("broken"),
  };
  const reader = { read: () => promise, cancel: () => Promise.resolve() };
  const failure = inputError(() => readBody(reader, limits));
  await clock.tick(500);
  assertEquals((await failure).status, 408);
  reject(new Error("gone"));
  await clock.tick(1);
  assertEquals(calls, ["end"]);
});

Deno.test("body timeout may be longer than a timer can be", async () => {
  const chunks = await readBody(source(bytes(3)).stream, { maxSize: 10, timeout: 2 ** 40 });
  assertEquals(chunks.length, 3);
});

Deno.test("body whose cancellation fails is refused all the same", async () => {
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(11)),
    cancel: () => Promise.reject(new Error("cannot cancel")),
  }, { highWaterMark: 0 });
  assertEquals((await inputError(() => readBody(stream, { maxSize: 10 }))).status, 413);
});

Deno.test("body is joined in linear time", async () => {
  const timeOf = async (count: number) => {
    const chunk = new Uint8Array(16);
    const start = performance.now();
    const chunks = Array.from({ length: count }, () => chunk);
    assertEquals((await readBody(source(chunks).stream, { maxSize: 1e9 })).length, 16 * count);
    return performance.now() - start;
  };
  let ratio = Infinity;
  for (let attempt = 0; attempt < 5 && ratio > 40; attempt++) {
    const small = await timeOf(4_000);
    ratio = Math.min(ratio, await timeOf(40_000) / small);
  }
  assert(ratio <= 40, `10 times the chunks took ${ratio.toFixed(0)} times as long`);
});

Deno.test("limited stream passes a body through and reads nothing ahead", async () => {
  const body = source(bytes(2, 3));
  const stream = limitedStream(body.stream, { maxSize: 5 });
  assertEquals(body.pulled, 0);
  assertEquals((await collect(stream)).map((chunk) => chunk.length), [2, 3]);
});

Deno.test("limited stream gives what is allowed, then fails with 413", async () => {
  const body = source(forever(10));
  const reader = limitedStream(body.stream, { maxSize: 25 }).getReader();
  assertEquals((await reader.read()).value?.length, 10);
  assertEquals((await reader.read()).value?.length, 10);
  const error = await inputError(() => reader.read());
  assertEquals(error.status, 413);
  assertStrictEquals(body.cancelled, error);
});

Deno.test("limited stream fails with 400 when the body cannot be read", async () => {
  const cause = new Error("reset");
  const stream = limitedStream(source(bytes(1), cause).stream, { maxSize: 5 });
  const error = await inputError(() => collect(stream));
  assertEquals(error.status, 400);
  assertStrictEquals(error.cause, cause);
});

Deno.test("limited stream times the client, not its reader", async () => {
  using clock = fakeClock();
  const body = source(bytes(1, 1), "hang");
  const reader = limitedStream(body.stream, { maxSize: 5, timeout: 500 }).getReader();
  await reader.read();
  await clock.tick(10_000);
  await reader.read();
  assertEquals(clock.pending(), 0);
  const failure = inputError(() => reader.read());
  await clock.tick(500);
  assertEquals((await failure).status, 408);
  assertEquals(clock.pending(), 0);
});

Deno.test("limited stream that is cancelled cancels the body", async () => {
  const body = source(forever(1));
  const stream = limitedStream(body.stream, { maxSize: 5, timeout: 500 });
  for await (const _chunk of stream) break;
  const other = source(forever(1));
  await limitedStream(other.stream, { maxSize: 5 }).cancel("enough");
  assertEquals(other.cancelled, "enough");
  assert(body.pulled <= 2);
});

Deno.test("content coding gzip, deflate and identity is undone", async () => {
  const text = new TextEncoder().encode("hello ".repeat(10_000));
  const codings: [string, CompressionFormat | null][] = [
    ["gzip", "gzip"],
    ["X-GZip", "gzip"],
    [" GZIP ", "gzip"],
    ["deflate", "deflate"],
    ["identity", null],
    ["", null],
  ];
  for (const [coding, format] of codings) {
    const sent = format === null ? text : await compress(text, format);
    const body = await readBody(decodeBody(source([sent]).stream, coding), { maxSize: 60_000 });
    assertEquals(body, text, coding);
  }
});

Deno.test("content coding that is not known, or applied twice, is a 415", () => {
  for (const coding of ["br", "gzip, gzip", "gzip,deflate", "compress", "gzip;q=1"]) {
    const error = assertThrows(() => decodeBody(source([]).stream, coding), HTTPInputError);
    assertEquals([error.status, error.message], [
      415,
      `Unsupported Content-Encoding: "${coding}"`,
    ]);
  }
});

Deno.test("decompression bomb ends early: at the limit, not at its size", async () => {
  const bomb = await compress(new Uint8Array(200_000_000), "gzip");
  const sent = source([bomb]);
  let decoded = 0;
  const counted = decodeBody(sent.stream, "gzip").pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller): void {
        decoded += chunk.length;
        controller.enqueue(chunk);
      },
    }),
  );
  assertEquals((await inputError(() => readBody(counted, { maxSize: 1_000_000 }))).status, 413);
  assert(decoded < 20_000_000, `${decoded} bytes were decompressed`);
});

Deno.test("compressed body that is damaged, cut short or too long is a 400", async () => {
  const good = await compress(new TextEncoder().encode("hello ".repeat(1000)), "gzip");
  const damaged = good.slice();
  damaged[good.length - 6] = 255 - (damaged[good.length - 6] ?? 0);
  const bodies = [
    damaged,
    good.subarray(0, good.length - 1),
    good.subarray(0, 20),
    new Uint8Array([...good, 1, 2, 3]),
    new TextEncoder().encode("not gzip at all"),
    new Uint8Array(0),
  ];
  for (const [index, body] of bodies.entries()) {
    const stream = decodeBody(source([body]).stream, "gzip");
    const error = await inputError(() => readBody(stream, { maxSize: 10_000 }));
    assertEquals(error.status, 400, `body ${index}`);
  }
});

Deno.test("compressed body that cannot be read is a 400", async () => {
  const good = await compress(new Uint8Array(10_000), "gzip");
  const cut = source([good.subarray(0, 10)], new Error("reset"));
  const error = await inputError(() => readBody(decodeBody(cut.stream, "gzip"), { maxSize: 1e6 }));
  assertEquals(error.status, 400);
});

Deno.test("compressed body that is too large cancels its source", async () => {
  const bomb = await compress(new Uint8Array(10_000_000), "gzip");
  const half = bomb.length >> 1;
  const sent = source([bomb.subarray(0, half), bomb.subarray(half)], "hang");
  await inputError(() => readBody(decodeBody(sent.stream, "gzip"), { maxSize: 1000 }));
  await sent.cancellation;
});

async function compress(data: Uint8Array, format: CompressionFormat): Promise<Uint8Array> {
  const stream = new Blob([data.slice()]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

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
