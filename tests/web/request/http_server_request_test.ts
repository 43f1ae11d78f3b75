import { assert, assertEquals, assertGreater } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import type { HTTPServerRequest } from "../../../src/web/request/http_server_request.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { rawRequest } from "../../support/raw_socket.ts";
import { bothWays, serve } from "../../support/serve.ts";

/** Remembers its requests, so that a test can look at them when they are over. */
class Memory extends Application {
  readonly requests: HTTPServerRequest[] = [];
}

class RememberHandler extends RequestHandler<Memory> {
  override async get(kind: string) {
    this.application.requests.push(this.request);
    if (kind === "async") await undefined;
    if (kind === "early") {
      await undefined;
      this.finish("early");
      await undefined;
      return;
    }
    this.write("ok");
    if (kind === "stream") await this.flush();
  }
}

for (const kind of ["async", "early", "stream"]) {
  const app = new Memory([["/(\\w+)", RememberHandler]]);
  bothWays(`request can be read after its response: ${kind}`, () => app, async (fetch) => {
    app.requests.length = 0;
    const headers = { "x-a": "1", cookie: "c=2" };
    await (await fetch(`/${kind}?q=3`, { headers })).text();
    const [request] = app.requests;
    assert(request !== undefined);
    const { method, path, query, uri } = request;
    assertEquals([method, path, query, uri], ["GET", `/${kind}`, "q=3", `/${kind}?q=3`]);
    assertEquals({ ...request.queryArguments }, { q: ["3"] });
    if (kind === "async") return;
    assertEquals([request.header("x-a"), request.headers.get("x-a")], ["1", "1"]);
    assertEquals({ ...request.cookies }, { c: "2" });
  });
}

bothWays("header is read whatever the case of its name", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        const { request } = this;
        this.write([
          request.header("x-mixed"),
          request.header("X-Mixed"),
          request.header("absent"),
        ]);
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/", { headers: { "X-Mixed": "1" } })).json(), ["1", "1", null]);
});

bothWays("request time runs from the arrival for an onFinish, or from the first call", [
  [
    "/(\\w+)",
    class extends RequestHandler {
      override async get() {
        const first = this.request.requestTime();
        await new Promise((resolve) => setTimeout(resolve, 5));
        const later = this.request.requestTime();
        assert(first >= 0);
        assertGreater(later, first);
        this.write({ first, later });
      }
    },
  ],
], async (fetch) => {
  await (await fetch("/first")).text();
  const { first, later } = await (await fetch("/second")).json();
  assertGreater(later, first);
});

bothWays("whole URL has the scheme, the host, the path and the query", [
  [
    /.*/,
    class extends RequestHandler {
      override get() {
        this.write([this.request.fullUrl(), this.request.raw.url]);
      }
    },
  ],
], async (fetch) => {
  for (const path of ["/", "/a?b=c", "/a%20b?%C3%A9"]) {
    const [full, raw] = await (await fetch(path)).json();
    assertEquals(full, raw);
  }
});

Deno.test("connection of a request is the one that it came in on", async () => {
  const app = new Application([[
    "/",
    class extends RequestHandler {
      override get() {
        const { remoteAddr } = this.request.connection;
        this.write({ ...remoteAddr, ip: this.request.remoteIp });
      }
    },
  ]]);
  await using server = serve(app);
  const { transport, hostname, port, ip } = await (await fetch(server.origin)).json();
  assertEquals([transport, hostname, ip], ["tcp", "127.0.0.1", "127.0.0.1"]);
  assertGreater(port, 0);
  assertEquals((await (await app.fetch(new Request("http://a/"))).json()).ip, "0.0.0.0");
});

bothWays("GET with a body is answered, and its body is not read", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.write({ length: this.request.body.length });
      }
    },
  ],
], async (fetch) => {
  assertEquals(await (await fetch("/")).json(), { length: 0 });
});

/** Shows what became of the URL. */
class ShowUrlHandler extends RequestHandler {
  override get() {
    const { path, query, host } = this.request;
    this.write([host, path, query]);
  }
}

Deno.test("path does not depend on the requests before it", async () => {
  await using server = serve(new Application([[/.*/, ShowUrlHandler]]));
  const cases: [target: string, host: string, expected: string[] | null][] = [
    ["/", "good.example", ["good.example", "/", ""]],
    ["/a?b=/c", "good.example", ["good.example", "/a", "b=/c"]],
    ["https://good.example/a", "good.example", ["good.example", "/a", ""]],
    ["http://other.example/a/b?c", "good.example", ["good.example", "/a/b", "c"]],
    ["/a", "good.example/", null],
    ["/a/b", "good.example?", null],
    ["/a", "good.example", ["good.example", "/a", ""]],
    ["//good.example/a", "good.example", ["good.example", "//good.example/a", ""]],
    ["/a", "good.example.other:81", ["good.example.other:81", "/a", ""]],
    ["/?/", "other.example", ["other.example", "/", "/"]],
    ["/b", "good.exampl", ["good.exampl", "/b", ""]],
  ];
  const request = async ([target, host]: (typeof cases)[number]) => {
    const head = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const { status, body } = await rawRequest(server.port, head);
    return status === 200 ? JSON.parse(new TextDecoder().decode(body ?? undefined)) : null;
  };
  // Each after each, itself included.
  for (const before of cases) {
    for (const now of cases) {
      await request(before);
      assertEquals(await request(now), now[2], `${now.slice(0, 2)} after ${before.slice(0, 2)}`);
    }
  }
});

Deno.test("raw request is there after the response, though it cannot be read", async () => {
  const app = new Memory([["/(\\w+)", RememberSyncHandler]]);
  await using server = serve(app);
  await rawRequest(server.port, "GET /sync HTTP/1.1\r\nHost: h\r\n\r\n");
  const [request] = app.requests;
  assertEquals(request?.raw instanceof Request, true);
  assertEquals(request?.path, "/sync");
});

/** Remembers a request of which nothing was read. */
class RememberSyncHandler extends RequestHandler<Memory> {
  override get() {
    this.application.requests.push(this.request);
    this.write("ok");
  }
}

Deno.test("version is that of HTTP, as far as the runtime tells", async () => {
  class Version extends RequestHandler {
    override get() {
      this.write(this.request.version);
    }
  }
  const app = new Application([["/", Version]]);
  await using server = serve(app);
  const url = `http://127.0.0.1:${server.port}/`;
  for (const http2 of [false, true]) {
    using client = Deno.createHttpClient({ http1: !http2, http2 });
    const response = await fetch(url, { client });
    assertEquals(await response.text(), http2 ? "HTTP/2.0" : "HTTP/1.1");
  }
  const inProcess = await app.fetch(new Request("http://localhost/"));
  assertEquals(await inProcess.text(), "HTTP/1.1");
});
