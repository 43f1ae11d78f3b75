import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { assert as assertProperty, property, string } from "fast-check";
import type { LogRecord } from "../../src/log/log_record.ts";
import { formatText } from "../../src/log/text_format.ts";

const PLAIN = { colors: false, short: false };
const TIME = Date.UTC(2026, 10, 29, 10, 14, 2, 5);

function record(given: Partial<LogRecord>): LogRecord {
  return {
    time: TIME,
    logger: "general",
    severity: "info",
    template: "",
    properties: {},
    ...given,
  };
}

function access(properties: LogRecord["properties"]): LogRecord {
  const request = { status: 200, method: "GET", uri: "/", remoteIp: "127.0.0.1", ms: 1.2345 };
  return record({ logger: "access", properties: { ...request, ...properties } });
}

Deno.test("line has time, letter of the level and text", () => {
  const line = formatText(record({ template: "{{a}} {n}", properties: { n: 5 } }), PLAIN);
  assertEquals(line, "2026-11-29T10:14:02.005Z I {a} 5\n");
});

Deno.test("short line has the time of the day of this place", () => {
  const line = formatText(record({ template: "hi" }), { colors: false, short: true });
  assertMatch(line, /^\d\d:14:02 I hi\n$/);
});

Deno.test("line of a request has status, method, path, duration and the reason", () => {
  const text = (properties: LogRecord["properties"]) =>
    formatText(access(properties), PLAIN).slice(27, -1);
  assertEquals(text({}), "200 GET / 1.23ms");
  assertEquals(text({ status: 404, reason: "no route" }), "404 GET / 1.23ms: no route");
  assertEquals(
    text({ remoteIp: "192.0.2.7", requestId: "abc" }),
    "200 GET / 192.0.2.7 abc 1.23ms",
  );
});

Deno.test("a line of an application's own in the access log is shown as it is", () => {
  const line = formatText(record({ logger: "access", template: "mine" }), PLAIN);
  assertEquals(line.slice(27), "mine\n");
});

Deno.test("long path is cut", () => {
  const line = formatText(access({ uri: `/${"x".repeat(5_000)}` }), PLAIN);
  assert(line.length < 300);
  assertMatch(line, /xxx… 1\.23ms\n$/);
});

Deno.test("colours stand around time, level and status, and nowhere without them", () => {
  const line = formatText(access({ status: 503 }), { colors: true, short: true });
  assertStringIncludes(line, "\x1b[31m503\x1b[0m GET /");
  assert(!formatText(access({ status: 503 }), PLAIN).includes("\x1b"));
});

Deno.test("exception has its stack, in lines that stand in", () => {
  const error = new RangeError("too\nwindy\u001b[2J");
  const line = formatText(
    record({
      logger: "application",
      severity: "error",
      template: "{message}\n{error}",
      properties: { message: "Uncaught exception", error },
    }),
    PLAIN,
  );
  const [first, ...rest] = line.trimEnd().split("\n");
  assertEquals(first, "2026-11-29T10:14:02.005Z E Uncaught exception");
  assertEquals(rest[0], "    RangeError: too");
  assertEquals(rest[1], "    windy\\x1b[2J");
  assert(rest.every((line) => line.startsWith("    ")));
});

Deno.test("value that throws for every look is told as such", () => {
  const hostile = new Proxy({}, {
    get() {
      throw new Error("no");
    },
  });
  const line = formatText(record({ template: "{a}", properties: { a: hostile } }), PLAIN);
  assertMatch(line, /a value that cannot be shown\n$/);
});

Deno.test("nothing that a client sends is more than one line, or a control character", () => {
  const given = string({ unit: "binary" });
  assertProperty(
    property(given, given, (uri, reason) => {
      const line = formatText(access({ uri, reason, requestId: reason, remoteIp: uri }), PLAIN);
      assertNotMatch(line.slice(0, -1), /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      const general = formatText(record({ template: "{a}", properties: { a: uri } }), PLAIN);
      assert(general.slice(0, -1).split("\n").slice(1).every((line) => line.startsWith("    ")));
    }),
    { numRuns: 50 },
  );
});
