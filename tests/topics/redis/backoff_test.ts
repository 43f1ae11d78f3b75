import { assert, assertLessOrEqual } from "@std/assert";
import { Backoff } from "../../../src/topics/redis/backoff.ts";

function assertWithin(value: number, longest: number): void {
  assertLessOrEqual(value, longest);
  assertLessOrEqual(longest / 2, value);
}

Deno.test("the pauses double up to the longest, each by chance down to its half", () => {
  const backoff = new Backoff(100, 2_000);
  for (const longest of [100, 200, 400, 800, 1_600, 2_000, 2_000]) {
    assertWithin(backoff.next(), longest);
  }
  for (let count = 0; count < 2_000; count++) backoff.next();
  assertWithin(backoff.next(), 2_000);
  backoff.reset();
  assertWithin(backoff.next(), 100);
  const pauses = new Set(Array.from({ length: 10 }, () => new Backoff(100, 2_000).next()));
  assert(pauses.size > 1);
});

Deno.test("a longest pause below the first one is as long as that", () => {
  const backoff = new Backoff(100, 10);
  assertWithin(backoff.next(), 100);
  assertWithin(backoff.next(), 100);
});
