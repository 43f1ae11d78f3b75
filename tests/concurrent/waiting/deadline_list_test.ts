import { assertEquals } from "@std/assert";
import { type Deadline, DeadlineList } from "../../../src/concurrent/waiting/deadline_list.ts";
import { fakeClock } from "../../support/fake_clock.ts";

Deno.test("deadlines of one length expire in their order, each once", async () => {
  using clock = fakeClock();
  const expired: string[] = [];
  const list = new DeadlineList<string>((value) => void expired.push(value));
  list.add(10, "a");
  await clock.tick(4);
  list.add(10, "b");
  list.remove(list.add(10, "never"));
  await clock.tick(6);
  assertEquals(expired, ["a"]);
  await clock.tick(4);
  assertEquals(expired, ["a", "b"]);
  assertEquals(clock.pending(), 0);
});

Deno.test("deadline that is set while the last ones of its length go expires as well", async () => {
  using clock = fakeClock();
  const expired: string[] = [];
  const list = new DeadlineList<string>((value) => {
    expired.push(value);
    if (value !== "first") return;
    list.remove(second);
    list.add(10, "third");
  });
  list.add(10, "first");
  const second: Deadline<string> = list.add(10, "second");
  await clock.tick(10);
  assertEquals(expired, ["first"]);
  await clock.tick(10);
  assertEquals(expired, ["first", "third"]);
  assertEquals(clock.pending(), 0);
});
