import { assertEquals } from "@std/assert";
import { Handover } from "../../../src/topics/memory/handover.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";

Deno.test("what comes while something is handed over comes after it", () => {
  const seen: string[] = [];
  const handover = new Handover<number>((depth) => {
    seen.push(`begin ${depth}`);
    if (depth < 3) handover.push(depth + 1);
    seen.push(`end ${depth}`);
  });
  handover.push(1);
  assertEquals(seen, ["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3"]);
});

Deno.test("what throws as it takes something gets the next all the same, and it is logged", async () => {
  using records = captureLogs();
  const seen: number[] = [];
  const handover = new Handover<number>((item) => {
    seen.push(item);
    if (item === 1) {
      handover.push(2);
      throw new Error("too windy");
    }
  });
  handover.push(1);
  handover.push(3);
  assertEquals(seen, [1, 2, 3]);
  await expectLog(records, "error", /too windy/);
});
