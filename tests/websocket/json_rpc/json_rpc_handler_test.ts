import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { TimeoutError } from "../../../src/concurrent/waiting/timeout_error.ts";
import { Application } from "../../../src/web/application.ts";
import type { WebSocketClientConnection } from "../../../src/websocket/client/web_socket_client_connection.ts";
import { websocketConnect } from "../../../src/websocket/client/websocket_connect.ts";
import { JSONRPCError } from "../../../src/websocket/json_rpc/json_rpc_error.ts";
import { JSONRPCHandler } from "../../../src/websocket/json_rpc/json_rpc_handler.ts";
import { rpc } from "../../../src/websocket/json_rpc/rpc_method.ts";
import { WebSocketClosedError } from "../../../src/websocket/web_socket_error.ts";
import { Journal } from "../../support/journal.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { poll } from "../../support/poll.ts";
import { serve, type ServedApplication } from "../../support/serve.ts";

const JSON_TYPE = { "Content-Type": "application/json" };

type HandlerClass = new () => JSONRPCHandler;

/** Serves one class, which the application makes. */
function serveHandler(handler: typeof JSONRPCHandler): ServedApplication {
  return serve(new Application([["/rpc", handler]]));
}

function connect(server: ServedApplication): Promise<WebSocketClientConnection> {
  return websocketConnect(`ws://127.0.0.1:${server.port}/rpc`);
}

/** What is answered to a body, in process. */
async function answerTo(
  handler: typeof JSONRPCHandler,
  body: unknown,
  headers: Record<string, string> = JSON_TYPE,
): Promise<{ status: number; answer: unknown }> {
  const text = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await new Application([["/rpc", handler]]).fetch(
    new Request("http://localhost/rpc", { method: "POST", headers, body: text as BodyInit }),
  );
  const answer = await response.text();
  return { status: response.status, answer: answer.startsWith("<") ? "page" : parsed(answer) };
}

function parsed(text: unknown): unknown {
  return text === "" ? undefined : JSON.parse(String(text));
}

function call(method: string, params?: unknown, id: unknown = 1): object {
  return { jsonrpc: "2.0", method, params, id };
}

async function errorOf(
  handler: typeof JSONRPCHandler,
  request: unknown,
): Promise<[code: number, data: unknown]> {
  const { answer } = await answerTo(handler, request);
  const { error } = answer as { error: { code: number; data: unknown } };
  return [error.code, error.data];
}

class Calculator extends JSONRPCHandler {
  static override readonly rpcMethods = ["listed", "dotted.name"];
  @rpc("minuend", "subtrahend")
  subtract(minuend: number, subtrahend = 1) {
    return minuend - subtrahend;
  }
  @rpc
  greet({ name }: { name: string }) {
    return `Hello, ${name}`;
  }
  @rpc
  pair(a: unknown, b: unknown) {
    return [a, b];
  }
  listed() {
    return "listed";
  }
  "dotted.name"() {
    return "dotted";
  }
  unmarked() {
    return "secret";
  }
  @rpc
  nothing() {}
}

Deno.test("client reaches marked and listed methods, and no other", async () => {
  for (const [method, result] of [["listed", "listed"], ["dotted.name", "dotted"]]) {
    const { answer } = await answerTo(Calculator, call(String(method)));
    assertEquals(answer, { jsonrpc: "2.0", result, id: 1 });
  }
  const others = [
    ...["unmarked", "get", "post", "open", "close", "writeMessage", "constructor", "__proto__"],
    ...["toString", "hasOwnProperty", "", "maxBatch", "application", "rpc.discover"],
  ];
  for (const method of others) {
    assertEquals([method, await errorOf(Calculator, call(method))], [method, [-32601, undefined]]);
  }
});

Deno.test("method that overrides a marked one has to be marked itself", async () => {
  class Careful extends Calculator {
    override greet() {
      return "unmarked";
    }
  }
  assertEquals(await errorOf(Careful, call("greet", [{}])), [-32601, undefined]);
  const { answer } = await answerTo(Careful, call("subtract", [3]));
  assertEquals(answer, { jsonrpc: "2.0", result: 2, id: 1 });
});

Deno.test("methods may be listed with the names of their parameters", async () => {
  class Listed extends JSONRPCHandler {
    static override readonly rpcMethods = { divide: ["dividend", "divisor"] };
    divide(dividend: number, divisor: number) {
      return dividend / divisor;
    }
  }
  const { answer } = await answerTo(Listed, call("divide", { divisor: 2, dividend: 8 }));
  assertEquals(answer, { jsonrpc: "2.0", result: 4, id: 1 });
});

