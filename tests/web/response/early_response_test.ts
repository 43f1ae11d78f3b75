/** Responses that leave before their handler is done, or whose client leaves before they are. */
import { assert, assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { StreamEncoder } from "../../../src/web/response/content_encoder.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { poll } from "../../support/poll.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { serve } from "../../support/serve.ts";

/** What a handler still sees of its request once the client has its response. */
const SEEN = "dorothy 127.0.0.1 dorothy";

for (const when of ["at once", "later", "by flush()", "by a later flush()", "in onFinish"]) {
  Deno.test(`handler that answers ${when} and goes on still sees its request`, async () => {
    const answered = Promise.withResolvers<void>();
    const seen = Promise.withResolvers<string>();
    class Handler extends RequestHandler {
      override async get() {
        if (when.includes("later")) await undefined;
        if (when.includes("flush()")) {
          this.write("ok");
          await this.flush();
        } else {
          this.finish("ok");
        }
        await this.look();
      }
      async look() {
        await answered.promise;
        const { request } = this;
        try {
          const name = request.header("x-name");
          seen.resolve(`${name} ${request.remoteIp} ${request.headers.get("x-name")}`);
        } catch (error) {
          seen.reject(error);
        }
      }
    }
    class Late extends Handler {
      override async get() {
        await undefined;
        this.write("ok");
      }
      override async onFinish() {
        await this.look();
      }
    }
    const handler = when === "in onFinish" ? Late : Handler;
    await using server = serve(new Application([["/", handler]]));
    using socket = await RawSocket.connect(server.port);
    await socket.write("GET / HTTP/1.1\r\nHost: h\r\nX-Name: dorothy\r\n\r\n");
    if (when.includes("flush()")) await socket.readBytes(100);
    else await socket.readResponse();
    // A turn of the loop after the response, the runtime knows nothing more of the request.
    await fetch(server.origin, { method: "DELETE" }).then((response) => response.body?.cancel());
    answered.resolve();
    assertEquals(await seen.promise, SEEN);
  });
}

Deno.test("handler whose client leaves a stream still sees its request", async () => {
  const left = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<string>();
  class Handler extends RequestHandler {
    override async get() {
      await undefined;
      this.write("ok");
      await this.flush();
      await left.promise;
      try {
        const { request } = this;
        seen.resolve(`${request.header("x-name")} ${request.remoteIp}`);
      } catch (error) {
        seen.reject(error);
      }
    }
    override onConnectionClose() {
      left.resolve();
    }
  }
  await using server = serve(new Application([["/", Handler]]));
  const socket = await RawSocket.connect(server.port);
  await socket.write("GET / HTTP/1.1\r\nHost: h\r\nX-Name: dorothy\r\n\r\n");
  await socket.readBytes(50);
  socket[Symbol.dispose]();
  assertEquals(await seen.promise, "dorothy 127.0.0.1");
});

const END = new TextEncoder().encode("\r\n0\r\n\r\n");

/** Counts the compressors that are let go of. */
class Closings implements Disposable {
  readonly closed: Set<StreamEncoder> = new Set();
  readonly #close = StreamEncoder.prototype.close;
  constructor() {
    const { closed } = this;
    const close = this.#close;
    StreamEncoder.prototype.close = function () {
      closed.add(this);
      close.call(this);
    };
  }
  [Symbol.dispose]() {
    StreamEncoder.prototype.close = this.#close;
  }
}

for (const how of ["reads it to its end", "leaves", "is cut off"]) {
  Deno.test(`compressor of a streamed response is let go of when its client ${how}`, async () => {
    using closings = new Closings();
    const more = Promise.withResolvers<void>();
    class Handler extends RequestHandler {
      override async get() {
        this.write("a".repeat(2_000));
        await this.flush();
        await more.promise;
        if (how === "is cut off") throw new Error("broken");
      }
      override logException() {}
    }
    const app = new Application([["/", Handler]], { compressResponse: true });
    await using server = serve(app);
    {
      using socket = await RawSocket.connect(server.port);
      await socket.write("GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
      await socket.readBytes(100);
      if (how !== "leaves") more.resolve();
      if (how === "reads it to its end") await socket.readUntil(END);
      if (how === "is cut off") await poll(() => closings.closed.size === 1);
    }
    assert(
      await poll(() => closings.closed.size === 1),
      "The compressor is still there",
    );
    more.resolve();
  });
}

Deno.test("handler that answers during an upload gets nothing more of it", async () => {
  let received = 0;
  class Handler extends RequestHandler {
    static override readonly streamRequestBody = true;
    override dataReceived() {
      received++;
      if (!this.finished) this.finish("enough");
    }
    override post() {}
  }
  const ended = Promise.withResolvers<string>();
  let left = 3;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left-- > 0) return controller.enqueue(new Uint8Array(1));
      controller.close();
      ended.resolve("read to its end");
    },
    cancel: () => ended.resolve("given up"),
  }, { highWaterMark: 0 });
  const request = new Request("http://localhost/", { method: "POST", body });
  const response = await new Application([["/", Handler]]).fetch(request);
  assertEquals([await response.text(), await ended.promise, received], ["enough", "given up", 1]);
});
