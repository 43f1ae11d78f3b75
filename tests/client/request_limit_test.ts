import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Application, AsyncHTTPClient, RequestHandler } from "../../mod.ts";
import { RequestLimit } from "../../src/client/attempt/request_limit.ts";
import { serve } from "../support/serve.ts";

const never = new AbortController().signal;

Deno.test("limit lets requests through in the order in which they came", async () => {
  const limit = new RequestLimit({ maxClients: 2, maxClientsPerHost: Infinity });
  assertEquals([limit.tryEnter(""), limit.tryEnter(""), limit.tryEnter("")], [true, true, false]);
  const order: number[] = [];
  const entering = [1, 2, 3].map((n) => limit.enter("", never).then(() => order.push(n)));
  for (let i = 0; i < 3; i++) limit.leave("");
  await Promise.all(entering);
  assertEquals([order, limit.waiting], [[1, 2, 3], 0]);
});

Deno.test("limit gives nobody a place who has given up", async () => {
  const limit = new RequestLimit({ maxClients: 1, maxClientsPerHost: 1 });
  assert(limit.tryEnter("a"));
  const abort = new AbortController();
  const [first, second] = [limit.enter("b", abort.signal), limit.enter("b", never)];
  abort.abort(new Error("bored"));
  await assertRejects(() => first, Error, "bored");
  limit.leave("a");
  await second;
  limit.leave("b");
  assertEquals([limit.waiting, limit.tryEnter("b")], [0, true]);
  await assertRejects(() => limit.enter("b", AbortSignal.abort(new Error("late"))), Error, "late");
});

Deno.test("limit of a slow host does not hold up the others", async () => {
  const limit = new RequestLimit({ maxClients: 2, maxClientsPerHost: 1 });
  assert(limit.tryEnter("slow"));
  const waiting = limit.enter("slow", never);
  assertEquals([limit.tryEnter("slow"), limit.tryEnter("quick")], [false, true]);
  limit.leave("slow");
  await waiting;
});

Deno.test("limit below one is refused", () => {
  for (const maxClients of [0, -1, NaN]) {
    assertThrows(() => new AsyncHTTPClient({ maxClients }), RangeError, "maxClients");
  }
});

Deno.test("limits are used up and hold, and a thousand fetches come to their turn in order", async () => {
  const places = 100;
  let running = 0, most = 0;
  let full = Promise.withResolvers<void>();
  /** Answers when as many have come as may be under way: with fewer, nobody would get an answer. */
  class Wave extends RequestHandler {
    override async get() {
      most = Math.max(most, ++running);
      const { promise, resolve } = full;
      if (running === places) {
        full = Promise.withResolvers();
        resolve();
      }
      await promise;
      running--;
    }
  }
  await using server = serve(new Application([["/", Wave]]));
  using client = new AsyncHTTPClient({ maxClients: places });
  const finished: number[] = [];
  await Promise.all(Array.from({ length: 10 * places }, async (_, i) => {
    await client.fetch(server.origin, { requestTimeout: 60_000 });
    finished.push(i);
  }));
  assertEquals(most, places);
  const waves = finished.map((request) => Math.floor(request / places));
  assertEquals(waves, finished.map((_, place) => Math.floor(place / places)));
});