Deno.test("parameters that do not fit the method are -32602", async () => {
  const cases: [params: unknown, data: string, method?: string][] = [
    [[], "Expected 1 at least"],
    [[1, 2, 3], "Expected 2 at most"],
    [{ subtrahend: 1 }, 'Missing parameter "minuend"'],
    [{ minuend: 1, other: 2 }, 'Unknown parameter "other"'],
    [JSON.parse('{"__proto__":1}'), 'Unknown parameter "__proto__"'],
    [{ a: 1, b: 2 }, "Expected an array: the parameters have no names", "pair"],
    [undefined, "Expected 2 at least", "pair"],
  ];
  for (const [params, data, method = "subtract"] of cases) {
    assertEquals(await errorOf(Calculator, call(method, params)), [-32602, data]);
  }
});

Deno.test("parameter with a default may be left out, by name and by position", async () => {
  for (const params of [[5], { minuend: 5 }]) {
    const { answer } = await answerTo(Calculator, call("subtract", params));
    assertEquals(answer, { jsonrpc: "2.0", result: 4, id: 1 });
  }
});

Deno.test("parameters by name are one object where they have no names", async () => {
  const { answer } = await answerTo(Calculator, call("greet", { name: "Ada" }));
  assertEquals(answer, { jsonrpc: "2.0", result: "Hello, Ada", id: 1 });
});

Deno.test("ids come back as they were, and what cannot come back is refused", async () => {
  for (const id of ["", "1", 0, -1, 1.5, 2 ** 53 - 1, null]) {
    const { answer } = await answerTo(Calculator, call("listed", undefined, id));
    assertEquals(answer, { jsonrpc: "2.0", result: "listed", id });
  }
  const refused = ["true", "{}", "[]", "1e400", "12345678901234567890"];
  for (const id of refused) {
    const body = `{"jsonrpc":"2.0","method":"listed","id":${id}}`;
    const { answer } = await answerTo(Calculator, body);
    assertEquals((answer as { id: unknown }).id, null);
    assertEquals((await errorOf(Calculator, body))[0], -32600);
  }
});

Deno.test("requests of the same id are each answered", async () => {
  const { answer } = await answerTo(Calculator, [call("listed"), call("listed")]);
  assertEquals(answer, Array(2).fill({ jsonrpc: "2.0", result: "listed", id: 1 }));
});

Deno.test("what is no request is -32600, with its id if it has one", async () => {
  const cases: [request: unknown, id: unknown][] = [
    [1, null],
    ["text", null],
    [null, null],
    [{}, null],
    [{ jsonrpc: "1.0", method: "listed", id: 5 }, 5],
    [{ method: "listed", id: 5 }, 5],
    [{ jsonrpc: "2.0", id: 5 }, 5],
    [{ jsonrpc: "2.0", method: null, id: "x" }, "x"],
    [{ jsonrpc: "2.0", method: "listed", params: "x", id: 5 }, 5],
    [{ jsonrpc: "2.0", method: "listed", params: null, id: 5 }, 5],
    [[[call("listed")]], null],
  ];
  for (const [request, id] of cases) {
    const { answer } = await answerTo(Calculator, JSON.stringify(request));
    const { error, id: given } = [answer].flat()[0] as { error: { code: number }; id: unknown };
    assertEquals([request, error.code, given], [request, -32600, id]);
  }
});

Deno.test("bytes that are no UTF-8 are -32700", async () => {
  const bytes = new Uint8Array([0x22, 0xff, 0x22]);
  const { answer } = await answerTo(Calculator, bytes);
  assertEquals((answer as { error: { code: number } }).error.code, -32700);
});

Deno.test("JSON that is a million arrays deep is answered", async () => {
  const depth = 1_000_000;
  const { status, answer } = await answerTo(Calculator, "[".repeat(depth) + "]".repeat(depth));
  assertEquals(status, 200);
  assert(answer !== undefined);
});

Deno.test("batch that is too large is refused as a whole", async () => {
  const journal = new Journal();
  class Small extends JSONRPCHandler {
    override readonly maxBatch = 2;
    @rpc
    run() {
      journal.add("run");
    }
  }
  const data = "A batch has 2 requests at most";
  assertEquals(await errorOf(Small, Array(3).fill(call("run"))), [-32600, data]);
  assertEquals(journal.entries, []);
  assertEquals((await answerTo(Small, Array(2).fill(call("run")))).status, 200);
});

