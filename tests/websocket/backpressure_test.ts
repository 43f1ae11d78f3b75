import { assert, assertEquals, assertLess, assertMatch, assertRejects } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import type { SlowPeerPolicy } from "../../src/websocket/settings.ts";
import { WebSocketClosedError } from "../../src/websocket/web_socket_error.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { Journal } from "../support/journal.ts";
import { MIB, numbered, numbersOf } from "../support/numbered_messages.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

/** Messages that are written to one that does not read: twice the memory that they may take. */
const CARELESS = 200;

/** More than the kernel holds for a peer that does not read. */
const FLOOD = 64;

/** So is this, for what is made in one turn. */
const BURST = 16;

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

/** What arrives last of a burst, and which writes were fulfilled. */
const POLICIES: [SlowPeerPolicy, last: number | string, ends: RegExp][] = [
  ["close", 1008, /^f*r+$/],
  ["drop", "end", /^f+$/],
  ["wait", "end", /^f+$/],
];

for (const [policy, last, ends] of POLICIES) {
  Deno.test(`burst to a client whose onSlow is "${policy}" ends with ${last}`, async () => {
    const journal = new Journal();
    class Bursting extends WebSocketHandler {
      override async open() {
        const writes = Array.from({ length: BURST }, (_, i) => this.writeMessage(numbered(i)));
        const settled = await Promise.allSettled(writes);
        journal.add(settled.map(({ status }) => status[0]).join(""));
        this.writeMessage("end");
      }
    }
    const app = new Application([["/", Bursting]], {
      websocketOnSlow: policy,
      websocketMaxBufferedBytes: 2 * MIB,
    });
    await using server = serve(app);
    using client = await RawWebSocket.connect(server.port, "/");
    const arrived = await numbersOf(client);
    // Nothing is missing in the middle of those that may miss some.
    assertEquals(arrived, [...Array(arrived.length - 1).keys(), last]);
    assertEquals(arrived.length - 1 === BURST, policy === "wait");
    assertMatch((await journal.until(1))[0] ?? "", ends);
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
  // Deno's own engine pings nobody who has a backlog: the library finds them, and cuts.
  assertMatch((await journal.until(1))[0] ?? "", /^close 100[16]$/);
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
  const published = app.publish("room", new Uint8Array(BURST * MIB)).then(() => settled = true);
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
  let published: Promise<unknown> | undefined;
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
