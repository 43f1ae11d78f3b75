import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ProxyHandler, type ProxyOptions } from "../../src/proxy/proxy_handler.ts";
import { UpstreamUrl } from "../../src/proxy/upstream_url.ts";
import { Application } from "../../src/web/application.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";
import { rawRequest } from "../support/raw_socket.ts";
import { serve, type ServedApplication } from "../support/serve.ts";

/** A server behind, on a port of its own. */
function behind(answer: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen: () => {},
    onError: () => new Response(null, { status: 500 }),
  }, answer);
  const target = `http://127.0.0.1:${server.addr.port}`;
  return { target, server, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** Tells what it was sent. */
async function echo(request: Request): Promise<Response> {
  return Response.json({
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    body: await request.text(),
  });
}

interface Echoed {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

function front(
  options: ProxyOptions,
  listen: object = {},
  settings: object = {},
): ServedApplication {
  return serve(new Application([["/*", ProxyHandler, options]], settings), listen);
}

const ask = async (url: string, init?: RequestInit) =>
  (await (await fetch(url, init)).json()) as Echoed;

Deno.test("the server behind hears of no program that the client did not name", async () => {
  await using back = behind(echo);
  await using server = front({ target: back.target });
  const { text } = await rawRequest(server.port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const { headers } = JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1));
  assertEquals(headers["user-agent"] ?? "", "");
  const named = await ask(server.origin, { headers: { "user-agent": "gust/1" } });
  assertEquals(named.headers["user-agent"], "gust/1");
});

Deno.test("an argument of the route that is unknown is answered with those that there are", () => {
  const options = { upstream: "http://127.0.0.1:1" } as unknown as ProxyOptions;
  assertThrows(
    () => new Application([["/*", ProxyHandler, options]]),
    TypeError,
    'Unknown argument of the route "/*" to ProxyHandler "upstream": there is "target"',
  );
});

Deno.test("a request is passed on: method, path, query, fields and body", async () => {
  await using back = behind(echo);
  await using server = front({ target: back.target });
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"]) {
    const echoed = await ask(`${server.origin}/a%20b//c;d=1?x=%2F&y`, {
      method,
      body: "b\u00fcdy",
      headers: { "x-own": "1", cookie: "a=b; c=d", authorization: "Bearer x" },
    });
    assertEquals([echoed.method, echoed.body], [method, "b\u00fcdy"]);
    assertEquals(
      new URL(echoed.url).pathname + new URL(echoed.url).search,
      "/a%20b//c;d=1?x=%2F&y",
    );
    const { headers } = echoed;
    assertEquals([headers["x-own"], headers["cookie"], headers["authorization"]], [
      "1",
      "a=b; c=d",
      "Bearer x",
    ]);
    assertEquals([headers["content-length"], headers["transfer-encoding"]], ["5", undefined]);
  }
});

Deno.test("a response is passed back: status, fields, cookies, and no redirect is followed", async () => {
  await using back = behind(() => {
    const headers = new Headers({ "x-own": "1", "alt-svc": 'h3=":443"', location: "/there" });
    headers.append("set-cookie", "a=1; Path=/");
    headers.append("set-cookie", "b=2; HttpOnly");
    return new Response("moved", { status: 307, headers });
  });
  await using server = front({ target: back.target });
  const response = await fetch(server.origin, { redirect: "manual" });
  assertEquals([response.status, await response.text()], [307, "moved"]);
  assertEquals(response.headers.getSetCookie(), ["a=1; Path=/", "b=2; HttpOnly"]);
  const { headers } = response;
  assertEquals([headers.get("x-own"), headers.get("location"), headers.get("alt-svc")], [
    "1",
    "/there",
    null,
  ]);
});

for (const status of [204, 205, 304]) {
  Deno.test(`a ${status} is passed back without a body`, async () => {
    await using back = behind(() => new Response(null, { status, headers: { etag: '"a"' } }));
    await using server = front({ target: back.target });
    const response = await fetch(server.origin);
    assertEquals([response.status, response.headers.get("etag")], [
      status === 205 ? 204 : status,
      '"a"',
    ]);
    assertEquals(await response.text(), "");
  });
}

Deno.test("HEAD has the length of the body that it does not have", async () => {
  await using back = behind(() => new Response(null, { headers: { "content-length": "1000" } }));
  await using server = front({ target: back.target });
  const response = await fetch(server.origin, { method: "HEAD" });
  assertEquals([response.headers.get("content-length"), await response.text()], ["1000", ""]);
});

