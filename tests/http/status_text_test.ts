import { assertEquals } from "@std/assert";
import { STATUS_CODES } from "node:http";
import { statusText } from "../../src/http/status_text.ts";

/** Those that Node calls otherwise. */
const RENAMED: Readonly<Record<number, string>> = {
  413: "Content Too Large",
  418: "I'm a teapot",
};

Deno.test("status text is that of the registry, and where it has changed, that which runtimes send", () => {
  for (const [status, text] of Object.entries(STATUS_CODES)) {
    if (status === "509") continue;
    assertEquals(statusText(Number(status)), RENAMED[Number(status)] ?? text, status);
  }
  for (const status of [99, 104, 209, 225, 306, 419, 420, 430, 450, 499, 509, 512, NaN]) {
    assertEquals(statusText(status), undefined, String(status));
  }
});
