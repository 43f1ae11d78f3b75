import { assertEquals, assertRejects } from "@std/assert";
import { Condition } from "../../../src/concurrent/locks/condition.ts";
import { Event } from "../../../src/concurrent/locks/event.ts";
import { Lock } from "../../../src/concurrent/locks/lock.ts";
import { Queue } from "../../../src/concurrent/queues/queue.ts";
import { Semaphore } from "../../../src/concurrent/locks/semaphore.ts";
import { TimeoutError } from "../../../src/concurrent/waiting/timeout_error.ts";

const NOW = { timeout: 0 };

Deno.test("a timeout of 0 ends every wait at once, and is not taken for none", async () => {
  const full = new Queue<number>(1);
  full.putNowait(1);
  const lock = new Lock();
  using _held = await lock.acquire();
  const waits = {
    "queue get": () => new Queue<number>().get(NOW),
    "queue put": () => full.put(2, NOW),
    "queue join": () => full.join(NOW),
    "event": () => new Event().wait(NOW),
    "semaphore": () => new Semaphore(0).acquire(NOW),
    "lock": () => lock.acquire(NOW),
  };
  for (const [name, wait] of Object.entries(waits)) {
    await assertRejects(wait, TimeoutError, "", name);
  }
  assertEquals(await new Condition().wait(NOW), false);
});