Deno.test("fields of one connection end with it, both ways", async () => {
  await using back = behind(echo);
  await using server = front({ target: back.target });
  const { text } = await rawRequest(
    server.port,
    "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n" +
      "Proxy-Authorization: Basic x\r\nProxy-Connection: close\r\nTE: trailers\r\nTrailer: a\r\n" +
      "Upgrade: h2c\r\nX-Kept: 1\r\n\r\n",
  );
  const { headers } = JSON.parse(text) as Echoed;
  for (
    const name of [
      "x-hop",
      "keep-alive",
      "proxy-authorization",
      "proxy-connection",
      "te",
      "trailer",
      "upgrade",
    ]
  ) {
    assertEquals([name, headers[name]], [name, undefined]);
  }
  assertEquals([headers["x-kept"], headers["host"]], ["1", "a.example"]);

  await using chatty = behind(() =>
    new Response("x", {
      headers: {
        "connection": "x-hop",
        "x-hop": "1",
        "keep-alive": "5",
        "proxy-authenticate": "x",
      },
    })
  );
  await using second = front({ target: chatty.target });
  const response = await fetch(second.origin);
  await response.text();
  for (const name of ["x-hop", "keep-alive", "proxy-authenticate"]) {
    assertEquals(response.headers.get(name), null, name);
  }
});

Deno.test("the server behind learns of the client, and believes no word of the client's own", async () => {
  await using back = behind(echo);
  await using server = front({ target: back.target });
  const lies = {
    "x-forwarded-for": "6.6.6.6",
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    "x-forwarded-port": "1",
    "x-forwarded-prefix": "/evil",
    "x-real-ip": "6.6.6.6",
    forwarded: "for=6.6.6.6",
  };
  const { headers } = await ask(server.origin, { headers: lies });
  const said = Object.fromEntries(Object.keys(lies).map((name) => [name, headers[name]]));
  assertEquals(said, {
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-host": `127.0.0.1:${server.port}`,
    "x-forwarded-proto": "http",
    "x-forwarded-port": undefined,
    "x-forwarded-prefix": undefined,
    "x-real-ip": "127.0.0.1",
    forwarded: undefined,
  });
});

Deno.test("a field that a server behind may read as one of this side's is not passed on", async () => {
  await using back = behind(echo);
  await using server = front({ target: back.target, headers: { "X-Api-User": "front" } });
  const lies = {
    "x-scheme": "https",
    "x_real_ip": "6.6.6.6",
    "x_forwarded_for": "6.6.6.6",
    "x-forwarded_proto": "https",
    "x-forwarded-ssl": "on",
    "x_api_user": "admin",
    "x_api-user": "admin",
    "x_own": "1",
  };
  const { headers } = await ask(server.origin, { headers: lies });
  const said = Object.keys(lies).filter((name) => headers[name] !== undefined);
  assertEquals([said, headers["x-api-user"]], [["x_own"], "front"]);
});

Deno.test("with xheaders the chain of proxies goes on", async () => {
  await using back = behind(echo);
  await using server = front({ target: back.target }, { xheaders: true });
  const { headers } = await ask(server.origin, {
    headers: { "x-forwarded-for": "1.2.3.4", "x-forwarded-proto": "https" },
  });
  assertEquals(
    [headers["x-forwarded-for"], headers["x-real-ip"], headers["x-forwarded-proto"]],
    ["1.2.3.4, 127.0.0.1", "1.2.3.4", "https"],
  );
});

Deno.test("the Host goes along, unless the server behind goes by its own name", async () => {
  await using back = behind(echo);
  await using server = front({ target: back.target });
  assertEquals((await ask(server.origin)).headers["host"], `127.0.0.1:${server.port}`);
  await using other = front({
    target: back.target,
    preserveHost: false,
    headers: { "X-Key": "k" },
  });
  const { headers } = await ask(other.origin, { headers: { "x-key": "of the client" } });
  assertEquals([headers["host"], headers["x-key"]], [new URL(back.target).host, "k"]);
});

