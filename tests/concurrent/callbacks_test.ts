/** What a user's callback throws or rejects with is logged, is never fatal, and spoils nothing. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  gen,
  IOLoop,
  type IOStream,
  PeriodicCallback,
  PriorityQueue,
  Queue,
  type QueueStorage,
  TCPClient,
  TCPServer,
  Timer,
} from "@gustnado/gustnado";
import { fakeClock } from "../support/fake_clock.ts";
import { captureLogs, expectLog, type LogRecords } from "../support/log_records.ts";

const loop = IOLoop.current();

/** The ways for a callback to fail, async ones included. */
const FAILURES: Readonly<Record<string, () => unknown>> = {
  "throws": () => {
    throw new Error("The callback failed");
  },
  "rejects at once": () => Promise.reject(new Error("The callback failed")),
  "rejects later": async () => {
    await null;
    throw new Error("The callback failed");
  },
  "returns a thenable that rejects": () => ({
    then: (_: unknown, reject: (error: Error) => void) => reject(new Error("The callback failed")),
  }),
  "returns a thenable that throws": () => ({
    then: () => {
      throw new Error("The callback failed");
    },
  }),
  "returns a promise whose then cannot be looked at": () => ({
    get then(): never {
      throw new Error("The callback failed");
    },
  }),
  "throws what is no error": () => {
    throw "The callback failed";
  },
};

/** Everything of the toolkit that calls a user's function when nobody waits for it. */
const CALLERS: Readonly<Record<string, (callback: () => unknown) => unknown>> = {
  "addCallback": (callback) => loop.addCallback(callback),
  "spawnCallback": (callback) => loop.spawnCallback(callback),
  "callLater": (callback) => loop.callLater(1, callback),
  "callAt": (callback) => loop.callAt(loop.time(), callback),
  "addTimeout": (callback) => loop.addTimeout({ milliseconds: 1 }, callback),
  "addFuture": (callback) => loop.addFuture(Promise.resolve(), callback),
  "addFuture of a failure": (callback) => loop.addFuture(Promise.reject(new Error("No")), callback),
  "a timer": (callback) => new Timer(1, callback),
  "setCloseCallback": async (callback) => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using stream = await new TCPClient().connect("127.0.0.1", listener.addr.port);
    using _peer = await listener.accept();
    stream.setCloseCallback(callback);
  },
};

for (const [caller, call] of Object.entries(CALLERS)) {
  Deno.test(`${caller} logs the failure of its callback and the loop goes on`, async (test) => {
    for (const [failure, callback] of Object.entries(FAILURES)) {
      await test.step(`one that ${failure}`, async () => {
        using logs = captureLogs();
        await call(callback);
        await expectLog(logs, "error", /Exception in callback .*[^]*The callback failed/);
        await goesOn();
        assertEquals(logs.all.length, 1);
      });
    }
  });
}

for (const [failure, callback] of Object.entries(FAILURES)) {
  Deno.test(`periodic callback that ${failure} is logged and called again`, async () => {
    using logs = captureLogs();
    using clock = fakeClock();
    using ticker = new PeriodicCallback(callback, 10);
    ticker.start();
    await clock.tick(30);
    await expectThree(logs, /Exception in callback .*[^]*The callback failed/);
    assertEquals(logs.all.length, 3);
    assert(ticker.isRunning());
  });

  Deno.test(`periodic callback whose random() ${failure} ticks without jitter`, async () => {
    using logs = captureLogs();
    using clock = fakeClock();
    const times: number[] = [];
    using ticker = new PeriodicCallback(() => times.push(performance.now()), 10, {
      jitter: 1,
      random: callback as () => number,
    });
    ticker.start();
    await clock.tick(25);
    assertEquals(times, [10, 20]);
    await expectThree(logs, /Exception in callback random[^]*The callback failed/);
    await expectThree(logs, /has no jitter/, "warning");
    ticker.stop();
  });

  Deno.test(`server whose handler ${failure} logs it, hangs up and serves the next`, async () => {
    using logs = captureLogs();
    class Failing extends TCPServer {
      override handleStream(stream: IOStream): Promise<void> {
        if (++connections === 1) return callback() as Promise<void>;
        return stream.write("served").then(() => stream.close());
      }
    }
    let connections = 0;
    await using server = new Failing();
    server.listen(0, { hostname: "127.0.0.1" });
    using first = await new TCPClient().connect("127.0.0.1", server.port);
    assertEquals((await first.readUntilClose()).length, 0);
    await expectLog(
      logs,
      "error",
      /Exception in the handler of a connection[^]*The callback failed/,
    );
    using second = await new TCPClient().connect("127.0.0.1", server.port);
    assertEquals((await second.readUntilClose()).length, 6);
    assertEquals(logs.all.length, 1);
  });
}