Deno.test("JSONRPCError goes to the client, with its data", async () => {
  class Rooms extends JSONRPCHandler {
    @rpc
    enter(name: string) {
      throw new JSONRPCError(404, "No such room", { name });
    }
  }
  const { answer } = await answerTo(Rooms, call("enter", ["attic"]));
  const error = { code: 404, message: "No such room", data: { name: "attic" } };
  assertEquals(answer, { jsonrpc: "2.0", error, id: 1 });
});

Deno.test("code of a JSONRPCError is a whole number", () => {
  assertThrows(() => new JSONRPCError(1.5, "half"), RangeError, "1.5");
});

/** What a method may do that makes no answer. */
const FAILURES: [way: string, fail: () => unknown, log: RegExp][] = [
  ["throws", () => {
    throw new Error("password 123");
  }, /password 123/],
  ["rejects", () => Promise.reject(new Error("password 123")), /password 123/],
  ["gives a BigInt", () => 1n, /BigInt/],
  ["gives a circle", () => {
    const circle: Record<string, unknown> = {};
    return circle.circle = circle;
  }, /circular/],
  ["throws an error whose data is no JSON", () => {
    throw new JSONRPCError(1, "number", 1n);
  }, /BigInt/],
];

for (const [way, fail, log] of FAILURES) {
  Deno.test(`method that ${way} is -32603 without a word, and logged`, async () => {
    using records = captureLogs();
    class Failing extends JSONRPCHandler {
      @rpc
      run() {
        return fail();
      }
    }
    const { answer } = await answerTo(Failing, call("run"));
    const error = { code: -32603, message: "Internal error" };
    assertEquals(answer, { jsonrpc: "2.0", error, id: 1 });
    await expectLog(records, "error", log);
  });
}

Deno.test("notification that fails is logged, and not answered", async () => {
  using records = captureLogs();
  class Failing extends JSONRPCHandler {
    @rpc
    run() {
      throw new Error("Wind");
    }
  }
  const { status } = await answerTo(Failing, { jsonrpc: "2.0", method: "run" });
  assertEquals(status, 204);
  await expectLog(records, "error", /Wind/);
});

Deno.test("POST without a content type of JSON is 415", async () => {
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    const { status } = await answerTo(Calculator, call("listed"), { "Content-Type": type });
    assertEquals([type, status], [type, 415]);
  }
  for (const type of ["application/json; charset=utf-8", "application/json-rpc"]) {
    const { status } = await answerTo(Calculator, call("listed"), { "Content-Type": type });
    assertEquals([type, status], [type, 200]);
  }
});

Deno.test("POST of another origin is 403, unless checkOrigin() lets it in", async () => {
  const headers = { ...JSON_TYPE, Origin: "https://elsewhere.example" };
  assertEquals((await answerTo(Calculator, call("listed"), headers)).status, 403);
  class Open extends Calculator {
    override checkOrigin() {
      return true;
    }
  }
  assertEquals((await answerTo(Open, call("listed"), headers)).status, 200);
});

Deno.test("class that offers what it does not have answers 500, and says so", async () => {
  const wrong: [list: string[] | Record<string, string[]>, message: RegExp][] = [
    [["missing"], /"missing" of Wrong: it has no such method/],
    [["get"], /"get" of Wrong: it is one of every handler/],
    [["constructor"], /"constructor" of Wrong: it is one of every handler/],
    [["rpc.list"], /"rpc.list" of Wrong: names that begin with "rpc." are reserved/],
    [{ two: ["one"] }, /the parameters of two\(\): it takes 2, and 1 is named/],
  ];
  for (const [list, message] of wrong) {
    using records = captureLogs();
    class Wrong extends JSONRPCHandler {
      static override readonly rpcMethods = list;
      two(_a: unknown, _b: unknown) {}
      "rpc.list"() {}
    }
    assertEquals((await answerTo(Wrong, call("two"))).status, 500);
    await expectLog(records, "error", message);
  }
});

Deno.test("names of parameters have to fit the method", () => {
  assertThrows(() => rpc("a", "a")(function run() {}), TypeError, "two have the same name");
  const two = (_a: unknown, _b: unknown) => {};
  assertThrows(() => rpc("a")(two), TypeError, "it takes 2");
});

// ---- over a WebSocket

