import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { EventStreamReader, type TestEvent } from "../../src/testing/client/event_stream_reader.ts";
import { assertLinear } from "../support/linear.ts";
import { formatEvent } from "../../src/http/body/event_stream.ts";

function read(...pieces: readonly string[]): TestEvent[] {
  const reader = new EventStreamReader("");
  return pieces.flatMap((piece) => reader.push(piece));
}

Deno.test("fields without a value, comments and unknown fields are read as the standard says", () => {
  assertEquals(read("data\n\n:c\nx: y\ndata:a\ndata:  b\n\n"), [
    { type: "message", data: "", id: "" },
    { type: "message", data: "a\n b", id: "" },
  ]);
});

Deno.test("an event without data is none, but its id counts", () => {
  assertEquals(read("id: 1\nevent: x\n\ndata: a\n\n"), [{ type: "message", data: "a", id: "1" }]);
});

Deno.test("an id with a NUL is ignored, an empty one resets", () => {
  assertEquals(read("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nid\ndata: c\n\n").map(({ id }) => id), [
    "1",
    "1",
    "",
  ]);
});

Deno.test("an event that is not complete at the end is dropped", () => {
  assertEquals(read("data: a\n"), []);
});

Deno.test("a line in many pieces is read in linear time", () => {
  assertLinear((n) => read("data: ", ...Array.from({ length: n }, () => "x"), "\n\n"), {
    n: 2_000,
  });
});

const line = fc.string({ unit: fc.constantFrom("a", ":", " ", "é", "\ud83c\udf2a") });

Deno.test("what is written is read, wherever it is cut, with any line end", () => {
  const event = fc.record({ data: fc.array(line, { minLength: 1 }), event: line, id: line });
  fc.assert(
    fc.property(
      fc.array(event),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.array(fc.nat(400)),
      (events, end, cuts) => {
        const text = events.map(({ data, event, id }) =>
          formatEvent({ data: data.join("\n"), event, id })
        ).join("").replaceAll("\n", end);
        // Something must follow a CR, or it may be the first half of a CRLF.
        const whole = `${text}:`;
        const places = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b)];
        const pieces = places.map((from, i) => whole.slice(from, places[i + 1]));
        assertEquals(
          read(...pieces),
          events.map(({ data, event, id }) => ({
            type: event || "message",
            data: data.join("\n"),
            id,
          })),
        );
      },
    ),
  );
});
