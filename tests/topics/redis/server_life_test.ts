import { assertEquals, assertThrows } from "@std/assert";
import { parseLife } from "../../../src/topics/redis/server_life.ts";

const ZEROS = "0".repeat(40);

function info(fields: Readonly<Record<string, string>>): string {
  const all = {
    run_id: "a1b2",
    loading: "0",
    aof_enabled: "1",
    role: "master",
    master_replid: "c3".repeat(20),
    master_replid2: ZEROS,
    ...fields,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}:${value}`);
  return ["# Server", ...lines, ""].join("\r\n");
}

Deno.test("a server that logs each command keeps what it acknowledged", () => {
  assertEquals(parseLife(info({})), { run: "a1b2", kept: true });
  assertEquals(parseLife(info({}).replaceAll("\r\n", "\n")), { run: "a1b2", kept: true });
});

Deno.test("a server that saves now and then, and a replica that took over, may not", () => {
  assertEquals(parseLife(info({ aof_enabled: "0" })), { run: "a1b2", kept: false });
  assertEquals(parseLife(info({ master_replid2: "d4".repeat(20) })), { run: "a1b2", kept: false });
});

Deno.test("a server that does not tell is taken for the same as before", () => {
  for (const text of ["", "redis_version:7.0.15\r\n", "nonsense"]) {
    assertEquals(parseLife(text), { run: "", kept: true });
  }
});

Deno.test("nothing is published to a replica, nor to a server that is loading", () => {
  assertThrows(() => parseLife(info({ role: "slave" })), Error, "is a replica");
  assertThrows(() => parseLife(info({ loading: "1" })), Error, "is loading its data");
});
