import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type OpenConnection, OpenConnections } from "../../src/server/open_connections.ts";

function connection(): OpenConnection {
  const links = { openIn: undefined, previousOpen: undefined, nextOpen: undefined };
  return { goAway() {}, cut() {}, ...links };
}

Deno.test("open connections are those that were added and not taken out again", () => {
  const step = fc.tuple(fc.boolean(), fc.nat(7));
  fc.assert(fc.property(fc.array(step), (steps) => {
    const all = Array.from({ length: 8 }, connection);
    const open = new OpenConnections();
    const expected = new Set<OpenConnection>();
    for (const [adds, which] of steps) {
      const one = all[which] ?? connection();
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

Deno.test("open connections keep no link to one that was taken out", () => {
  const open = new OpenConnections();
  const [first, second, third] = [connection(), connection(), connection()];
  for (const one of [first, second, third]) open.add(one);
  open.delete(second);
  assertEquals([second.openIn, second.previousOpen, second.nextOpen], [
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(open.list(), [third, first]);
});
