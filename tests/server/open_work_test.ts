import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { OpenWork } from "../../src/server/open_work.ts";
import { OpenWorkList } from "../../src/server/server_context.ts";

function work(): OpenWork {
  const links = { openIn: undefined, previousOpen: undefined, nextOpen: undefined };
  return { goAway() {}, cut() {}, ...links };
}

Deno.test("open work is what was added and not taken out again", () => {
  const step = fc.tuple(fc.boolean(), fc.nat(7));
  fc.assert(fc.property(fc.array(step), (steps) => {
    const all = Array.from({ length: 8 }, work);
    const open = new OpenWorkList();
    const expected = new Set<OpenWork>();
    for (const [adds, which] of steps) {
      const one = all[which] ?? work();
      if (!adds) {
        open.delete(one);
        expected.delete(one);
      } else if (!expected.has(one)) {
        open.add(one);
        expected.add(one);
      }
      assertEquals(new Set(open.list()), expected);
      assertEquals(open.size, expected.size);
    }
  }));
});

Deno.test("list of open work keeps no link to one that was taken out", () => {
  const open = new OpenWorkList();
  const [first, second, third] = [work(), work(), work()];
  for (const one of [first, second, third]) open.add(one);
  open.delete(second);
  assertEquals([second.openIn, second.previousOpen, second.nextOpen], [
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(open.list(), [third, first]);
});
