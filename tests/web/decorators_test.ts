import { assertEquals } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import type { HandlerClass } from "../../src/web/handler_traits.ts";
import { asynchronous, streamRequestBody } from "../../src/web/decorators.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { bothWays } from "../support/serve.ts";
import { SHAPES } from "./decorator_shapes.ts";

class LaterHandler extends RequestHandler {
  @asynchronous
  override get() {
    queueMicrotask(() => this.finish("later"));
  }
  override post: () => void = asynchronous(function (this: RequestHandler) {
    setTimeout(() => this.finish("much later"), 0);
  });
  @asynchronous
  override put() {
    throw new Error("at once");
  }
}

bothWays("asynchronous method keeps the response open until finish()", [
  ["/", LaterHandler],
], async (fetch) => {
  assertEquals(await (await fetch("/")).text(), "later");
  assertEquals(await (await fetch("/", { method: "POST" })).text(), "much later");
});

bothWays("exception in an asynchronous method is a 500", [["/", LaterHandler]], async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/", { method: "PUT" })).status, 500);
  await expectLog(records, "error", /at once/);
});

@streamRequestBody
class DecoratedHandler extends RequestHandler {
  override async post() {
    const chunks = await Array.fromAsync(this.request.stream);
    this.write({ bytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0) });
  }
}

const CalledHandler = streamRequestBody(
  class extends RequestHandler {
    #bytes = 0;
    override dataReceived(chunk: Uint8Array) {
      this.#bytes += chunk.length;
    }
    override post() {
      this.write({ bytes: this.#bytes });
    }
  },
);

for (const handler of [DecoratedHandler, CalledHandler]) {
  bothWays(`${handler.name || "class"} under streamRequestBody gets its body as it arrives`, [
    ["/", handler],
  ], async (fetch) => {
    assertEquals(handler.streamRequestBody, true);
    const response = await fetch("/", { method: "POST", body: "12345" });
    assertEquals(await response.json(), { bytes: 5 });
  });
}

Deno.test("streamRequestBody changes its class alone", () => {
  assertEquals(RequestHandler.streamRequestBody, false);
});

// ---- every shape of method, under every decorator

const VERBS = ["GET", "POST", "PUT", "PATCH", "OPTIONS", "DELETE"];

/** A class whose visitors are logged in if their query says so. */
function withLogin(shape: HandlerClass): HandlerClass {
  return class extends shape {
    override getCurrentUser() {
      return this.request.query === "in" ? "maria" : null;
    }
  };
}

/** The status of each method that a class answers. */
async function statuses(name: string, target: string): Promise<Record<string, number>> {
  const shape = SHAPES[name];
  if (shape === undefined) throw new Error(`There is no class ${name}`);
  const app = new Application([["/(a?)(/?)", withLogin(shape)]], { loginUrl: "/login" });
  const found: Record<string, number> = {};
  for (const method of VERBS) {
    const response = await app.fetch(new Request(`http://localhost${target}`, { method }));
    await response.body?.cancel();
    if (response.status !== 405) found[method] = response.status;
  }
  return found;
}

const OPEN = { GET: 200, POST: 200, PUT: 200, PATCH: 200, OPTIONS: 200, DELETE: 200 };
const CLOSED = { GET: 302, POST: 403, PUT: 403, PATCH: 403, OPTIONS: 403, DELETE: 403 };
const { DELETE: _delete, ...MOVED } = { ...CLOSED, GET: 301, POST: 404, PUT: 404 };
const { DELETE: _open, ...HERE } = OPEN;

const SHAPE_RULES: readonly [name: string, target: string, expected: Record<string, number>][] = [
  ["Authenticated", "/a?in", OPEN],
  ["Authenticated", "/a", CLOSED],
  ["AddSlash", "/a/", HERE],
  ["AddSlash", "/a", { ...MOVED, PATCH: 404, OPTIONS: 404 }],
  ["RemoveSlash", "/a", HERE],
  ["RemoveSlash", "/a/", { ...MOVED, PATCH: 404, OPTIONS: 404 }],
  ["Asynchronous", "/a", { GET: 200, POST: 200, PUT: 200 }],
  ["Coroutine", "/a", { GET: 200, POST: 200 }],
  ["Stacked", "/a/?in", { GET: 200, POST: 404, PUT: 200, PATCH: 200, DELETE: 200 }],
  ["Bound", "/a?in", { GET: 200 }],
  ["Generic", "/a?in", { GET: 301 }],
  ["Upload", "/a?in", { POST: 200 }],
  ["Fields", "/a/?in", { GET: 200, POST: 200, PUT: 200, PATCH: 404, DELETE: 200 }],
];

for (const [name, target, expected] of SHAPE_RULES) {
  Deno.test(`decorators keep what methods of every shape do: ${name} at ${target}`, async () => {
    using _records = captureLogs();
    assertEquals(await statuses(name, target), expected);
  });
}
