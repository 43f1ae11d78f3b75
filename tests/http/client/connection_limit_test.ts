import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Application, AsyncHTTPClient, RequestHandler } from "../../../mod.ts";
import { ConnectionLimit } from "../../../src/http/client/connection_limit.ts";
import { serve } from "../../support/serve.ts";

const never = new AbortController().signal;

Deno.test("limit lets requests through in the order in which they came", async () => {
  const limit = new ConnectionLimit({ maxClients: 2, maxClientsPerHost: Infinity });
  assertEquals([limit.tryEnter(""), limit.tryEnter(""), limit.tryEnter("")], [true, true, false]);
  const order: number[] = [];
  const entering = [1, 2, 3].map((n) => limit.enter("", never).then(() => order.push(n)));
  for (let i = 0; i < 3; i++) limit.leave("");
  await Promise.all(entering);
  assertEquals([order, limit.waiting], [[1, 2, 3], 0]);
});

Deno.test("limit gives nobody a place who has given up", async () => {
  const limit = new ConnectionLimit({ maxClients: 1, maxClientsPerHost: 1 });
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
  const limit = new ConnectionLimit({ maxClients: 2, maxClientsPerHost: 1 });
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

Deno.test("limits hold, and all of a thousand fetches are served", async () => {
  let running = 0, most = 0;
  class Slow extends RequestHandler {
    override async get() {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
      this.write("done");
    }
  }
  await using server = serve(new Application([["/", Slow]]));
  using client = new AsyncHTTPClient({ maxClients: 100 });
  const finished: number[] = [];
  await Promise.all(Array.from({ length: 1_000 }, async (_, i) => {
    await client.fetch(server.origin, { requestTimeout: 60_000 });
    finished.push(i);
  }));
  assertEquals(finished.length, 1_000);
  assert(most <= 100 && most > 50, `${most} ran at the same time`);
  // Nobody is overtaken by more than those who may run beside him, and some for scheduling.
  const furthest = Math.max(...finished.map((request, place) => Math.abs(request - place)));
  assert(furthest <= 300, `A request was ${furthest} places off its turn`);
});
