import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { AgedMap } from "../../../src/concurrent/collections/aged_map.ts";
import { assertLinear } from "../../support/linear.ts";

Deno.test("aged map behaves as a map that is asked for its first key", () => {
  const step = fc.record({ action: fc.constantFrom("set", "delete", "clear"), key: fc.nat(9) });
  fc.assert(fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
    const map = new AgedMap<number, object>();
    const model = new Map<number, object>();
    for (const { action, key } of steps) {
      if (action === "clear" && key === 0) map.clear(), model.clear();
      else map.delete(key), model.delete(key);
      const value = {};
      if (action === "set") map.set(key, value), model.set(key, value);
      const [oldest] = model;
      assertEquals([map.size, map.get(key)], [model.size, model.get(key)]);
      assertEquals(map.oldest, oldest && { key: oldest[0], value: oldest[1] });
    }
  }));
});

Deno.test("aged map forgets in linear time", () => {
  assertLinear((n) => {
    const map = new AgedMap<number, number>();
    for (let i = 0; i < 2 * n; i++) {
      map.set(i, i);
      if (map.size > n && map.oldest !== undefined) map.delete(map.oldest.key);
    }
  }, { n: 5_000 });
});