Deno.test("calls of a socket run beside each other, as many as may", async () => {
  const gates: (() => void)[] = [];
  let most = 0;
  let running = 0;
  class Slow extends JSONRPCHandler {
    override readonly maxConcurrent = 3;
    @rpc
    async wait(n: number) {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => gates.push(resolve));
      running--;
      return n;
    }
  }
  await using server = serveHandler(Slow);
  await using socket = await connect(server);
  const calls = Array.from({ length: 10 }, (_, n) => call("wait", [n], n));
  await socket.writeMessage(calls);
  for (let begun = 0; begun < 10; begun++) {
    assert(await poll(() => gates.length > begun));
    gates[begun]?.();
  }
  const answers = parsed(await socket.readMessage()) as { id: number }[];
  assertEquals(answers.map(({ id }) => id), calls.map((_, n) => n));
  assertEquals(most, 3);
});

Deno.test("fast call overtakes a slow one", async () => {
  const gate = Promise.withResolvers<void>();
  class Mixed extends JSONRPCHandler {
    @rpc
    slow() {
      return gate.promise;
    }
    @rpc
    fast() {}
  }
  await using server = serveHandler(Mixed);
  await using socket = await connect(server);
  await socket.writeMessage(call("slow", undefined, "slow"));
  await socket.writeMessage(call("fast", undefined, "fast"));
  assertEquals(parsed(await socket.readMessage()), { jsonrpc: "2.0", result: null, id: "fast" });
  gate.resolve();
  assertEquals(parsed(await socket.readMessage()), { jsonrpc: "2.0", result: null, id: "slow" });
});

Deno.test("client that calls more than may wait is closed with 1008", async () => {
  let begun = 0;
  class Stuck extends JSONRPCHandler {
    override get inboxMessages() {
      return 5;
    }
    override readonly maxConcurrent = 2;
    @rpc
    wait() {
      begun++;
      return new Promise(() => {});
    }
  }
  await using server = serveHandler(Stuck);
  await using socket = await connect(server);
  for (let n = 0; n < 2 + 5 + 1; n++) await socket.writeMessage(call("wait"));
  assertEquals(await socket.readMessage(), null);
  assertEquals(socket.closeCode, 1008);
  assertEquals(begun, 2);
});

