import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { HTTPInputError } from "../../src/http/input_error.ts";

Deno.test("input error is answered with 400 unless it says otherwise", () => {
  assertEquals(new HTTPInputError("x").status, 400);
  assertEquals(new HTTPInputError("x", { status: 413 }).status, 413);
});

Deno.test("input error keeps the error that led to it, and its own name", () => {
  const cause = new Error("reset");
  const error = new HTTPInputError("Request body could not be read", { cause });
  assertStrictEquals(error.cause, cause);
  assertEquals(String(error), "HTTPInputError: Request body could not be read");
  assert(!("cause" in new HTTPInputError("x")));
});
