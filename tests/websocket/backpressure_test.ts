import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import type { SlowPeerPolicy } from "../../src/websocket/settings.ts";
import { WebSocketClosedError } from "../../src/websocket/web_socket_error.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { Journal } from "../support/journal.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

const MIB = 1024 * 1024;

/** Messages that are written to one that does not read: twice the memory that they may take. */
const CARELESS = 200;

/** More than the kernel holds for a peer that does not read. */
const FLOOD = 64;

/** A message of 1 MiB that tells its number. */
function numbered(number: number): Uint8Array {
  return new Uint8Array(MIB).fill(number);
}

/** The numbers of the messages that arrive, up to one with text, whose text is the last. */
async function numbersOf(client: RawWebSocket): Promise<(number | string | null)[]> {
  const seen: (number | string | null)[] = [];
  for (;;) {
    const frame = await client.receive();
    if (frame === null || frame.opcode !== 2) {
      return [...seen, frame?.closeCode ?? frame?.text ?? null];
    }
    seen.push(frame.payload[0] ?? -1);
  }
}

Deno.test("writeMessage waits while the client does not read, and goes on when it does", async () => {
  const journal = new Journal<number>();
  class Flooding extends WebSocketHandler {
    override async open() {
      for (let i = 0; i < FLOOD; i++) {
        await this.writeMessage(numbered(i));
        journal.add(i);
      }
      this.writeMessage("done");
    }
  }
  await using server = serve(new Application([["/", Flooding]]));
  using client = await RawWebSocket.connect(server.port, "/");
  await journal.until(1);
  // It can never be over unless somebody reads.
  assertLess(journal.entries.length, FLOOD);
  assertEquals(await numbersOf(client), [...Array(FLOOD).keys(), "done"]);
  await client.close();
});

Deno.test("writeMessage that waits rejects when the client leaves", async () => {
  const journal = new Journal<unknown>();
  class Flooding extends WebSocketHandler {
    override async open() {
      journal.add("open");
      await assertRejects(async () => {
        for (let i = 0; i < FLOOD; i++) await this.writeMessage(numbered(i));
      }, WebSocketClosedError);
      journal.add("rejected");
    }
  }
  await using server = serve(new Application([["/", Flooding]]));
  {
    using _client = await RawWebSocket.connect(server.port, "/");
    await journal.until(1);
  }
  await journal.until(2);
});

Deno.test("writeMessage below the high-water mark settles in the same turn", async () => {
  const journal = new Journal<boolean>();
  class Writing extends WebSocketHandler {
    override open() {
      for (const bytes of [this.highWaterMark, 1]) {
        let settled = false;
        this.writeMessage(new Uint8Array(bytes)).then(() => settled = true, () => {});
        queueMicrotask(() => queueMicrotask(() => journal.add(settled)));
      }
    }
    override get highWaterMark() {
      return 100;
    }
  }
  await using server = serve(new Application([["/", Writing]]));
  using client = await RawWebSocket.connect(server.port, "/");
  // The second message makes it one byte more than the mark.
  assertEquals(await journal.until(2), [true, false]);
  await client.receive();
  await client.receive();
  await client.close();
});

/** Sends numbered messages in one turn, so that none leaves before the last is sent. */
function burst(
  policy: SlowPeerPolicy,
  options: { limit: number; count: number; journal: Journal },
): Application {
  class Bursting extends WebSocketHandler {
    override async open() {
      const writes = Array.from(
        { length: options.count },
        (_, i) => this.writeMessage(numbered(i)),
      );
      const ends = await Promise.allSettled(writes);
      options.journal.add(ends.map((end) => end.status[0]).join(""));
      this.writeMessage("end");
    }
  }
  return new Application([["/", Bursting]], {
    websocketOnSlow: policy,
    websocketMaxBufferedBytes: options.limit,
  });
}

