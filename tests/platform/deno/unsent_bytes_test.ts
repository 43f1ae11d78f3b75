/**
 * The limits of what is unsent, to the byte: of Deno's own engine nothing leaves before a turn is over.
 * Others give the kernel at once what it takes, and nobody knows how much that is.
 */
import { assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import type { SlowPeerPolicy } from "../../../src/websocket/settings.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { Journal } from "../../support/journal.ts";
import { MIB, numbered, numbersOf } from "../../support/numbered_messages.ts";
import { RawWebSocket } from "../../support/raw_websocket.ts";
import { serve } from "../../support/serve.ts";

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
