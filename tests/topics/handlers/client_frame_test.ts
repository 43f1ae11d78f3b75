import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type ClientLine, parseFrame } from "../../../src/topics/handlers/client_frame.ts";
import { joinLines } from "../../../src/topics/handlers/server_line.ts";

const LINES: [line: string, parsed: ClientLine][] = [
  ['{"type":"hello"}', { type: "hello", token: null }],
  ['{"type":"hello","token":null}', { type: "hello", token: null }],
  ['{"type":"hello","token":"x"}', { type: "hello", token: "x" }],
  ['{"type":"ping","id":"x"}', { type: "ping" }],
  [
    '{"type":"subscribe","id":1,"topic":"t"}',
    { type: "subscribe", id: 1, topic: "t", presence: false },
  ],
  [
    '{"type":"subscribe","id":1,"topic":"t","after":"e.1","last":2,"presence":true}',
    {
      type: "subscribe",
      id: 1,
      topic: "t",
      after: { epoch: "e", offset: 1 },
      last: 2,
      presence: true,
    },
  ],
  [
    '{"type":"subscribe","id":1,"topic":"t","after":null,"last":null,"presence":1}',
    { type: "subscribe", id: 1, topic: "t", presence: false },
  ],
  ['{"type":"unsubscribe","id":2,"topic":"t"}', { type: "unsubscribe", id: 2, topic: "t" }],
  [
    '{"type":"publish","id":3,"topic":"t","data":{"__proto__":1}}',
    { type: "publish", id: 3, topic: "t", data: JSON.parse('{"__proto__":1}') },
  ],
  [
    '{"type":"publish","id":3,"topic":"t","base64":"AQI="}',
    { type: "publish", id: 3, topic: "t", data: new Uint8Array([1, 2]) },
  ],
  ['{"type":"message","id":4,"data":null}', { type: "message", id: 4, data: null }],
  [' { "type" : "ping" } \r', { type: "ping" }],
];

for (const [line, parsed] of LINES) {
  Deno.test(`line ${line} is understood`, () => {
    assertEquals(parseFrame(line, 1), [parsed]);
  });
}

Deno.test("frame has as many lines as it is allowed", () => {
  const line = '{"type":"ping"}';
  assertEquals(parseFrame(`${line}\n${line}`, 2).length, 2);
  assertThrows(() => parseFrame(`${line}\n${line}\n${line}`, 2), SyntaxError, "more than 2 lines");
});

Deno.test("frame of any content is understood or a SyntaxError", () => {
  const value = fc.oneof(fc.jsonValue(), fc.string());
  const fields = fc.record({
    type: fc.oneof(
      fc.constantFrom("hello", "subscribe", "unsubscribe", "publish", "message"),
      value,
    ),
    id: fc.oneof(fc.nat(), value),
    topic: value,
    after: value,
    last: value,
    presence: value,
    token: value,
    data: value,
    base64: value,
  }, { requiredKeys: [] });
  const frame = fc.oneof(
    fc.string(),
    fc.uint8Array(),
    fc.array(fields).map((lines) => lines.map((line) => JSON.stringify(line)).join("\n")),
  );
  fc.assert(fc.property(frame, (frame) => {
    try {
      for (const line of parseFrame(frame, 100)) assert(line.type !== undefined);
    } catch (error) {
      assert(error instanceof SyntaxError);
    }
  }));
});

Deno.test("lines are joined in their order, into frames of up to 64 KiB", () => {
  const line = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.integer({ min: 1, max: 100_000 }).map((length) => "x".repeat(length)),
  ).filter((text) => !text.includes("\n"));
  fc.assert(fc.property(fc.array(line), (lines) => {
    const frames = [...joinLines(lines)];
    assertEquals(frames.flatMap((frame) => frame.split("\n")), lines);
    for (const frame of frames) assert(frame.length <= 65_536 || !frame.includes("\n"));
  }));
});
