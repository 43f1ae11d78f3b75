import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { formatJson } from "../../src/log/json_format.ts";
import type { LogRecord } from "../../src/log/log_record.ts";

function line(given: Partial<LogRecord>): string {
  return formatJson({
    time: Date.UTC(2026, 10, 29, 10, 14, 2, 5),
    logger: "access",
    severity: "warning",
    template: "404 GET /",
    properties: {},
    ...given,
  });
}

Deno.test("line is one JSON object with time, level, logger, message and the fields", () => {
  const text = line({ properties: { status: 404, ms: 0.5, reason: 'a "b"\n', time: "mine" } });
  assertMatch(text, /^[^\n]+\n$/);
  assertEquals(JSON.parse(text), {
    status: 404,
    ms: 0.5,
    reason: 'a "b"\n',
    time: "2026-11-29T10:14:02.005Z",
    level: "warning",
    logger: "access",
    message: "404 GET /",
  });
});

Deno.test("error is an object with its causes, as far as they go", () => {
  const error = new Error("outer", { cause: new RangeError("inner") });
  Object.assign(error.cause as Error, { cause: error });
  const text = line({
    logger: "application",
    template: "{message}\n{error}",
    properties: { message: "Uncaught exception", error },
  });
  const { message, error: fields } = JSON.parse(text);
  assertEquals(message, "Uncaught exception");
  assertEquals([fields.name, fields.message], ["Error", "outer"]);
  assertEquals([fields.cause.name, fields.cause.message], ["RangeError", "inner"]);
  assertMatch(fields.stack, /json_format_test/);
});

Deno.test("values that JSON does not have are text", () => {
  const hostile = new Proxy(new Error("x"), {
    get() {
      throw new Error("no");
    },
  });
  const properties = { big: 5n, none: undefined, not: NaN, list: [1n], map: new Map(), hostile };
  const { big, none, not, list, map, hostile: shown } = JSON.parse(line({ properties }));
  assertEquals([big, none, not, list, map], ["5", "undefined", "NaN", ["1"], "[object Map]"]);
  assertEquals(shown, "a value that cannot be shown");
});

Deno.test("control characters that JSON leaves alone are escaped", () => {
  const text = line({ template: "\u009b31m\u007f" });
  assertNotMatch(text, /[\x7f-\x9f]/);
  assertEquals(JSON.parse(text).message, "\u009b31m\u007f");
});

Deno.test("characters that end a line elsewhere, or turn the direction of writing, are escaped", () => {
  const uri = "/\u2028\u2029\u202e\u2066\u200f\u061c";
  const text = line({ properties: { uri } });
  assertNotMatch(text, /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
  assertEquals(JSON.parse(text).uri, uri);
});
