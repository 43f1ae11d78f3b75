import { assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { websocketConnect } from "../../../src/websocket/client/websocket_connect.ts";
import { JSONRPCHandler } from "../../../src/websocket/json_rpc/json_rpc_handler.ts";
import { rpc } from "../../../src/websocket/json_rpc/rpc_method.ts";
import { bothWays, serve } from "../../support/serve.ts";

class Example extends JSONRPCHandler {
  @rpc("minuend", "subtrahend")
  subtract(minuend: number, subtrahend: number) {
    return minuend - subtrahend;
  }
  @rpc
  sum(...numbers: number[]) {
    return numbers.reduce((sum, number) => sum + number, 0);
  }
  @rpc
  update() {}
  @rpc
  notify_hello() {}
  @rpc
  notify_sum() {}
  @rpc
  get_data() {
    return ["hello", 5];
  }
}

const NOT_FOUND = { code: -32601, message: "Method not found" };
const NO_JSON = { code: -32700, message: "Parse error" };
const INVALID = { code: -32600, message: "Invalid Request" };

/** The examples of the specification, §7: what is sent, and what is answered, if anything. */
const EXAMPLES: [rule: string, sent: string, answer: unknown][] = [
  [
    "parameters by position",
    '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}',
    { jsonrpc: "2.0", result: 19, id: 1 },
  ],
  [
    "parameters by position, the other way round",
    '{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}',
    { jsonrpc: "2.0", result: -19, id: 2 },
  ],
  [
    "parameters by name",
    '{"jsonrpc":"2.0","method":"subtract","params":{"subtrahend":23,"minuend":42},"id":3}',
    { jsonrpc: "2.0", result: 19, id: 3 },
  ],
  [
    "parameters by name, the other way round",
    '{"jsonrpc":"2.0","method":"subtract","params":{"minuend":42,"subtrahend":23},"id":4}',
    { jsonrpc: "2.0", result: 19, id: 4 },
  ],
  ["a notification", '{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', undefined],
  ["a notification of no method", '{"jsonrpc": "2.0", "method": "foobar"}', undefined],
  [
    "a method that is not there",
    '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}',
    { jsonrpc: "2.0", error: NOT_FOUND, id: "1" },
  ],
  [
    "invalid JSON",
    '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]',
    { jsonrpc: "2.0", error: NO_JSON, id: null },
  ],
  [
    "an invalid request",
    '{"jsonrpc": "2.0", "method": 1, "params": "bar"}',
    { jsonrpc: "2.0", error: INVALID, id: null },
  ],
  [
    "a batch of invalid JSON",
    '[{"jsonrpc":"2.0","method":"sum","params":[1,2,4],"id":"1"},{"jsonrpc":"2.0","method"]',
    { jsonrpc: "2.0", error: NO_JSON, id: null },
  ],
  ["an empty batch", "[]", { jsonrpc: "2.0", error: INVALID, id: null }],
  ["an invalid batch", "[1]", [{ jsonrpc: "2.0", error: INVALID, id: null }]],
  ["a batch of three that are invalid", "[1,2,3]", [
    { jsonrpc: "2.0", error: INVALID, id: null },
    { jsonrpc: "2.0", error: INVALID, id: null },
    { jsonrpc: "2.0", error: INVALID, id: null },
  ]],
  [
    "a batch",
    `[
      {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
      {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
      {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
      {"foo": "boo"},
      {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
      {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
    ]`,
    [
      { jsonrpc: "2.0", result: 7, id: "1" },
      { jsonrpc: "2.0", result: 19, id: "2" },
      { jsonrpc: "2.0", error: INVALID, id: null },
      { jsonrpc: "2.0", error: NOT_FOUND, id: "5" },
      { jsonrpc: "2.0", result: ["hello", 5], id: "9" },
    ],
  ],
  [
    "a batch of notifications",
    `[
      {"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
      {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}
    ]`,
    undefined,
  ],
];

/** An error may have more to say. */
function withoutData(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (name, value) => name === "data" ? undefined : value);
}

for (const [rule, body, answer] of EXAMPLES) {
  bothWays(`JSON-RPC answers ${rule}`, [["/rpc", Example]], async (fetch) => {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch("/rpc", { method: "POST", headers, body });
    assertEquals(response.status, answer === undefined ? 204 : 200);
    if (answer === undefined) return;
    assertEquals(response.headers.get("content-type"), "application/json");
    assertEquals(withoutData(await response.json()), answer);
  });

  Deno.test(`JSON-RPC answers ${rule} (over a WebSocket)`, async () => {
    await using server = serve(new Application([["/rpc", Example]]));
    await using socket = await websocketConnect(`ws://127.0.0.1:${server.port}/rpc`);
    socket.writeMessage(body);
    // Where there is no answer, that to the next message is the first.
    socket.writeMessage('{"jsonrpc":"2.0","method":"sum","id":"end"}');
    const answers = [await socket.readMessage()];
    if (answer !== undefined) answers.push(await socket.readMessage());
    const end = { jsonrpc: "2.0", result: 0, id: "end" };
    const expected = answer === undefined ? [end] : [answer, end];
    assertEquals(answers.map((each) => withoutData(JSON.parse(String(each)))), expected);
  });
}
