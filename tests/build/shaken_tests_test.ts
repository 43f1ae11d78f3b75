import { assert, assertEquals } from "@std/assert";
import { runShaken } from "../support/shaken_tests.ts";

/**
 * Test files of the library, each bundled as an application: what they do must not need anything that
 * nothing in them names. None reads files beside itself.
 */
const FILES = [
  "web/login_test.ts",
  "web/methods_test.ts",
  "web/middleware/rate_limit_test.ts",
  "web/request/forms_test.ts",
  "web/response/conditional_test.ts",
  "web/routing/routing_test.ts",
  "web/session/session_test.ts",
  "web/signed/signed_cookies_test.ts",
  "web/signed/xsrf_test.ts",
  "web/static/static_file_test.ts",
  "websocket/backpressure_test.ts",
  "websocket/handshake_test.ts",
  "websocket/hooks_test.ts",
  "websocket/limits_test.ts",
];

for (const file of FILES) {
  Deno.test(`what nothing names is not needed: tests/${file}`, async () => {
    const { success, output, leftOut } = await runShaken(file);
    assert(success, output);
    assert(leftOut > 20, `only ${leftOut} members were left out`);
    assertEquals(output.includes("it was left out of the bundle"), false);
  });
}
