import { assert, assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import type { ApplicationSettings } from "../../../src/web/application_settings.ts";
import { HTTPError } from "../../../src/web/http_error.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { poll } from "../../support/poll.ts";
import { rawRequest, RawSocket } from "../../support/raw_socket.ts";
import { bothWays, serve } from "../../support/serve.ts";

class LengthHandler extends RequestHandler {
  override initialize(args: { limit?: number }) {
    if (args.limit !== undefined) this.request.setMaxBodySize(args.limit);
  }
  override post() {
    this.write(`${this.request.body.length}`);
  }
}

class StreamedLengthHandler extends RequestHandler {
  static override readonly streamRequestBody = true;
  #length = 0;
  override prepare() {
    const limit = this.getQueryArgument("limit", null);
    if (limit !== null) this.request.setMaxBodySize(Number(limit));
  }
  override dataReceived(chunk: Uint8Array) {
    this.#length += chunk.length;
  }
  override post() {
    this.write(`${this.#length}`);
  }
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return await new Response(stream).bytes();
}

/** A body without a declared length. */
function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks);
}

const SIZES = { small: 100, large: 100_000 };
const settingsOf = (maxBodySize: number): ApplicationSettings => ({ maxBodySize });

for (const [kind, size] of Object.entries(SIZES)) {
  for (const handler of [LengthHandler, StreamedLengthHandler]) {
    const how = handler === LengthHandler ? "read" : "streamed";
    const create = () => new Application([["/", handler]], settingsOf(size));
    bothWays(
      `${kind} body of exactly maxBodySize is ${how}, and one byte more is a 413`,
      create,
      async (fetch) => {
        using records = captureLogs();
        const post = async (body: BodyInit) => {
          const response = await fetch("/", { method: "POST", body });
          return response.status === 200 ? await response.text() : response.status;
        };
        assertEquals(await post(new Uint8Array(size)), `${size}`);
        assertEquals(await post(streamOf(new Uint8Array(size))), `${size}`);
        assertEquals(await post(new Uint8Array(size + 1)), 413);
        await expectLog(records, "warning", new RegExp(`larger than ${size} bytes`));
        assertEquals(await post(streamOf(new Uint8Array(size), new Uint8Array(1))), 413);
        await expectLog(records, "warning", new RegExp(`larger than ${size} bytes`));
      },
    );
  }
}

bothWays("maxBodySize of 0 allows no body", () => {
  return new Application([["/", LengthHandler]], settingsOf(0));
}, async (fetch) => {
  using records = captureLogs();
  assertEquals(await (await fetch("/", { method: "POST" })).text(), "0");
  assertEquals((await fetch("/", { method: "POST", body: "x" })).status, 413);
  await expectLog(records, "warning", /larger than 0 bytes/);
});

bothWays("setMaxBodySize sets the limit of one request", () => {
  return new Application([
    ["/more", LengthHandler, { limit: 20 }],
    ["/less", LengthHandler, { limit: 5 }],
    ["/", LengthHandler],
    ["/stream", StreamedLengthHandler],
  ], settingsOf(10));
}, async (fetch) => {
  using _records = captureLogs({ configure: false });
  const post = async (path: string, size: number) =>
    (await fetch(path, { method: "POST", body: new Uint8Array(size) })).status;
  assertEquals([await post("/more", 20), await post("/more", 21)], [200, 413]);
  assertEquals([await post("/less", 5), await post("/less", 6)], [200, 413]);
  assertEquals([await post("/", 10), await post("/", 11)], [200, 413]);
  assertEquals([await post("/stream?limit=20", 20), await post("/stream?limit=20", 21)], [
    200,
    413,
  ]);
});

for (const limit of [-1, NaN]) {
  bothWays(`setMaxBodySize refuses ${limit}`, [["/", LengthHandler, { limit }]], async (fetch) => {
    using records = captureLogs();
    assertEquals((await fetch("/", { method: "POST" })).status, 500);
    await expectLog(records, "error", /Cannot set the largest body to/);
  });
}

Deno.test("body that says that it is too large is refused before it is sent", async () => {
  using records = captureLogs();
  const routes = [["/", LengthHandler], ["/stream", StreamedLengthHandler]] as const;
  await using server = serve(new Application(routes, settingsOf(10)));
  for (const path of ["/", "/stream"]) {
    const request = `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000000\r\n\r\n`;
    assertEquals((await rawRequest(server.port, request)).status, 413);
    await expectLog(records, "warning", /larger than 10 bytes/);
  }
});

Deno.test("default limit is 100 MiB", async () => {
  using records = captureLogs();
  await using server = serve(new Application([["/", LengthHandler]]));
  const request = (length: number) =>
    rawRequest(server.port, `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n\r\n`);
  assertEquals((await request(100 * 1024 * 1024 + 1)).status, 413);
  await expectLog(records, "warning", /larger than 104857600 bytes/);
});

