import { assertEquals } from "@std/assert";
import { addVary } from "../../src/http/vary.ts";

for (
  const [vary, expected] of [
    [null, "Origin"],
    ["Accept-Encoding", "Accept-Encoding, Origin"],
    ["accept-encoding , ORIGIN", "accept-encoding , ORIGIN"],
    ["*", "*"],
    ["X-Origin", "X-Origin, Origin"],
  ] as const
) {
  Deno.test(`Vary ${vary} with Origin added is ${expected}`, () => {
    const headers = new Headers(vary === null ? {} : { vary });
    addVary(headers, "Origin");
    assertEquals(headers.get("vary"), expected);
  });
}
