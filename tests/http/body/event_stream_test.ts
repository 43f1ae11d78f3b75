import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodeLastEventId, formatEvent } from "../../../src/http/body/event_stream.ts";
import { parseEvent } from "../../support/event_reader.ts";

Deno.test("an event is written as its fields, and ends with an empty line", () => {
  assertEquals(formatEvent({ data: "hello" }), "data: hello\n\n");
  assertEquals(
    formatEvent({ data: "d", event: "e", id: "i", retry: 0 }),
    "event: e\nid: i\nretry: 0\ndata: d\n\n",
  );
});

Deno.test("every kind of line break begins a new data line", () => {
  assertEquals(formatEvent({ data: "a\nb\r\nc\rd" }), "data: a\ndata: b\ndata: c\ndata: d\n\n");
  assertEquals(formatEvent({ data: "\n" }), "data: \ndata: \n\n");
  assertEquals(formatEvent({ data: "" }), "data: \n\n");
});

for (const field of ["event", "id"] as const) {
  Deno.test(`a line break in ${field} is refused, so that nobody forges an event`, () => {
    for (const bad of ["a\ndata: forged", "a\r", "\r\n"]) {
      const error = assertThrows(() => formatEvent({ [field]: bad }), TypeError, "a line break");
      assert(error.message.startsWith(`Cannot send an event whose ${field} is "`), error.message);
    }
    assertThrows(() => formatEvent({ [field]: "a\0b" }), TypeError, "it has a NUL");
  });
}

Deno.test("a retry that is not an integer from 0 is refused", () => {
  for (const retry of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => formatEvent({ retry }), RangeError, "must be an integer from 0");
  }
});

Deno.test("an event without a field is refused", () => {
  assertThrows(() => formatEvent({}), TypeError, "without a field");
});

Deno.test("a client reads what was written", () => {
  const line = fc.string({ unit: "binary" }).filter((text) => !/[\r\n\0]/.test(text));
  const text = fc.array(
    fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\n", "\r", "\r\n")),
  )
    .map((parts) => parts.join(""));
  const event = fc.record({ event: line, id: line, retry: fc.nat(), data: text });
  fc.assert(fc.property(event, (written) => {
    const stream = formatEvent(written);
    const expected = { ...written, data: written.data.replace(/\r\n?/g, "\n") };
    assertEquals(stream.indexOf("\n\n"), stream.length - 2);
    assertEquals(parseEvent(stream.slice(0, -2)), expected);
  }));
});

Deno.test("the id of the last event is read as UTF-8", () => {
  assertEquals(decodeLastEventId(null), null);
  assertEquals(decodeLastEventId(""), "");
  assertEquals(decodeLastEventId("42"), "42");
  assertEquals(decodeLastEventId("\u00e2\u0082\u00ac7"), "€7");
  assertEquals(decodeLastEventId("\u00ff"), "\ufffd");
});

Deno.test("formatting an event takes time in proportion to its length", () => {
  const time = (length: number) => {
    const data = "line\r\n".repeat(length);
    return Math.min(...Array.from({ length: 5 }, () => {
      const start = performance.now();
      formatEvent({ data });
      return performance.now() - start;
    }));
  };
  time(20_000);
  assert(time(200_000) < 60 * Math.max(time(20_000), 0.1));
});
