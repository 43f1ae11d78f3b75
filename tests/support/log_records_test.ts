import {
  assertEquals,
  AssertionError,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { getConfig, getLogger } from "@logtape/logtape";
import { logApplicationError } from "../../src/log.ts";
import { captureLogs, expectLog } from "./log_records.ts";

Deno.test("captured logs hold every level with the values filled in", () => {
  using records = captureLogs();
  getLogger(["gustnado", "access"]).info("{status} {path}", { status: 200, path: "/" });
  getLogger(["gustnado", "general"]).trace("a detail");
  assertEquals(records.all, [
    { category: "gustnado.access", level: "info", message: "200 /" },
    { category: "gustnado.general", level: "trace", message: "a detail" },
  ]);
  assertEquals(records.messages("gustnado.access"), ["200 /"]);
});

Deno.test("an expected error shows its exception and does not fail the test", async () => {
  using records = captureLogs();
  logApplicationError("Uncaught exception in get()", new RangeError("too windy"));
  const record = await expectLog(records, "error", /RangeError: too windy/);
  assertMatch(record.message, /^Uncaught exception in get\(\)/);
});

Deno.test("expecting a log record waits until it comes", async () => {
  using records = captureLogs();
  const expected = expectLog(records, "warning", /late/);
  await Promise.resolve().then(() => getLogger("fixture").warn("too late"));
  assertEquals((await expected).message, "too late");
});

Deno.test("expecting a log record takes one record only", async () => {
  using records = captureLogs();
  getLogger("fixture").info("once");
  await expectLog(records, "info", /once/);
  const again = () => records.expect(() => true, { description: "again", timeout: 10 });
  const error = await assertRejects(again, AssertionError, "Expected a log record again");
  assertStringIncludes(error.message, "[fixture] info: once");
});

Deno.test("an error on the console counts as a record", async () => {
  using records = captureLogs({ configure: false });
  console.error("Cannot go on:", new Error("calm"));
  const record = await expectLog(records, "error", /^Cannot go on: Error: calm/);
  assertEquals(record.category, "console");
});

Deno.test("a capture puts LogTape and the console back", () => {
  const { error, warn } = console;
  {
    using _records = captureLogs();
  }
  assertEquals(getConfig(), null);
  assertEquals([console.error, console.warn], [error, warn]);
});

Deno.test("an unexpected warning fails the test that caused it, behind its own failure", async () => {
  const fixture = new URL("../fixtures/unexpected_log.ts", import.meta.url).pathname;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", fixture],
    env: { NO_COLOR: "1" },
    stderr: "null",
  }).output();
  const report = new TextDecoder().decode(stdout);
  assertEquals(code, 1);
  assertMatch(report, /AssertionError: Unexpected log records:\n\[fixture\] warning: the first/);
  assertStringIncludes(report, "Unexpected log record: [fixture] warning: the second storm");
  assertStringIncludes(report, "error: Error: the body's own failure");
  assertStringIncludes(report, "1 passed | 2 failed");
});
