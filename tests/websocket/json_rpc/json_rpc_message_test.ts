import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readMessage, resultText } from "../../../src/websocket/json_rpc/json_rpc_message.ts";
import { assertLinear } from "../../support/linear.ts";

const ID = fc.oneof(fc.string(), fc.maxSafeInteger(), fc.constant(null));
const PARAMS = fc.oneof(
  fc.array(fc.jsonValue()),
  fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
);

Deno.test("whatever is sent is read, and is one object for each that was sent", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (message) => {
    const { isBatch, items } = readMessage(message, 100);
    assert(items.length >= 1);
    if (!isBatch) assertEquals(items.length, 1);
  }));
});

Deno.test("a call is read as it was written", () => {
  fc.assert(fc.property(fc.string(), PARAMS, ID, (method, params, id) => {
    const text = JSON.stringify({ jsonrpc: "2.0", method, params, id });
    const [item] = readMessage(text, 1).items;
    assertEquals(item, {
      kind: "call",
      method,
      params: JSON.parse(JSON.stringify(params)),
      id: JSON.parse(JSON.stringify(id)),
    });
  }));
});

Deno.test("an answer is read as a reply, and never as a call", () => {
  fc.assert(fc.property(fc.jsonValue(), ID, (result, id) => {
    const [item] = readMessage(resultText(id, result), 1).items;
    assertEquals(item?.kind, "reply");
  }));
});

Deno.test("reading a batch is linear in its size", () => {
  const batch = (n: number) => `[${Array(n).fill('{"jsonrpc":"2.0","method":"x"}').join()}]`;
  assertLinear((n) => readMessage(batch(n), Infinity), { n: 5_000 });
});

Deno.test("what is nested too deep is no JSON", () => {
  const text = `{"jsonrpc":"2.0","method":"x","params":${"[".repeat(5_000)}${"]".repeat(5_000)}}`;
  const [item] = readMessage(text, 1).items;
  assertEquals(item?.kind === "fault" && item.error.code, -32700);
});
