import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { retryDelay } from "../../../src/topics/browser/retry_delay.ts";

const CHANCE = { failures: 3, maxDelay: 20_000 };

Deno.test("a wait is by chance, up to a limit that doubles to the highest", () => {
  for (
    const [failures, limit] of [[0, 500], [1, 1_000], [5, 16_000], [6, 20_000], [5_000, 20_000]]
  ) {
    const delays = Array.from(
      { length: 500 },
      () =>
        retryDelay({ code: 1006, reason: "" }, { failures: failures ?? 0, maxDelay: 20_000 }) ?? -1,
    );
    assert(delays.every((delay) => delay >= 0 && delay < (limit ?? 0)));
    assert(Math.max(...delays) > (limit ?? 0) * 0.9);
  }
});

Deno.test('"come back now" is at once, but not again and again', () => {
  assertEquals(retryDelay({ code: 4000, reason: "" }, { ...CHANCE, failures: 0 }), 0);
  const delays = Array.from({ length: 50 }, () => retryDelay({ code: 4000, reason: "" }, CHANCE));
  assert(Math.max(...delays.map(Number)) > 0);
});

Deno.test('"come back later" is as the reason says, within an hour', () => {
  const first = { ...CHANCE, failures: 0 };
  assertEquals(retryDelay({ code: 4100, reason: "1234" }, first), 1_234);
  assertEquals(retryDelay({ code: 4199, reason: "0" }, first), 0);
  assertEquals(retryDelay({ code: 4100, reason: "9".repeat(100) }, CHANCE), 3_600_000);
});

Deno.test('"come back later" again and again is no sooner than by chance', () => {
  const delays = Array.from(
    { length: 100 },
    () => Number(retryDelay({ code: 4100, reason: "100" }, CHANCE)),
  );
  assert(Math.min(...delays) >= 100);
  assert(Math.max(...delays) > 1_000);
});

Deno.test("whatever the server says, a wait is a number of milliseconds, or there is none", () => {
  const closing = fc.record({ code: fc.integer({ min: 0, max: 4_999 }), reason: fc.string() });
  fc.assert(fc.property(closing, fc.nat(), (closing, failures) => {
    const delay = retryDelay(closing, { failures, maxDelay: 20_000 });
    if (delay !== null) assert(delay >= 0 && delay <= 3_600_000);
  }));
});