bothWays("413 is answered by the handler's own error page", () => {
  return new Application([[
    "/",
    class extends LengthHandler {
      override writeError(status: number) {
        this.finish({ status });
      }
    },
  ]], settingsOf(3));
}, async (fetch) => {
  using records = captureLogs();
  const response = await fetch("/", { method: "POST", body: "four" });
  assertEquals([response.status, await response.json()], [413, { status: 413 }]);
  await expectLog(records, "warning", /larger than 3 bytes/);
});

// ---- compressed bodies

const decompressing = (maxBodySize = 1000) => () =>
  new Application([["/", LengthHandler], ["/stream", StreamedLengthHandler]], {
    decompressRequest: true,
    maxBodySize,
  });

bothWays(
  "compressed body is decompressed with decompressRequest",
  decompressing(),
  async (fetch) => {
    for (const path of ["/", "/stream"]) {
      for (const coding of ["gzip", "x-gzip", "GZIP"]) {
        const response = await fetch(path, {
          method: "POST",
          headers: { "content-encoding": coding },
          body: await gzip(new Uint8Array(1000)),
        });
        assertEquals(await response.text(), "1000");
      }
      const plain = await fetch(path, { method: "POST", body: "plain" });
      assertEquals(await plain.text(), "5");
    }
  },
);

bothWays("limit counts what a body decompresses to", decompressing(), async (fetch) => {
  using records = captureLogs();
  const headers = { "content-encoding": "gzip" };
  for (const path of ["/", "/stream"]) {
    for (const size of [1001, 50_000_000]) {
      const body = await gzip(new Uint8Array(size));
      const response = await fetch(path, { method: "POST", headers, body });
      assertEquals([path, size, response.status], [path, size, 413]);
      await expectLog(records, "warning", /larger than 1000 bytes/);
    }
  }
});

bothWays(
  "damaged compression is a 400, and an unknown one a 415",
  decompressing(),
  async (fetch) => {
    using records = captureLogs();
    const whole = await gzip(new Uint8Array(1000).fill(7));
    const damaged = [
      new TextEncoder().encode("not gzip"),
      whole.slice(0, -5),
      whole.map((byte, index) => index > 12 ? byte ^ 0x55 : byte),
    ];
    for (const path of ["/", "/stream"]) {
      for (const body of damaged) {
        const headers = { "content-encoding": "gzip" };
        assertEquals((await fetch(path, { method: "POST", headers, body })).status, 400);
        await expectLog(records, "warning", /Request body could not be read/);
      }
      for (const coding of ["br", "gzip, gzip", "compress", "x"]) {
        const headers = { "content-encoding": coding };
        assertEquals((await fetch(path, { method: "POST", headers, body: "x" })).status, 415);
        await expectLog(records, "warning", /Unsupported Content-Encoding/);
      }
    }
  },
);

bothWays("compressed body arrives as it is without decompressRequest", [
  ["/", LengthHandler],
], async (fetch) => {
  const body = await gzip(new Uint8Array(1000));
  const headers = { "content-encoding": "gzip" };
  const response = await fetch("/", { method: "POST", headers, body });
  assertEquals(await response.text(), `${body.length}`);
});

// ---- streaming in

class Desk extends Application {
  readonly entries: string[] = [];
  go: PromiseWithResolvers<void> = Promise.withResolvers<void>();
}

