import { assertEquals } from "@std/assert";
import { closest } from "../../src/checks/mistakes.ts";

Deno.test("swapped letters are one mistake, not two", () => {
  assertEquals(closest("gte", ["get", "gate"]), "get");
  assertEquals(closest("xsrfCokoeis", ["xsrfCookies"]), "xsrfCookies");
  assertEquals(closest("abcd", ["badc"]), "badc");
  assertEquals(closest("abc", ["cba"]), undefined);
});
