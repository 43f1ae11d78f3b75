import { assert, assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import fc from "fast-check";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { byteLength, type Chunk } from "../../src/http/body/chunk.ts";
import { MAX_IN_FLIGHT, Outbox, type Progress, type Sender } from "../../src/websocket/outbox.ts";
import { WebSocketClosedError } from "../../src/websocket/web_socket_error.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { type FakeClock, fakeClock, settle } from "../support/fake_clock.ts";
import { FakeServer, type FakeWebSocket } from "../support/fake_web_socket.ts";

const KIB = 1024;
/** Longer than the longest pause between two looks. */
const A_LOOK = 100;

const servers: FakeServer[] = [];

/** A connection to a handler that does what the test says. */
async function opened(
  settings: ApplicationSettings,
): Promise<{ socket: FakeWebSocket; handler: Writing; server: FakeServer }> {
  let handler: Writing | undefined;
  class Opened extends Writing {
    override open() {
      handler = this;
    }
  }
  const server = new FakeServer(Opened, settings);
  servers.push(server);
  const socket = await server.connect();
  if (handler === undefined) throw new Error("The connection did not open");
  return { socket, handler, server };
}

class Writing extends WebSocketHandler {
  readonly ends: (number | null)[] = [];

  override onClose() {
    this.ends.push(this.closeCode);
  }
}

/** Registers a test with a clock of its own, after which every connection ends. */
function timed(name: string, fn: (clock: FakeClock) => Promise<void>): void {
  Deno.test(name, async () => {
    using clock = fakeClock();
    try {
      await fn(clock);
    } finally {
      for (const server of servers.splice(0)) server[Symbol.dispose]();
      await clock.tick(0);
    }
  });
}

/** What became of a promise by now. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  let state = "pending";
  promise.then(() => state = "fulfilled", () => state = "rejected");
  await settle();
  return state;
}

const payload = fc.oneof(
  fc.nat(300).map((size) => "x".repeat(size)),
  fc.nat(100).map((size) => "€".repeat(size)),
  fc.nat(300).map((size) => new Uint8Array(size)),
);
const act = fc.oneof(
  fc.record({ does: fc.constant("write" as const), payload }),
  fc.record({ does: fc.constant("read" as const), bytes: fc.nat(400) }),
  fc.record({ does: fc.constant("wait" as const), ms: fc.nat(70) }),
);

Deno.test("messages arrive in order, and no more than the mark are with the runtime", async () => {
  const run = async (
    acts: (typeof act extends fc.Arbitrary<infer T> ? T : never)[],
    mark: number,
  ) => {
    using clock = fakeClock();
    const { socket, handler } = await opened({
      websocketHighWaterMark: mark,
      websocketPingInterval: 0,
    });
    const written: Chunk[] = [];
    const writes: Promise<void>[] = [];
    for (const step of acts) {
      if (step.does === "write") {
        written.push(step.payload);
        writes.push(handler.writeMessage(step.payload));
      } else if (step.does === "read") socket.read(step.bytes);
      else await clock.tick(step.ms);
      const largest = Math.max(0, ...socket.sent.map(byteLength));
      assertLessOrEqual(socket.bufferedAmount ?? 0, Math.max(mark, largest));
    }
    for (let i = 0; socket.sent.length < written.length && i < 200; i++) {
      socket.read();
      await clock.tick(A_LOOK);
    }
    socket.read();
    await clock.tick(A_LOOK);
    assertEquals(socket.sent, written);
    for (const write of writes) assertEquals(await stateOf(write), "fulfilled");
    assertEquals(clock.pending(), 0);
  };
  const property = fc.asyncProperty(fc.array(act, { maxLength: 40 }), fc.nat(500), run);
  await fc.assert(property, { numRuns: 150 });
});

timed("message above the mark is handed over when nothing else is unsent", async (clock) => {
  const { socket, handler } = await opened({ websocketHighWaterMark: 100 });
  handler.writeMessage("a".repeat(50));
  handler.writeMessage("b".repeat(1_000));
  assertEquals(socket.sent.length, 1);
  socket.read(49);
  await clock.tick(A_LOOK);
  assertEquals(socket.sent.length, 1);
  socket.read(1);
  await clock.tick(A_LOOK);
  assertEquals(socket.sent.length, 2);
  socket.end();
});

/** Messages, and how many of them wait within 1,000 bytes: the shortest counts as 64. */
const COUNTED: [message: string, waiting: number][] = [
  ["", 15],
  ["€".repeat(30), 10],
  ["x".repeat(200), 5],
];

for (const [message, waiting] of COUNTED) {
  timed(`${waiting} messages of ${byteLength(message)} bytes wait within 1,000`, async (clock) => {
    const { socket, handler } = await opened({
      websocketHighWaterMark: 100,
      websocketMaxBufferedBytes: 1_000,
      websocketOnSlow: "drop",
    });
    handler.writeMessage("z".repeat(200));
    socket.bufferedAmount = 1;
    // The first that waits makes the rest wait.
    handler.writeMessage("y".repeat(100));
    for (let i = 0; i < 100; i++) handler.writeMessage(message);
    for (let i = 0; i < 40; i++) {
      socket.read();
      await clock.tick(A_LOOK);
    }
    assertEquals(socket.sent.filter((sent) => sent === message).length, waiting);
    socket.end();
  });
}

timed("runtime has no more than a thousand messages, however short they are", async (clock) => {
  const { socket, handler } = await opened({});
  const writes = Array.from({ length: 3_000 }, (_, i) => handler.writeMessage(`${i}`));
  // A unit of text may have three bytes, and has one here.
  assertLessOrEqual(socket.sent.length, 4 * MAX_IN_FLIGHT);
  assertEquals(await stateOf(Promise.all(writes)), "fulfilled");
  await clock.tick(A_LOOK);
  assertLessOrEqual(socket.sent.length, 4 * MAX_IN_FLIGHT);
  for (let i = 0; socket.sent.length < 3_000; i++) {
    socket.read();
    await clock.tick(A_LOOK);
    assertLessOrEqual(i, 30);
  }
  assertEquals(socket.sent, Array.from({ length: 3_000 }, (_, i) => `${i}`));
  socket.end();
});

timed(
  "peer that takes nothing is handed no more, however often it is written to",
  async (clock) => {
    const { socket, handler } = await opened({ websocketPingInterval: 0 });
    for (let i = 0; i < 20; i++) {
      for (let j = 0; j < 100; j++) handler.writeMessage("€€");
      await clock.tick(A_LOOK);
    }
    // Each look takes the three bytes that a unit of text may have for less than they are.
    assertLessOrEqual(socket.sent.length, 4 * MAX_IN_FLIGHT);
    socket.end();
  },
);

timed("bytes that wait are those of the time when they were written", async (clock) => {
  const { socket, handler } = await opened({ websocketHighWaterMark: 100 });
  const buffer = new Uint8Array(100);
  for (const value of [1, 2, 3]) handler.writeMessage(buffer.fill(value));
  buffer.fill(9);
  for (let i = 0; i < 3; i++) {
    socket.read();
    await clock.tick(A_LOOK);
  }
  // The first was handed to the runtime, which copies it; the fake does not.
  assertEquals(socket.sent.slice(1).map((sent) => sent.at(0)), [2, 3]);
  socket.end();
});

timed("bytes that were published wait as one copy for all", async (clock) => {
  class Member extends WebSocketHandler {
    override open() {
      this.subscribe("all");
    }
  }
  using server = new FakeServer(Member, { websocketHighWaterMark: 100 });
  const members = [await server.connect(), await server.connect()];
  const buffer = new Uint8Array(100);
  for (const value of [1, 2]) server.app.publish("all", buffer.fill(value));
  buffer.fill(9);
  for (const member of members) member.read();
  await clock.tick(A_LOOK);
  const [one, two] = members.map((member) => member.sent[1]);
  assertEquals(one?.at(0), 2);
  assert(one === two);
  for (const member of members) member.end();
});

timed("nothing looks after a connection without a backlog", async (clock) => {
  const { socket, handler } = await opened({ websocketHighWaterMark: 100 });
  handler.writeMessage("x".repeat(101));
  socket.read();
  await clock.tick(A_LOOK);
  assertEquals(clock.pending(), 0);
  handler.writeMessage("x".repeat(101));
  await clock.tick(A_LOOK);
  assertEquals(clock.pending(), 1);
  socket.end();
  assertEquals(clock.pending(), 0);
});

timed(
  "looks become rarer while nothing leaves, and frequent when something does",
  async (clock) => {
    const { socket, handler } = await opened({ websocketHighWaterMark: 1_000 });
    let looks = 0;
    let unsent = 0;
    Object.defineProperty(socket, "bufferedAmount", {
      get: () => (looks++, unsent),
      set: (value: number) => unsent = value,
    });
    for (let i = 0; i < 100; i++) handler.writeMessage("x".repeat(100));
    await clock.tick(1_000);
    looks = 0;
    await clock.tick(1_000);
    assert(looks >= 15 && looks <= 17, `${looks} looks in a second in which nothing left`);
    socket.read(900);
    await clock.tick(64);
    looks = 0;
    await clock.tick(7);
    assert(looks >= 2, `${looks} looks after something left`);
    socket.end();
  },
);

timed("many connections with a backlog are looked after by a timer only", async (clock) => {
  const many = [];
  for (let i = 0; i < 17; i++) many.push(await opened({ websocketHighWaterMark: 100 }));
  for (const { handler } of many) handler.writeMessage("x".repeat(101));
  // The first ones were alone. Their looks are over within a turn of the loop.
  await clock.tick(0);
  let looks = 0;
  for (const { socket } of many) {
    Object.defineProperty(socket, "bufferedAmount", { get: () => (looks++, 101), set: () => {} });
  }
  await clock.tick(1);
  assertLessOrEqual(looks, many.length);
  await clock.tick(640);
  assertLessOrEqual(looks, many.length * 17);
});

timed("close frame comes after the messages that wait", async (clock) => {
  const { socket, handler } = await opened({ websocketHighWaterMark: 100 });
  const writes = ["a", "b", "c"].map((letter) => handler.writeMessage(letter.repeat(100)));
  handler.close(1000, "done");
  for (const [i, write] of writes.entries()) {
    assertEquals(await stateOf(write), i === 0 ? "fulfilled" : "rejected");
  }
  assertEquals([socket.sent.length, socket.closes], [1, []]);
  for (let i = 0; i < 3; i++) {
    socket.read();
    await clock.tick(A_LOOK);
  }
  assertEquals([socket.sent.length, socket.closes], [3, ["1000 done"]]);
  socket.end(1000);
  await clock.tick(0);
  assertEquals([handler.ends, socket.terminated, clock.pending()], [[1000], false, 0]);
});

timed("close frame does not wait where only the runtime has something unsent", async (clock) => {
  const { socket, handler } = await opened({ websocketHighWaterMark: 100 });
  handler.writeMessage("x".repeat(1_000));
  handler.close(3_000);
  assertEquals(socket.closes, ["3000"]);
  socket.read();
  await clock.tick(A_LOOK);
  assertEquals(socket.closes, ["3000"]);
  socket.end(3_000);
});

timed(
  "peer that does not take what waits is cut after closeTimeout, and what waits is dropped",
  async (clock) => {
    const { socket, handler } = await opened({
      websocketHighWaterMark: 100,
      websocketCloseTimeout: 500,
    });
    for (let i = 0; i < 3; i++) handler.writeMessage("x".repeat(100));
    handler.close();
    await clock.tick(499);
    assertEquals([handler.ends, socket.terminated], [[], false]);
    await clock.tick(1);
    assertEquals([handler.ends, socket.terminated, clock.pending()], [[1006], true, 0]);
    socket.read();
    await clock.tick(1_000);
    assertEquals([socket.sent.length, socket.closes], [1, []]);
  },
);

timed("slow peer that is closed gets what waits, and then 1008", async (clock) => {
  const { socket, handler } = await opened({
    websocketHighWaterMark: 100,
    websocketMaxBufferedBytes: 250,
  });
  const writes = [1, 2, 3, 4, 5].map(() => handler.writeMessage("x".repeat(100)));
  assertEquals(await stateOf(Promise.all(writes)), "rejected");
  for (let i = 0; i < 3; i++) {
    socket.read();
    await clock.tick(A_LOOK);
  }
  assertEquals([socket.sent.length, socket.closes], [3, ["1008 Reads too slowly"]]);
  socket.end(1008);
});

/** Ping interval and timeout, and when a peer that takes nothing is dead. */
const STALLS: [settings: ApplicationSettings, limit: number][] = [
  [{ websocketPingInterval: 1_000 }, 2_000],
  [{ websocketPingInterval: 1_000, websocketPingTimeout: 500 }, 1_500],
  [{}, 60_000],
];

for (const [settings, limit] of STALLS) {
  const rule = `peer that takes nothing for ${limit} ms with ${JSON.stringify(settings)} is cut`;
  timed(`${rule}, whatever is written in the meantime`, async (clock) => {
    const { socket, handler } = await opened({
      ...settings,
      websocketHighWaterMark: 100,
      websocketOnSlow: "wait",
    });
    const write = handler.writeMessage("x".repeat(101));
    const rejects = assertRejects(() => write, WebSocketClosedError);
    for (let i = 0; i < 9; i++) {
      await clock.tick(limit / 10);
      handler.writeMessage("more");
    }
    assertEquals([handler.ends, socket.terminated], [[], false]);
    await clock.tick(limit / 10 + A_LOOK);
    assertEquals([handler.ends, socket.terminated, clock.pending()], [[1006], true, 0]);
    await rejects;
  });

  timed(
    `peer that takes something within ${limit} ms with ${JSON.stringify(settings)} is not cut`,
    async (clock) => {
      const { socket, handler } = await opened({ ...settings, websocketHighWaterMark: 100 });
      handler.writeMessage("x".repeat(200));
      for (let i = 0; i < 5; i++) {
        await clock.tick(limit - A_LOOK);
        socket.read(10);
      }
      await clock.tick(A_LOOK);
      assertEquals([handler.ends, socket.terminated], [[], false]);
      socket.end();
    },
  );
}

timed("peer is never dead where the ping interval is 0", async (clock) => {
  const { socket, handler } = await opened({
    websocketPingInterval: 0,
    websocketHighWaterMark: 100,
  });
  handler.writeMessage("x".repeat(101));
  await clock.tick(200_000);
  assertEquals([handler.ends, socket.terminated], [[], false]);
  socket.end();
});

for (const readyState of [2, 3]) {
  timed(
    `socket in state ${readyState}, whose end is not told, is given up after closeTimeout`,
    async (clock) => {
      const { socket, handler } = await opened({
        websocketHighWaterMark: 100,
        websocketCloseTimeout: 500,
        websocketOnSlow: "wait",
      });
      const first = handler.writeMessage("x".repeat(101));
      await clock.tick(A_LOOK);
      // The runtime says that nothing is unsent, for it sends nothing any more.
      socket.readyState = readyState;
      socket.bufferedAmount = 0;
      await clock.tick(A_LOOK);
      const second = handler.writeMessage("x");
      assertEquals([await stateOf(first), await stateOf(second)], ["pending", "pending"]);
      assertEquals(socket.sent.length, 1);
      await clock.tick(500);
      assertEquals([await stateOf(first), await stateOf(second)], ["rejected", "rejected"]);
      assertEquals([handler.ends, socket.terminated, clock.pending()], [[1006], true, 0]);
    },
  );
}

timed("runtime that does not tell what is unsent is handed everything", async (clock) => {
  const { socket, handler } = await opened({ websocketHighWaterMark: 100 });
  socket.bufferedAmount = undefined;
  const writes = [1, 2, 3].map(() => handler.writeMessage(new Uint8Array(KIB)));
  assertEquals(await stateOf(Promise.all(writes)), "fulfilled");
  assertEquals([socket.sent.length, clock.pending()], [3, 0]);
  socket.end();
});

/** A sender without a socket, and what the outbox did to it. */
class Recorder implements Sender {
  readonly highWaterMark = 1_000;
  readonly stallTimeout = 50;
  readonly sent: Chunk[] = [];
  unsent = 0;
  inFlight = 0;
  left = 0;
  cuts = 0;
  drained = 0;

  measure() {
    this.unsent = this.left;
    if (this.left === 0) this.inFlight = 0;
  }
  transmit(message: Chunk, bytes: number) {
    this.sent.push(message);
    this.left += bytes;
    this.unsent += bytes;
    this.inFlight++;
  }
  onDrained() {
    this.drained++;
  }
  cut() {
    this.cuts++;
  }
}

Deno.test("look says whether the next one is worth while, and cuts a dead peer", () => {
  const sender = new Recorder();
  const outbox = new Outbox(sender);
  /** By time: what is unsent with the runtime, what the look finds, and how often it was cut. */
  const looks: [now: number, left: number, progress: Progress, cuts: number][] = [
    [0, 1_000, "moving", 0],
    [10, 1_000, "stuck", 0],
    [20, 501, "moving", 0],
    [69, 501, "stuck", 0],
    [70, 501, "stuck", 1],
    [80, 500, "hungry", 1],
    [129, 500, "stuck", 1],
    [130, 500, "stuck", 2],
    [140, 0, "hungry", 2],
    [150, 0, "drained", 2],
  ];
  for (let i = 0; i < 3; i++) outbox.put(new Uint8Array(1_000));
  for (const [now, left, progress, cuts] of looks) {
    sender.left = left;
    assertEquals([now, outbox.look(now), sender.cuts], [now, progress, cuts]);
  }
  assertEquals([sender.sent.length, sender.drained, outbox.size], [3, 1, 0]);
});

Deno.test("write that waited settles once, and the next one waits by itself", async () => {
  const sender = new Recorder();
  const outbox = new Outbox(sender);
  outbox.put(new Uint8Array(1_001));
  const first = outbox.settle();
  sender.left = 0;
  outbox.look(0);
  assertEquals(await stateOf(first), "fulfilled");
  outbox.flush();
  outbox.put(new Uint8Array(1_001));
  const second = outbox.settle();
  assertEquals(await stateOf(second), "pending");
  sender.left = 0;
  outbox.look(1);
  assertEquals(await stateOf(second), "fulfilled");
});