Deno.test("a prefix is stripped, the target's path put before, and redirects lead back", async () => {
  await using back = behind((request) => {
    const { pathname, search } = new URL(request.url);
    const location = new URL(request.url).searchParams.get("to") ?? "";
    return new Response(pathname + search, { headers: { location } });
  });
  const target = `${back.target}/base/`;
  await using server = serve(
    new Application([
      ["/api*", ProxyHandler, { target, stripPrefix: "/api/" }],
    ]),
  );
  for (
    const [path, there] of [
      ["/api", "/base/"],
      ["/api/", "/base/"],
      ["/api/x/y?z=1", "/base/x/y?z=1"],
      ["/api//x", "/base//x"],
      ["/api?z", "/base/?z"],
    ]
  ) {
    assertEquals(await (await fetch(server.origin + path)).text(), there);
  }
  using records = captureLogs();
  const other = await fetch(`${server.origin}/apix`);
  assertEquals(other.status, 400);
  await other.body?.cancel();
  await expectLog(records, "warning", /may lead elsewhere/);
  for (
    const [to, back] of [
      [`${target}x?y`, "/api/x?y"],
      ["/base/x", "/api/x"],
      ["/base", "/api/"],
      ["/other", "/other"],
      ["//evil.example/base", "//evil.example/base"],
      ["https://other.example/base/x", "https://other.example/base/x"],
      ["relative", "relative"],
    ]
  ) {
    const response = await fetch(`${server.origin}/api/?to=${encodeURIComponent(to ?? "")}`);
    await response.text();
    assertEquals(response.headers.get("location"), back);
  }
});

for (
  const path of [
    "/../secret",
    "/a/../../secret",
    "/a/..",
    "/./a",
    "/%2e%2e/secret",
    "/.%2E/secret",
    "/a%2f..%2fsecret",
    "/..%5csecret",
    "/..;/secret",
    "/a/..%00/secret",
    "/..%00",
    "/a\\..\\secret",
    "/\\evil.example/",
  ]
) {
  Deno.test(`a path that may lead elsewhere is refused: ${path}`, async () => {
    using records = captureLogs();
    let asked = 0;
    await using back = behind(() => {
      asked++;
      return new Response("secret");
    });
    await using server = front({ target: `${back.target}/public` });
    const { status } = await rawRequest(
      server.port,
      `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    assertEquals([status, asked], [400, 0]);
    await expectLog(records, "warning", /./);
  });
}

for (
  const path of [
    "//evil.example/x",
    "/@evil.example/",
    "/:80@evil.example",
    "/http://evil.example/",
    "/a/...",
    "/.well-known/x",
    "/a..b",
  ]
) {
  Deno.test(`a path stays one of the target, whatever it looks like: ${path}`, async () => {
    await using back = behind((request) => new Response(new URL(request.url).pathname));
    await using server = front({ target: `${back.target}/public` });
    const { status, text } = await rawRequest(
      server.port,
      `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    assertEquals([status, text], [200, `/public${path}`]);
  });
}

Deno.test("whatever the path, its URL is below the target", () => {
  const upstream = new UpstreamUrl({ target: "http://127.0.0.1:3000/base", stripPrefix: "/api" });
  const segment = fc.oneof(
    fc.constantFrom(
      "..",
      ".",
      "%2e",
      "%2f",
      "%5c",
      "\\",
      "/",
      "@",
      ":",
      "#",
      "?",
      ";",
      "//evil.example",
      "\t",
    ),
    fc.string(),
  );
  fc.assert(fc.property(fc.array(segment, { maxLength: 8 }), (parts) => {
    const url = upstream.of(`/api/${parts.join("").replace(/[?#]/g, "")}`, "");
    if (url === null) return;
    const { origin, pathname } = new URL(url);
    assertEquals(origin, "http://127.0.0.1:3000");
    assert(pathname.startsWith("/base/"), pathname);
  }));
});

for (
  const [args, message] of [
    [{ target: "ftp://a" }, /expected http: or https:/],
    [{ target: "127.0.0.1:3000" }, /expected http: or https:/],
    [{ target: "/local" }, /expected http: or https:/],
    [{ target: "http://user:hush@a/" }, /expected http: or https:/],
    [{ target: "http://a/?b" }, /expected http: or https:/],
    [{ target: "" }, /expected http: or https:/],
    [{}, /without "target"/],
    [{ target: "http://a", stripPrefix: "api" }, /expected a path, such as "\/api"/],
    [{ target: "http://a", timeout: "5s" }, /"timeout"/],
    [{ target: "http://a", headers: { "a b": "c" } }, /"headers"/],
    [{ target: "http://a", headers: { a: "hush\n" } }, /"headers"/],
    [{ target: "http://a", prefix: "/a" }, /"prefix"/],
  ] as const
) {
  Deno.test(`a route to a ProxyHandler is refused with ${JSON.stringify(args)}`, () => {
    const error = assertThrows(() => new Application([["/*", ProxyHandler, args]]), TypeError);
    assertMatch(error.message, message);
    assert(!error.message.includes("hush"), error.message);
  });
}

Deno.test("what is compressed stays so, though the server behind is asked not to", async () => {
  const gzip = new Response(
    new Blob(["wind ".repeat(1000)]).stream().pipeThrough(new CompressionStream("gzip")),
  );
  const compressed = await gzip.bytes();
  let asked: string | null = null;
  await using back = behind((request) => {
    asked = request.headers.get("accept-encoding");
    return new Response(compressed, { headers: { "content-encoding": "gzip" } });
  });
  await using server = front({ target: back.target });
  const { body, header } = await rawRequest(
    server.port,
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n",
  );
  assertEquals([header("content-encoding"), header("content-length")], [
    "gzip",
    String(compressed.length),
  ]);
  assertEquals([asked, body], ["identity", compressed]);
});

Deno.test("bodies stream both ways at the same time", async () => {
  await using back = behind((request) => new Response(request.body));
  await using server = front({ target: back.target });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const sending = fetch(server.origin, { method: "POST", body: readable });
  void writer.write(new TextEncoder().encode("first"));
  const reader = (await sending).body?.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await reader?.read())?.value, "first");
  void writer.write(new TextEncoder().encode("second"));
  assertEquals((await reader?.read())?.value, "second");
  await writer.close();
  assertEquals((await reader?.read())?.done, true);
});