Deno.test("client that sends nonsense and does not read is closed", async () => {
  class Strict extends JSONRPCHandler {
    override get maxBufferedBytes() {
      return 64 * 1024;
    }
    override get highWaterMark() {
      return 1024;
    }
  }
  const closed = new Journal<number | null>();
  class Watched extends Strict {
    override onClose() {
      closed.add(this.closeCode);
    }
  }
  await using server = serveHandler(Watched);
  using listener = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await listener.write(new TextEncoder().encode(
    "GET /rpc HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  ));
  // A masked text frame of one byte that is no JSON.
  const flood = new Uint8Array(7 * 4096);
  for (let at = 0; at < flood.length; at += 7) flood.set([0x81, 0x81, 0, 0, 0, 0, 0x78], at);
  const writing = (async () => {
    while (closed.entries.length === 0) await listener.write(flood);
  })().catch(() => {});
  assertEquals(await closed.until(1), [1008]);
  listener.close();
  await writing;
});

Deno.test("server notifies and calls the client", async () => {
  const results = new Journal<unknown>();
  class Caller extends JSONRPCHandler {
    override async open() {
      this.notify("hello", ["world"]);
      results.add(await this.call("add", { a: 1, b: 2 }));
      results.add(await this.call("fail").catch((error) => error));
    }
  }
  await using server = serveHandler(Caller);
  await using socket = await connect(server);
  assertEquals(parsed(await socket.readMessage()), {
    jsonrpc: "2.0",
    method: "hello",
    params: ["world"],
  });
  const asked = { jsonrpc: "2.0", method: "add", params: { a: 1, b: 2 }, id: 1 };
  assertEquals(parsed(await socket.readMessage()), asked);
  await socket.writeMessage({ jsonrpc: "2.0", result: 3, id: 1 });
  assertEquals(parsed(await socket.readMessage()), { jsonrpc: "2.0", method: "fail", id: 2 });
  const error = { code: 7, message: "No", data: "why" };
  await socket.writeMessage({ jsonrpc: "2.0", error, id: 2 });
  const [sum, failure] = await results.until(2);
  assertEquals(sum, 3);
  assert(failure instanceof JSONRPCError);
  assertEquals([failure.code, failure.message, failure.data], [7, "No", "why"]);
});

Deno.test("calls of the client wait until open is done", async () => {
  const journal = new Journal();
  const gate = Promise.withResolvers<void>();
  class Late extends JSONRPCHandler {
    override async open() {
      await gate.promise;
      journal.add("open");
    }
    @rpc
    run() {
      journal.add("run");
    }
  }
  await using server = serveHandler(Late);
  await using socket = await connect(server);
  await socket.writeMessage(call("run"));
  gate.resolve();
  assertEquals(await journal.until(2), ["open", "run"]);
});

Deno.test("open that rejects closes with 1011, and no call is run", async () => {
  using records = captureLogs();
  const journal = new Journal();
  const gate = Promise.withResolvers<void>();
  class Failing extends JSONRPCHandler {
    override open() {
      return gate.promise;
    }
    @rpc
    run() {
      journal.add("run");
    }
  }
  await using server = serveHandler(Failing);
  await using socket = await connect(server);
  await socket.writeMessage(call("run"));
  gate.reject(new Error("Wind"));
  assertEquals(await socket.readMessage(), null);
  assertEquals(socket.closeCode, 1011);
  assertEquals(journal.entries, []);
  await expectLog(records, "error", /Wind/);
});

Deno.test("call that is not answered in time is a TimeoutError, and a late answer is dropped", async () => {
  const results = new Journal<unknown>();
  class Caller extends JSONRPCHandler {
    override async open() {
      results.add(await this.call("slow", [], { timeout: 5 }).catch((error) => error));
    }
    @rpc
    still() {
      return "here";
    }
  }
  await using server = serveHandler(Caller);
  await using socket = await connect(server);
  await socket.readMessage();
  const [error] = await results.until(1);
  assert(error instanceof TimeoutError);
  assertEquals(error.message, 'Cannot call "slow" of the client: no answer within 5 ms');
  for (const id of [1, 1, 99, "x", null, {}]) {
    await socket.writeMessage({ jsonrpc: "2.0", result: 1, id });
  }
  await socket.writeMessage(call("still"));
  assertEquals(parsed(await socket.readMessage()), { jsonrpc: "2.0", result: "here", id: 1 });
});

Deno.test("calls that wait for an answer reject when the client leaves", async () => {
  const results = new Journal<unknown>();
  class Caller extends JSONRPCHandler {
    override open() {
      this.call("left unhandled");
      this.call("slow").catch((error) => results.add(error));
    }
    override onClose() {
      results.add("closed");
      this.call("late").catch((error) => results.add(error));
    }
  }
  await using server = serveHandler(Caller);
  const socket = await connect(server);
  await socket.readMessage();
  socket.close();
  const [first, second, third] = await results.until(3);
  const errors = [first, second, third].filter((each) => each instanceof WebSocketClosedError);
  assertEquals(errors.length, 2);
  assert([first, second].includes("closed"));
});

Deno.test("call over HTTP has no client to call back", async () => {
  class Caller extends JSONRPCHandler {
    @rpc
    async ask() {
      await assertRejects(() => this.call("back"), WebSocketClosedError);
      await assertRejects(() => this.notify("back"), WebSocketClosedError);
      return "asked";
    }
  }
  const { answer } = await answerTo(Caller, call("ask"));
  assertEquals(answer, { jsonrpc: "2.0", result: "asked", id: 1 });
});

Deno.test("what is called with wrong parameters or options is a TypeError", () => {
  const { prototype } = JSONRPCHandler;
  const each: HandlerClass["prototype"] = prototype;
  assertThrows(() => Reflect.apply(each.notify, each, ["x", 1]), TypeError, "array or an object");
  assertThrows(() => Reflect.apply(each.call, each, ["x", "y"]), TypeError, "array or an object");
  assertThrows(() => each.call("x", [], { timeout: 0 }), TypeError, "timeout");
});

Deno.test("client that leaves while a method runs is no error", async () => {
  const gate = Promise.withResolvers<void>();
  const journal = new Journal();
  class Slow extends JSONRPCHandler {
    override onClose() {
      gate.resolve();
    }
    @rpc
    async run() {
      journal.add("begun");
      await gate.promise;
      journal.add("done");
      await this.writeMessage("too late");
    }
  }
  await using server = serveHandler(Slow);
  const socket = await connect(server);
  await socket.writeMessage(call("run"));
  await journal.until(1);
  socket.close();
  await journal.until(2);
});
