import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  comesToSame,
  isKeptShake,
  shakenOf,
  ShakeRecord,
} from "../../../src/build/shaking/kept_shake.ts";

const SHAKEN = { modules: new Map([["a", "fly();"]]), leftOut: ["Kite.land"], firstUses: "" };

function kept(names: string[]) {
  const record = new ShakeRecord();
  record.note("a", "kite.fly(); kite.land();");
  return record.kept(SHAKEN, new Set(names));
}

Deno.test("a shaken library holds while the application names no more of it, and no less", () => {
  const first = kept(["fly", "own"]);
  assert(comesToSame(first, new Set(["fly", "own"])));
  assert(comesToSame(first, new Set(["fly", "other"])));
  assertFalse(comesToSame(first, new Set(["fly", "land"])));
  assertFalse(comesToSame(first, new Set(["own"])));
  // Whether bodies are read is told by names that stand nowhere in the library.
  assertFalse(comesToSame(first, new Set(["fly", "arrayBuffer"])));
});

Deno.test("a shaken library is the same from JSON", () => {
  const read: unknown = JSON.parse(JSON.stringify(kept(["fly"])));
  assert(isKeptShake(read));
  assertEquals(shakenOf(read), SHAKEN);
  assertFalse(isKeptShake({ modules: [] }));
});