Deno.test("100 MB come through whole, and little of it is held while the client reads none", async () => {
  const size = 100 * 1024 * 1024;
  let made = 0;
  await using back = behind(() =>
    new Response(
      new ReadableStream({
        pull(controller) {
          if (made >= size) return controller.close();
          made += 65_536;
          controller.enqueue(new Uint8Array(65_536));
        },
      }, { highWaterMark: 0 }),
    )
  );
  await using server = front({ target: back.target });
  const response = await fetch(server.origin);
  let before = -1;
  assert(
    await poll(() => {
      const stands = made > 0 && made === before;
      before = made;
      return stands;
    }),
  );
  assert(made < size / 2, `${made} bytes were made`);
  let received = 0;
  for await (const chunk of response.body ?? []) received += chunk.length;
  assertEquals(received, size);
});

Deno.test("a body beyond the limit is 413, whether its length is told or not", async () => {
  using records = captureLogs();
  await using back = behind(echo);
  await using server = front({ target: back.target, maxBodySize: 100_000 });
  const large = new Uint8Array(200_000);
  const told = await fetch(server.origin, { method: "POST", body: large });
  assertEquals(told.status, 413);
  await told.body?.cancel();
  await expectLog(records, "warning", /larger than 100000 bytes/);
  const untold = await fetch(server.origin, {
    method: "POST",
    body: ReadableStream.from([large.subarray(0, 99_000), large]),
  });
  assertEquals(untold.status, 413);
  await untold.body?.cancel();
  await expectLog(records, "warning", /larger than 100000 bytes/);
});

Deno.test("a server behind that cannot be reached is 502, and the log names it but no query", async () => {
  using records = captureLogs();
  const free = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = free.addr;
  free.close();
  await using server = front({ target: `http://127.0.0.1:${port}` });
  for (
    const init of [{}, { method: "POST", body: "x" }, {
      method: "POST",
      body: ReadableStream.from([new Uint8Array(9)]),
    }]
  ) {
    const response = await fetch(`${server.origin}/a?token=hush`, init);
    assertEquals(response.status, 502);
    assertStringIncludes(await response.text(), "502");
    await expectLog(
      records,
      "warning",
      new RegExp(`502 .*Cannot pass a request on to http://127.0.0.1:${port}: (?!.*hush)`),
    );
  }
});

