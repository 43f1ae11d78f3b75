import { assertEquals } from "@std/assert";
import { asynchronous, streamRequestBody } from "../../src/web/decorators.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { bothWays } from "../support/serve.ts";

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