for (const drawn of [NaN, -1, 2, "0.5", null]) {
  Deno.test(`periodic callback whose random() gives ${drawn} ticks without jitter`, async () => {
    using logs = captureLogs();
    using clock = fakeClock();
    let ticks = 0;
    using ticker = new PeriodicCallback(() => ticks++, 10, {
      jitter: 1,
      random: () => drawn as number,
    });
    ticker.start();
    await clock.tick(25);
    assertEquals(ticks, 2);
    await expectThree(logs, /has no jitter: random\(\) gave/, "warning");
  });
}

Deno.test("server keeps the stream of a handler that returns something that is no promise", async () => {
  class Keeper extends TCPServer {
    override handleStream(stream: IOStream): void {
      loop.addCallback(() => stream.write("kept").then(() => stream.close()));
      // What an arrow function gives by accident.
      return 1 as unknown as undefined;
    }
  }
  await using server = new Keeper();
  server.listen(0, { hostname: "127.0.0.1" });
  using stream = await new TCPClient().connect("127.0.0.1", server.port);
  assertEquals((await stream.readUntilClose()).length, 4);
});

for (const order of [undefined, NaN, true, "1", 1n, null]) {
  Deno.test(`priority queue refuses an item when compare gives ${order}`, () => {
    let answer: unknown = order;
    const queue = new PriorityQueue<number>(0, { compare: () => answer as number });
    queue.putNowait(1);
    assertThrows(() => queue.putNowait(2), TypeError, "the compare function returned");
    assertEquals(queue.qsize(), 1);
    answer = 1;
    queue.putNowait(3);
    assertEquals([queue.getNowait(), queue.getNowait()], [1, 3]);
  });
}

Deno.test("priority queue whose compare is async refuses the item and logs its rejection", async () => {
  using logs = captureLogs();
  const compare = () => Promise.reject(new Error("The comparison failed")) as unknown as number;
  const queue = new PriorityQueue<number>(0, { compare });
  await queue.put(1);
  await assertRejects(() => queue.put(2), TypeError, "returned an object of class Promise");
  await expectLog(logs, "error", /Exception in a comparison[^]*The comparison failed/);
});

Deno.test("priority queue rejects the putters whose items cannot be placed, and gives what it has", async () => {
  let failing = false;
  const queue = new PriorityQueue<number>(2, {
    compare: (a, b) => {
      if (failing) throw new Error("The comparison failed");
      return a - b;
    },
  });
  queue.putNowait(1);
  queue.putNowait(2);
  const puts = Promise.allSettled([3, 4, 5].map((item) => queue.put(item)));
  failing = true;
  assertEquals(queue.getNowait(), 1);
  assertEquals((await puts).map(({ status }) => status), ["rejected", "rejected", "rejected"]);
  failing = false;
  assertEquals([queue.getNowait(), queue.qsize()], [2, 0]);
});

/** A stack that can refuse to give. */
class Stubborn implements QueueStorage<number> {
  readonly items: number[] = [];
  failing = false;

  get size(): number {
    return this.items.length;
  }

  push(item: number): void {
    this.items.push(item);
  }

  shift(): number | undefined {
    if (this.failing) throw new Error("The storage failed");
    return this.items.shift();
  }
}

Deno.test("queue whose storage fails never holds more than its maximum and one, and loses no getter", async () => {
  const storage = new Stubborn();
  const queue = new Queue<number>(1, { storage });
  const getting = queue.get();
  storage.failing = true;
  assertThrows(() => queue.putNowait(1), Error, "The storage failed");
  storage.failing = false;
  assertEquals(String(queue), "<Queue maxsize=1 size=1 getters[1] tasks=1>");
  assertEquals(queue.getNowait(), 1);
  queue.putNowait(2);
  assertEquals(await getting, 2);

  queue.putNowait(3);
  const puts = [4, 5, 6].map((item) => queue.put(item));
  storage.failing = true;
  for (let attempt = 0; attempt < 3; attempt++) {
    await assertRejects(() => queue.get(), Error, "The storage failed");
  }
  assertEquals(queue.qsize(), 2);
  storage.failing = false;
  assertEquals([3, 4, 5, 6].map(() => queue.getNowait()), [3, 4, 5, 6]);
  await Promise.all(puts);
});

/** A callback that is added later is called all the same. */
async function goesOn(): Promise<void> {
  await new Promise<void>((resolve) => loop.addCallback(resolve));
  await gen.moment;
}

async function expectThree(
  logs: LogRecords,
  pattern: RegExp,
  level: "error" | "warning" = "error",
): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await expectLog(logs, level, pattern);
}
