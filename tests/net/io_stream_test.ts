import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import fc from "fast-check";
import {
  gen,
  IOStream,
  type IOStreamOptions,
  StreamBufferFullError,
  StreamClosedError,
  TimeoutError,
  UnsatisfiableReadError,
} from "@gustnado/gustnado";
import { captureLogs } from "../support/log_records.ts";
import { loggedTexts } from "../support/logged_texts.ts";
import { ScriptedConnection } from "../support/scripted_connection.ts";
import { bestTime } from "../support/linear.ts";

/** A stream and its peer, joined over loopback. */
class Pair implements Disposable {
  constructor(readonly stream: IOStream, readonly peer: Deno.TcpConn) {}

  static async open(options?: IOStreamOptions): Promise<Pair> {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [peer, accepted] = await Promise.all([
      Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
      listener.accept(),
    ]);
    return new Pair(new IOStream(accepted, options), peer);
  }

  async send(text: string): Promise<void> {
    let bytes = new TextEncoder().encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(await this.peer.write(bytes));
  }

  [Symbol.dispose](): void {
    this.stream.close();
    this.peer[Symbol.dispose]();
  }
}

async function textOf(read: Promise<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await read);
}

Deno.test("stream reads up to a delimiter, however the bytes arrive", async () => {
  using pair = await Pair.open();
  const { stream } = pair;
  await pair.send("one\r\ntwo\r\nthr");
  assertEquals(await textOf(stream.readUntil("\r\n")), "one\r\n");
  assertEquals(await textOf(stream.readUntil(new Uint8Array([13, 10]))), "two\r\n");
  const third = textOf(stream.readUntil("\r\n"));
  await pair.send("ee\r\nrest");
  assertEquals(await third, "three\r\n");
});

Deno.test("stream finds a delimiter that arrives byte by byte, and one that begins like it before", async () => {
  const connection = new ScriptedConnection();
  using stream = new IOStream(connection);
  const reading = textOf(stream.readUntil("aab"));
  for (const byte of "xaaaab") await connection.arrive(byte);
  assertEquals(await reading, "xaaaab");
});

Deno.test("stream reads a number of bytes, or what there is", async () => {
  using pair = await Pair.open();
  const { stream } = pair;
  await pair.send("abcdefgh");
  assertEquals(await textOf(stream.readBytes(3)), "abc");
  assertEquals((await stream.readBytes(0)).length, 0);
  assertEquals(await textOf(stream.readBytes(2, { partial: true })), "de");
  assertEquals(await textOf(stream.readBytes(100, { partial: true })), "fgh");
});

Deno.test("stream reads into memory of the caller", async () => {
  using pair = await Pair.open();
  const target = new Uint8Array(4);
  await pair.send("abcdef");
  assertEquals(await pair.stream.readInto(target), 4);
  assertEquals(new TextDecoder().decode(target), "abcd");
  assertEquals(await pair.stream.readInto(target, { partial: true }), 2);
  assertEquals(await pair.stream.readInto(new Uint8Array(0)), 0);
});