/** By policy and limit: what arrives of five messages, and which writes were fulfilled. */
const POLICIES: [SlowPeerPolicy, limit: number, arrives: (number | string)[], ends: string][] = [
  ["close", 2 * MIB, [0, 1, 2, 1008], "rrrrr"],
  ["close", 2 * MIB - 1, [0, 1, 1008], "rrrrr"],
  ["drop", 2 * MIB, [0, 1, 2, "end"], "fffff"],
  ["drop", 2 * MIB - 1, [0, 1, "end"], "fffff"],
  ["wait", 2 * MIB, [0, 1, 2, 3, 4, "end"], "fffff"],
];

for (const [policy, limit, arrives, ends] of POLICIES) {
  Deno.test(`onSlow "${policy}" with a limit of ${limit} bytes sends ${arrives}`, async () => {
    const journal = new Journal();
    await using server = serve(burst(policy, { limit, count: 5, journal }));
    using client = await RawWebSocket.connect(server.port, "/");
    assertEquals(await numbersOf(client), arrives);
    assertEquals(await journal.until(1), [ends]);
    await client.close();
  });
}

for (const policy of ["close", "drop"] as const) {
  Deno.test(`onSlow "${policy}" keeps memory bounded, whatever is written`, async () => {
    const journal = new Journal();
    class Careless extends WebSocketHandler {
      override open() {
        const message = numbered(0);
        const timer = setInterval(() => {
          if (journal.entries.length + CARELESS / 20 === CARELESS) clearInterval(timer);
          for (let i = 0; i < CARELESS / 20; i++) {
            this.writeMessage(message);
            journal.add("written");
          }
        }, 0);
      }
    }
    const settings = {
      websocketOnSlow: policy,
      websocketMaxBufferedBytes: 4 * MIB,
      websocketCloseTimeout: 20,
    };
    await using server = serve(new Application([["/", Careless]], settings));
    const before = Deno.memoryUsage().rss;
    using _client = await RawWebSocket.connect(server.port, "/");
    await journal.until(CARELESS);
    assertLess(Deno.memoryUsage().rss - before, 100 * MIB);
  });
}

Deno.test("client that takes nothing for twice the ping interval is cut", async () => {
  const journal = new Journal();
  class Flooding extends WebSocketHandler {
    override async open() {
      for (let i = 0; i < FLOOD; i++) await this.writeMessage(numbered(i));
    }
    override onClose() {
      journal.add(`close ${this.closeCode}`);
    }
  }
  const settings = { websocketPingInterval: 30 };
  await using server = serve(new Application([["/", Flooding]], settings));
  using _client = await RawWebSocket.connect(server.port, "/");
  assertEquals(await journal.until(1), ["close 1006"]);
});

/** A room whose members do not read what they get. */
function room(policy: SlowPeerPolicy, journal: Journal): Application {
  class Member extends WebSocketHandler {
    override open() {
      this.subscribe("room");
      journal.add("open");
    }
  }
  return new Application([["/", Member]], { websocketOnSlow: policy });
}

Deno.test('publish waits for a subscriber whose onSlow is "wait"', async () => {
  const journal = new Journal();
  const app = room("wait", journal);
  await using server = serve(app);
  using client = await RawWebSocket.connect(server.port, "/");
  await journal.until(1);
  let settled = false;
  const published = app.publish("room", numbered(1)).then(() => settled = true);
  await Promise.resolve();
  assertEquals(settled, false);
  await client.receive();
  await published;
  await client.close();
});

Deno.test("publish that waits settles when the subscriber leaves", async () => {
  const journal = new Journal();
  const app = room("wait", journal);
  await using server = serve(app);
  let published: Promise<void> | undefined;
  {
    using _client = await RawWebSocket.connect(server.port, "/");
    await journal.until(1);
    published = app.publish("room", new Uint8Array(FLOOD * MIB));
  }
  await published;
});

for (const policy of ["close", "drop"] as const) {
  Deno.test(`publish does not wait for a subscriber whose onSlow is "${policy}"`, async () => {
    const journal = new Journal();
    const app = room(policy, journal);
    await using server = serve(app);
    using client = await RawWebSocket.connect(server.port, "/");
    await journal.until(1);
    let settled = false;
    app.publish("room", numbered(1)).then(() => settled = true);
    await Promise.resolve();
    assert(settled);
    await client.receive();
    await client.close();
  });
}
