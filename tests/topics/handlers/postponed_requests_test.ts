import { assertEquals } from "@std/assert";
import { PostponedRequests } from "../../../src/topics/handlers/postponed_requests.ts";

Deno.test("request waits for those below it in its lane, and for no others", () => {
  const postponed = new PostponedRequests();
  assertEquals(postponed.admit(1, "a"), true);
  postponed.add(1, "a");
  assertEquals(postponed.admit(2, "a"), false);
  assertEquals(postponed.admit(2, "b"), true);
  assertEquals(postponed.admit(3, null), true);
  postponed.add(2, "a");
  assertEquals(postponed.admit(1, "a"), true);
  assertEquals(postponed.admit(4, "a"), false);
  assertEquals(postponed.admit(2, "a"), true);
  assertEquals(postponed.admit(4, "a"), true);
  assertEquals(postponed.size, 0);
});

Deno.test("requests that come again together are put off again together", () => {
  const postponed = new PostponedRequests();
  for (const id of [1, 2, 3]) postponed.add(id, "a");
  assertEquals(postponed.admit(1, "a"), true);
  postponed.add(1, "a");
  assertEquals(postponed.admit(2, "a"), false);
  assertEquals([1, 3].map((id) => postponed.has(id)), [true, true]);
});

Deno.test("request that does not come again with those after it is given up", () => {
  const postponed = new PostponedRequests();
  for (const id of [1, 2, 3]) postponed.add(id, "a");
  assertEquals(postponed.admit(2, "a"), true);
  assertEquals(postponed.admit(3, "a"), true);
  assertEquals(postponed.size, 0);
});