class DeskHandler extends RequestHandler<Desk> {
  static override readonly streamRequestBody: boolean = true;
  override async dataReceived(chunk: Uint8Array) {
    this.application.entries.push(`begin ${chunk.length}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.application.entries.push("end");
  }
  override post() {
    this.application.entries.push("post");
    this.write("done");
  }
  override onConnectionClose() {
    this.application.entries.push("onConnectionClose");
  }
  override onFinish() {
    this.application.entries.push("onFinish");
  }
}

bothWays("dataReceived runs before the verb, one call after the other", () => {
  return new Desk([[
    "/",
    class extends DeskHandler {
      override post() {
        super.post();
        const { entries } = this.application;
        const pairs = entries.slice(0, -1);
        assert(pairs.length >= 2);
        assert(pairs.every((entry, index) => entry.startsWith(index % 2 === 0 ? "begin" : "end")));
      }
    },
  ]]);
}, async (fetch) => {
  const body = streamOf(new Uint8Array(70_000), new Uint8Array(70_000), new Uint8Array(3));
  assertEquals(await (await fetch("/", { method: "POST", body })).text(), "done");
});

bothWays("request without a body has no dataReceived", () => {
  return new Desk([[
    "/",
    class extends DeskHandler {
      override get() {
        this.write(this.application.entries.join());
      }
    },
  ]]);
}, async (fetch) => {
  assertEquals(await (await fetch("/")).text(), "");
});

bothWays("request.stream gives the body as it arrives, and in one piece elsewhere", [
  [
    "/(\\w+)",
    class extends RequestHandler {
      override async post() {
        this.write(await new Response(this.request.stream as BodyInit).text());
      }
    },
  ],
  [
    "/streamed/(\\w+)",
    class extends RequestHandler {
      static override readonly streamRequestBody = true;
      override async post() {
        for await (const chunk of this.request.stream) this.write(chunk);
      }
    },
  ],
], async (fetch) => {
  for (const path of ["/a", "/streamed/a"]) {
    const body = streamOf(new TextEncoder().encode("gust"), new TextEncoder().encode("nado"));
    assertEquals(await (await fetch(path, { method: "POST", body })).text(), "gustnado");
    assertEquals(await (await fetch(path, { method: "POST" })).text(), "");
  }
});

bothWays("request.body is an error in a handler that streams it", [
  [
    "/",
    class extends RequestHandler {
      static override readonly streamRequestBody = true;
      override post() {
        this.write(this.request.body);
      }
    },
  ],
], async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/", { method: "POST", body: "x" })).status, 500);
  await expectLog(records, "error", /Cannot read request\.body: the handler has streamRequestBody/);
});

bothWays("handler that streams its body has no form", [
  [
    "/",
    class extends RequestHandler {
      static override readonly streamRequestBody = true;
      override post() {
        this.write(this.getArguments("a"));
      }
    },
  ],
], async (fetch) => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const response = await fetch("/?a=query", { method: "POST", headers, body: "a=form" });
  assertEquals(await response.json(), ["query"]);
});

for (const where of ["prepare", "dataReceived", "error"]) {
  Deno.test(`body need not arrive for an answer out of ${where}`, async () => {
    using records = captureLogs();
    let calls = 0;
    await using server = serve(
      new Application([[
        "/",
        class extends RequestHandler {
          static override readonly streamRequestBody = true;
          override prepare() {
            if (where === "prepare") this.finish("early");
          }
          override dataReceived() {
            calls++;
            if (where === "error") throw new HTTPError(401, { logMessage: "early" });
            this.finish("early");
          }
          override post() {
            throw new Error("never");
          }
        },
      ]]),
    );
    const head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nthe beginning";
    using socket = await RawSocket.connect(server.port);
    await socket.write(head);
    const response = await socket.readResponse();
    assertEquals(response.status, where === "error" ? 401 : 200);
    assertEquals(calls, where === "prepare" ? 0 : 1);
    if (where === "error") await expectLog(records, "warning", /early/);
  });
}

Deno.test("dataReceived that is not done stops the client from sending on", async () => {
  const app = new Desk([[
    "/",
    class extends DeskHandler {
      override async dataReceived() {
        this.application.entries.push("chunk");
        await this.application.go.promise;
      }
    },
  ]]);
  await using server = serve(app);
  const chunk = new Uint8Array(65_536);
  let sent = 0;
  const total = 1000;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent++ < total) controller.enqueue(chunk);
      else controller.close();
    },
  }, { highWaterMark: 0 });
  const answer = fetch(server.origin, { method: "POST", body });
  let before = -1;
  assert(
    await poll(async () => {
      const same = sent === before;
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 30));
      return same && sent > 0;
    }),
  );
  assert(sent < total, `${sent} chunks were taken`);
  app.go.resolve();
  assertEquals(await (await answer).text(), "done");
});

for (const streamed of [true, false]) {
  Deno.test(`client that leaves during an upload ends the request once, unlogged${streamed ? "" : ", read beforehand"}`, async () => {
    using _records = captureLogs();
    const app = new Desk([[
      "/",
      class extends DeskHandler {
        static override readonly streamRequestBody = streamed;
      },
    ]]);
    await using server = serve(app);
    using socket = await RawSocket.connect(server.port);
    await socket.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc");
    if (streamed) assert(await poll(() => app.entries.includes("end")));
    socket.close();
    assert(await poll(() => app.entries.includes("onFinish")));
    assertEquals(app.entries.slice(streamed ? 2 : 0), ["onConnectionClose", "onFinish"]);
  });
}

Deno.test("chunk that is malformed is never a 500", async () => {
  using _records = captureLogs({ configure: false });
  await using server = serve(new Application([["/", LengthHandler]]));
  const head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (
    const chunks of ["zz\r\nab", "-1\r\n", "+2\r\nab\r\n0\r\n\r\n", "1_0\r\n", "2\r\nabcd\r\n"]
  ) {
    assert([0, 400].includes((await rawRequest(server.port, head + chunks)).status));
  }
  assertEquals((await rawRequest(server.port, `${head}2\r\nab\r\n0\r\n\r\n`)).text, "2");
});

Deno.test("bodyTimeout answers 408 to a body that stops halfway", async () => {
  const routes = [["/", LengthHandler], ["/stream", StreamedLengthHandler]] as const;
  await using server = serve(new Application(routes, { bodyTimeout: 30 }));
  for (const path of ["/", "/stream"]) {
    using records = captureLogs();
    const head = `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n`;
    assertEquals((await rawRequest(server.port, `${head}half`)).status, 408);
    await expectLog(records, "warning", /did not arrive within 30 ms/);
  }
});

bothWays("bodyTimeout does not count the time that the handler takes", () => {
  return new Application([[
    "/",
    class extends StreamedLengthHandler {
      override async dataReceived(chunk: Uint8Array) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        super.dataReceived(chunk);
      }
    },
  ]], { bodyTimeout: 400 });
}, async (fetch) => {
  const body = streamOf(new Uint8Array(3), new Uint8Array(4));
  assertEquals(await (await fetch("/", { method: "POST", body })).text(), "7");
});
