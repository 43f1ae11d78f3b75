import { assertEquals, assertGreater } from "@std/assert";
import { squareAll } from "../../examples/worker_queue.ts";

Deno.test("worker queue does every job once, by several workers", async () => {
  const results = await squareAll(20, 3);
  const squares = results.map(({ square }) => square).sort((a, b) => a - b);
  assertEquals(squares, Array.from({ length: 20 }, (_, index) => (index + 1) ** 2));
  assertGreater(new Set(results.map(({ worker }) => worker)).size, 1);
});

Deno.test("worker queue ends when there is nothing to do", async () => {
  assertEquals(await squareAll(0, 3), []);
});