Deno.test("a server behind that hangs up is 502", async () => {
  using records = captureLogs();
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(1000));
      connection.close();
    }
  })();
  {
    await using server = front({ target: `http://127.0.0.1:${listener.addr.port}` });
    const response = await fetch(server.origin, { method: "POST", body: "x" });
    assertEquals(response.status, 502);
    await response.body?.cancel();
    await expectLog(records, "warning", /Cannot pass a request on/);
  }
  listener.close();
  await serving;
});

Deno.test("a server behind that is silent is 504, before its response", async () => {
  using records = captureLogs();
  const gate = Promise.withResolvers<Response>();
  await using back = behind(() => gate.promise);
  await using server = front({ target: back.target, timeout: 50 });
  const response = await fetch(server.origin);
  assertEquals(response.status, 504);
  await response.body?.cancel();
  await expectLog(records, "warning", /was silent for 50 ms/);
  gate.resolve(new Response());
});

Deno.test("a response that falls silent or breaks off is cut, so that nobody takes it for whole", async () => {
  using records = captureLogs();
  const gate = Promise.withResolvers<void>();
  await using back = behind((request) => {
    let pulls = 0;
    return new Response(
      new ReadableStream({
        async pull(controller) {
          if (pulls++ === 0) return controller.enqueue(new TextEncoder().encode("some"));
          if (request.url.endsWith("/silent")) await gate.promise;
          controller.close();
        },
      }),
      { headers: request.url.endsWith("/silent") ? {} : { "content-length": "1000000" } },
    );
  });
  {
    await using server = front({ target: back.target, timeout: 100 });
    const silent = await rawRequest(server.port, "GET /silent HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals([silent.status, silent.complete], [200, false]);
    await expectLog(records, "warning", /was cut: .*silent for 100 ms/);
    const broken = await rawRequest(server.port, "GET /broken HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals([broken.status, broken.complete], [200, false]);
    await expectLog(records, "warning", /was cut/);
  }
  gate.resolve();
});

Deno.test("a small response that breaks off is 502", async () => {
  using records = captureLogs();
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(1000));
      const head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nsome";
      await connection.write(new TextEncoder().encode(head));
      connection.close();
    }
  })();
  {
    await using server = front({ target: `http://127.0.0.1:${listener.addr.port}` });
    const response = await fetch(server.origin);
    assertEquals(response.status, 502);
    await response.body?.cancel();
    await expectLog(records, "warning", /Cannot pass a request on/);
  }
  listener.close();
  await serving;
});

Deno.test("a slow client is not taken for a silent server", async () => {
  await using back = behind(() =>
    new Response(
      ReadableStream.from([
        new Uint8Array(1_000_000),
        new Uint8Array(1_000_000),
        new Uint8Array(20_000_000),
      ]),
    )
  );
  await using server = front({ target: back.target, timeout: 60 });
  const reader = (await fetch(server.origin)).body?.getReader();
  let received = (await reader?.read())?.value?.length ?? 0;
  await new Promise((resolve) => setTimeout(resolve, 200)); // three times the limit
  for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
    received += next.value.length;
  }
  assertEquals(received, 22_000_000);
});

for (const when of ["before", "within"]) {
  Deno.test(`a client that leaves ${when} the response is left by the proxy, too`, async () => {
    let asked = false, left = false;
    await using back = behind(({ signal }) => {
      asked = true;
      const head = Promise.withResolvers<Response>();
      signal.addEventListener("abort", () => {
        left ||= when === "before";
        head.resolve(new Response());
      });
      if (when === "before") return head.promise;
      return new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new Uint8Array(10)),
          cancel: () => void (left = true),
        }),
      );
    });
    await using server = front({ target: back.target });
    const leave = new AbortController();
    const asking = fetch(server.origin, { signal: leave.signal });
    if (when === "within") await (await asking).body?.getReader().read();
    assert(await poll(() => asked));
    leave.abort();
    await asking.catch(() => {});
    assert(await poll(() => left));
  });
}

Deno.test("methods that the runtime does not send are 405", async () => {
  await using back = behind(echo);
  await using server = front({ target: back.target });
  const { status } = await rawRequest(
    server.port,
    "TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  );
  assertEquals(status, 405);
});

Deno.test("an upload and a form with xsrfCookies are the business of the server behind", async () => {
  await using back = behind(echo);
  await using server = front({ target: back.target }, {}, {
    xsrfCookies: true,
    cookieSecret: "x".repeat(32),
  });
  assertEquals((await ask(server.origin, { method: "POST", body: "a=1" })).body, "a=1");
});