Deno.test("stream reads up to the end of a pattern's match", async () => {
  const connection = new ScriptedConnection();
  using stream = new IOStream(connection);
  const reading = textOf(stream.readUntilRegex(/\r?\n\r?\n/g));
  await connection.arrive("GET / HTTP/1.1\r\nHost: x\r\n");
  await connection.arrive("\r\nbody");
  assertEquals(await reading, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  assertEquals(await textOf(stream.readUntilRegex(/d/y)), "bod");
});

Deno.test("stream matches patterns byte by byte", async () => {
  using pair = await Pair.open();
  await pair.peer.write(new Uint8Array([0x80, 0xff, 0x00, 0x41]));
  assertEquals(await pair.stream.readUntilRegex(/\x80\xff\0/), new Uint8Array([0x80, 0xff, 0x00]));
});

Deno.test("stream reads everything up to the end", async () => {
  using pair = await Pair.open();
  await pair.send("everything");
  pair.peer.close();
  assertEquals(await textOf(pair.stream.readUntilClose()), "everything");
  assert(pair.stream.closed());
  assertEquals((await pair.stream.readUntilClose()).length, 0);
});

Deno.test("stream can be iterated chunk by chunk to its end", async () => {
  using pair = await Pair.open({ chunkSize: 4 });
  await pair.send("abcdefghij");
  pair.peer.close();
  let text = "";
  for await (const chunk of pair.stream) {
    assertLess(chunk.length, 5);
    text += new TextDecoder().decode(chunk);
  }
  assertEquals(text, "abcdefghij");
});

Deno.test("stream that fails while it is iterated ends the loop with that error", async () => {
  const connection = new ScriptedConnection();
  using stream = new IOStream(connection);
  const reason = new Error("The server shuts down");
  const seen: number[] = [];
  async function iterate(): Promise<void> {
    for await (const chunk of stream) seen.push(chunk.length);
  }
  const iterating = assertRejects(iterate, StreamClosedError);
  await connection.arrive("abc");
  stream.close(reason);
  assertStrictEquals((await iterating).realError, reason);
  assertEquals(seen, [3]);
});

Deno.test("stream fills no memory larger than maxBufferSize, unless a part of it will do", async () => {
  const connection = new ScriptedConnection();
  using stream = new IOStream(connection, { maxBufferSize: 10 });
  await connection.arrive("abc");
  assertEquals(await stream.readInto(new Uint8Array(11), { partial: true }), 3);
  await assertRejects(
    () => stream.readInto(new Uint8Array(11)),
    UnsatisfiableReadError,
    "11 bytes are more than maxBufferSize, 10",
  );
});

Deno.test("stream that the peer left still gives what had arrived, and then fails", async () => {
  using pair = await Pair.open();
  await pair.send("one\ntw");
  pair.peer.close();
  assertEquals(await textOf(pair.stream.readUntil("\n")), "one\n");
  const error = await assertRejects(() => pair.stream.readUntil("\n"), StreamClosedError);
  assertEquals([error.message, error.realError], ["Cannot read: the stream is closed", undefined]);
  assertEquals(await textOf(pair.stream.readBytes(2)), "tw");
  await assertRejects(() => pair.stream.readBytes(1), StreamClosedError);
  await assertRejects(() => pair.stream.write("x"), StreamClosedError, "Cannot write");
});

Deno.test("stream fails a read when the peer vanishes during it", async () => {
  const connection = new ScriptedConnection();
  using stream = new IOStream(connection);
  const reading = stream.readBytes(100);
  await connection.arrive("half");
  assertEquals(stream.reading(), true);
  await connection.end();
  await assertRejects(() => reading, StreamClosedError);
  assert(stream.closed());
  assert(connection.closed);
});

Deno.test("stream fails a read when it is closed during it", async () => {
  using pair = await Pair.open();
  const reading = pair.stream.readUntil("\n");
  assertEquals(pair.stream.reading(), true);
  const reason = new Error("The server shuts down");
  pair.stream.close(reason);
  const error = await assertRejects(() => reading, StreamClosedError);
  assertStrictEquals(error.realError, reason);
  assertStrictEquals(error.cause, reason);
  assertStrictEquals(pair.stream.error, reason);
  assertEquals(pair.stream.reading(), false);
  await assertRejects(() => pair.stream.readUntilClose(), StreamClosedError);
});

Deno.test("stream whose read nobody awaits does not end the process", async () => {
  using pair = await Pair.open();
  pair.stream.readUntil("\n");
  pair.stream.write("x");
  pair.stream.close();
  pair.stream.write("y");
  // An unhandled rejection would fail the test before the next turn of the loop.
  await gen.moment;
});

Deno.test("stream closes when a line does not end within maxBytes", async () => {
  using pair = await Pair.open();
  await pair.send("x".repeat(20));
  const error = await assertRejects(
    () => pair.stream.readUntil("\n", { maxBytes: 10 }),
    UnsatisfiableReadError,
    "Cannot complete the read: nothing to stop at in the first 10 bytes",
  );
  assertInstanceOf(error, StreamClosedError);
  assert(pair.stream.closed());
  assertStrictEquals(pair.stream.error, error);
  const later = await assertRejects(() => pair.stream.readBytes(1_000), StreamClosedError);
  assertStrictEquals(later.realError, error);
});

Deno.test("stream closes when a line is one byte too long, and takes one that just fits", async () => {
  using pair = await Pair.open();
  await pair.send("123456789\n1234567890\n");
  assertEquals(await textOf(pair.stream.readUntil("\n", { maxBytes: 10 })), "123456789\n");
  await assertRejects(() => pair.stream.readUntil("\n", { maxBytes: 10 }), UnsatisfiableReadError);
});

Deno.test("stream closes when a pattern does not match within its limit", async () => {
  using pair = await Pair.open();
  await pair.send("12345\n1234567");
  assertEquals(await textOf(pair.stream.readUntilRegex(/\n/, { maxBytes: 6 })), "12345\n");
  await assertRejects(
    () => pair.stream.readUntilRegex(/\n/, { maxBytes: 6 }),
    UnsatisfiableReadError,
  );
  using other = await Pair.open();
  const reading = other.stream.readUntilRegex(/\n/);
  other.send("x".repeat(100_000)).catch(() => {});
  await assertRejects(() => reading, UnsatisfiableReadError, "the first 65536 bytes");
});

Deno.test("stream refuses to hold more than maxBufferSize", async () => {
  const options = { maxBufferSize: 100, chunkSize: 64 };
  using counted = await Pair.open(options);
  await assertRejects(
    () => counted.stream.readBytes(101),
    UnsatisfiableReadError,
    "101 bytes are more than maxBufferSize, 100",
  );
  using endless = await Pair.open(options);
  const reading = endless.stream.readUntilClose();
  endless.send("x".repeat(1_000)).catch(() => {});
  await assertRejects(() => reading, UnsatisfiableReadError);
  using line = await Pair.open(options);
  line.send("x".repeat(1_000)).catch(() => {});
  await assertRejects(() => line.stream.readUntil("\n"), UnsatisfiableReadError);
});

Deno.test("stream that times out loses nothing", async () => {
  using pair = await Pair.open();
  await pair.send("ab");
  await assertRejects(
    () => pair.stream.readUntil("\n", { timeout: 10 }),
    TimeoutError,
    "Cannot read: the timeout of 10 ms has passed",
  );
  await assertRejects(() => pair.stream.readInto(new Uint8Array(3), { timeout: 0 }), TimeoutError);
  assertEquals(pair.stream.closed(), false);
  await pair.send("c\n");
  assertEquals(await textOf(pair.stream.readUntil("\n", { timeout: 60_000 })), "abc\n");
});

Deno.test("stream ends a read with the reason of its signal", async () => {
  using pair = await Pair.open();
  const controller = new AbortController();
  const reading = pair.stream.readBytes(1, { signal: controller.signal });
  controller.abort(new Error("Not needed any more"));
  await assertRejects(() => reading, Error, "Not needed");
  await assertRejects(() => pair.stream.readBytes(1, { signal: controller.signal }), Error);
  await pair.send("x");
  assertEquals(await textOf(pair.stream.readBytes(1)), "x");
});

Deno.test("stream refuses a second read at the same time, and senseless ones", async () => {
  using pair = await Pair.open();
  const { stream } = pair;
  const first = stream.readBytes(1);
  await assertRejects(() => stream.readBytes(1), Error, "another read is pending");
  await pair.send("x");
  await first;
  for (const count of [-1, 1.5, NaN]) {
    await assertRejects(() => stream.readBytes(count), RangeError, `count ${count}`);
    await assertRejects(() => stream.readUntil("\n", { maxBytes: count }), RangeError);
  }
  await assertRejects(() => stream.readUntil(""), RangeError, "a delimiter of no bytes");
  await assertRejects(() => stream.readBytes(1, { timeout: -1 }), RangeError);
});

Deno.test("stream writes in the order of the calls, awaited or not", async () => {
  using pair = await Pair.open();
  pair.stream.write("a");
  pair.stream.write(new Uint8Array([98]));
  const last = pair.stream.write("c");
  assertEquals(pair.stream.writing(), true);
  await last;
  assertEquals(pair.stream.writing(), false);
  const received = new Uint8Array(3);
  let count = 0;
  while (count < 3) count += await pair.peer.read(received.subarray(count)) ?? 3;
  assertEquals(new TextDecoder().decode(received), "abc");
});

Deno.test("stream holds back a writer whose peer does not read", async () => {
  const connection = new ScriptedConnection();
  using stream = new IOStream(connection, { maxWriteBufferSize: 100 });
  let sent = false;
  const writing = stream.write("x".repeat(60)).then(() => sent = true);
  await connection.take(59);
  assertEquals(sent, false);
  await assertRejects(
    () => stream.write("y".repeat(41)),
    StreamBufferFullError,
    "Cannot write 41 bytes: 60 are unsent, and 100 may be. Await what was written before",
  );
  assertEquals(stream.closed(), false);
  const fits = stream.write("z".repeat(40));
  assertEquals(await connection.take(), "x");
  await writing;
  assertEquals(await connection.take(), "z".repeat(40));
  await fits;
  assertEquals(stream.writing(), false);
});

Deno.test("stream sends large writes one after the other, however little the peer takes", async () => {
  const connection = new ScriptedConnection();
  using stream = new IOStream(connection);
  const texts = ["a", "b", "c"].map((letter) => letter.repeat(1_000));
  const writes = texts.map((text) => stream.write(text));
  const ended = stream.closeWrite();
  let received = "";
  while (received.length < 3_000) {
    received += await connection.take(300);
    assertLess(connection.writes.length, 2, "two writes are under way at once");
  }
  assertEquals(received, texts.join(""));
  await Promise.all([...writes, ended]);
});

Deno.test("stream sends three writes of 8 MiB in their order over a real connection", async () => {
  using pair = await Pair.open();
  const size = 8 * 2 ** 20;
  const writes = [1, 2, 3].map((byte) => pair.stream.write(new Uint8Array(size).fill(byte)));
  const received = new Uint8Array(3 * size);
  for (let count = 0; count < received.length;) {
    count += await pair.peer.read(received.subarray(count)) ?? Infinity;
  }
  await Promise.all(writes);
  for (const byte of [1, 2, 3]) {
    const part = received.subarray((byte - 1) * size, byte * size);
    assert(part.every((other) => other === byte), `the bytes of write ${byte} are mixed`);
  }
});

Deno.test("stream fails the writes that are pending when it is closed", async () => {
  const connection = new ScriptedConnection();
  using stream = new IOStream(connection);
  const writes = [1, 2].map(() => stream.write("x".repeat(100)));
  await connection.take(50);
  stream.close();
  for (const write of writes) await assertRejects(() => write, StreamClosedError, "Cannot write");
  assertEquals(stream.writing(), false);
});

Deno.test("stream ends its sending side and goes on reading", async () => {
  using pair = await Pair.open();
  pair.stream.write("bye");
  await pair.stream.closeWrite();
  assertEquals(await pair.peer.read(new Uint8Array(9)), 3);
  assertEquals(await pair.peer.read(new Uint8Array(9)), null);
  await pair.send("still here\n");
  assertEquals(await textOf(pair.stream.readUntil("\n")), "still here\n");
});

Deno.test("stream with a close callback notices the end while nobody reads", async () => {
  using logs = captureLogs();
  using pair = await Pair.open();
  const { promise, resolve } = Promise.withResolvers<void>();
  let closes = 0;
  pair.stream.setCloseCallback(function closed() {
    closes++;
    resolve();
    throw new Error("The callback failed");
  });
  await pair.send("unread");
  pair.peer.close();
  await promise;
  await pair.stream.whenClosed();
  assertEquals(await textOf(pair.stream.readBytes(6)), "unread");
  pair.stream.close();
  assertEquals(closes, 1);
  assertEquals(loggedTexts(logs), [
    "error: Exception in callback closed: Error: The callback failed",
  ]);
});

Deno.test("stream calls a close callback that is set too late, and none that was taken back", async () => {
  using pair = await Pair.open();
  pair.stream.setCloseCallback(() => {
    throw new Error("This one was taken back");
  });
  pair.stream.setCloseCallback(null);
  pair.stream.close();
  await new Promise<void>((resolve) => pair.stream.setCloseCallback(resolve));
});

Deno.test("stream that nobody reads hoards one chunk at most", async () => {
  const connection = new ScriptedConnection();
  using stream = new IOStream(connection, { chunkSize: 1_024 });
  stream.setCloseCallback(() => {});
  await connection.arrive("x".repeat(100_000));
  assertEquals(connection.reads, 1);
  const taken = await stream.readBytes(1_000_000, { partial: true });
  assertEquals(taken.length, 1_024);
});

Deno.test("stream reads any text back in any cuts", async () => {
  const line = fc.string({ unit: fc.constantFrom("a", "\r", "é"), maxLength: 20 });
  const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.array(line), cuts, async (lines, cuts) => {
      using pair = await Pair.open({ chunkSize: 7 });
      const bytes = new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join(""));
      const sending = (async () => {
        for (let start = 0, turn = 0; start < bytes.length; turn++) {
          const end = start + (cuts[turn % cuts.length] ?? 1);
          start += await pair.peer.write(bytes.subarray(start, end));
        }
      })();
      let text = "";
      while (text.length < new TextDecoder().decode(bytes).length) {
        text += await textOf(pair.stream.readUntil("\r\n"));
      }
      await sending;
      assertEquals(text, new TextDecoder().decode(bytes));
    }),
    { numRuns: 50 },
  );
});

Deno.test("stream searches for a delimiter in linear time", async () => {
  async function readLongLine(length: number): Promise<void> {
    using pair = await Pair.open({ chunkSize: 1_024 });
    pair.send(`${"\r".repeat(length)}\r\n`);
    await pair.stream.readUntil("\r\n");
  }
  const short = await bestTime(5, () => readLongLine(100_000));
  const long = await bestTime(3, () => readLongLine(1_000_000));
  assertLess(long, short * 40);
});
