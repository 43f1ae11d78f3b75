import { assert, assertEquals } from "@std/assert";
import { runShaken } from "../support/shaken_tests.ts";

/**
 * Test files of the library, each bundled as an application for Deno: what they do must not need anything
 * that nothing in them names. None reads files beside itself. Those for Workers are in
 * `tests/e2e/workerd_rules.ts`; here is what Workers do not do, such as to end, and a bit of each kind.
 */
const FILES = [
  "web/async_life_cycle_test.ts",
  "web/request/forms_test.ts",
  "web/response/response_stream_test.ts",
  "web/session/session_response_test.ts",
  "web/static/static_file_test.ts",
  "web/unanswering_stores_test.ts",
  "websocket/backpressure_test.ts",
  "websocket/shutdown_test.ts",
];

for (const file of FILES) {
  Deno.test(`what nothing names is not needed: tests/${file}`, async () => {
    const { success, output, leftOut } = await runShaken(file);
    assert(success, output);
    assert(leftOut > 20, `only ${leftOut} members were left out`);
    assertEquals(output.includes("it was left out of the bundle"), false);
  });
}
