import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { AMBIGUOUS_HEADS } from "../../support/ambiguous_heads.ts";
import { lineOf, onBun } from "../../support/bun_program.ts";
import { rawRequest, RawSocket } from "../../support/raw_socket.ts";

async function text(input: string, init?: RequestInit): Promise<string> {
  const response = await fetch(input, init);
  return await response.text();
}

onBun("requests are answered, with who asks and what is sent", async ({ url }) => {
  assertEquals(await text(`${url}/`), "Hello, 127.0.0.1");
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const echoed = await fetch(`${url}/`, { method: "POST", body: bytes });
  assertEquals(new Uint8Array(await echoed.arrayBuffer()), bytes);
  const form = new FormData();
  form.set("name", "Gust");
  form.set("file", new File(["x".repeat(200_000)], "a.txt"));
  assertEquals(
    await text(`${url}/form`, { method: "POST", body: form }),
    '{"name":"Gust","file":["a.txt",200000]}',
  );
  const search = new URLSearchParams({ name: "caf\u00e9" });
  assertEquals(
    await text(`${url}/form`, { method: "POST", body: search }),
    '{"name":"caf\u00e9","file":null}',
  );
  assertEquals((await fetch(`${url}/none`).then((r) => (r.body?.cancel(), r))).status, 404);
  const head = await fetch(`${url}/`, { method: "HEAD" });
  assertEquals([head.status, head.headers.get("content-length")], [200, "16"]);
});

onBun("request without a host has a path, and a URL", async ({ port }) => {
  for (const head of ["GET /none?a=1 HTTP/1.0\r\n\r\n", "GET /none HTTP/1.1\r\nHost:\r\n\r\n"]) {
    assertEquals((await rawRequest(port, head)).status, 404);
  }
  for (const head of ["GET / HTTP/1.0\r\n\r\n", "GET /?a=http://b/ HTTP/1.1\r\nHost:\r\n\r\n"]) {
    assertEquals((await rawRequest(port, head)).text, "Hello, 127.0.0.1");
  }
  assertEquals((await rawRequest(port, "GET /stream/short HTTP/1.0\r\n\r\n")).status, 200);
});

onBun("page is rendered, and a large one compressed", async ({ url, port }) => {
  assertEquals(await text(`${url}/page`), "<p>&lt;Gust&gt;</p>");
  assertEquals(await text(`${url}/big`), "gust ".repeat(2_000));
  const request = "GET /big HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n";
  const packed = await rawRequest(port, request);
  assertEquals([packed.status, packed.header("content-encoding")], [200, "gzip"]);
  assert(packed.body.length < 1_000);
});

onBun("signed cookie and session come back", async ({ url }) => {
  const set = await fetch(`${url}/cookie`, { method: "POST" });
  await set.body?.cancel();
  const [cookie = ""] = set.headers.getSetCookie().map((each) => each.split(";")[0]);
  assertEquals(await text(`${url}/cookie`, { headers: { cookie } }), "gust");
  assertEquals(await text(`${url}/cookie`, { headers: { cookie: `${cookie}x` } }), "nobody");
  const begun = await fetch(`${url}/session`);
  assertEquals(await begun.text(), "1");
  const [session = ""] = begun.headers.getSetCookie().map((each) => each.split(";")[0]);
  assertEquals(await text(`${url}/session`, { headers: { cookie: session } }), "2");
});

onBun("static file is served, whole and in ranges", async ({ url }) => {
  const file = await fetch(`${url}/static/hello.txt`, {
    headers: { "accept-encoding": "identity" },
  });
  assertEquals((await file.text()).length, 500_000);
  assertEquals(file.headers.get("accept-ranges"), "bytes");
  const range = await fetch(`${url}/static/hello.txt`, { headers: { range: "bytes=10-24" } });
  assertEquals([range.status, await range.text()], [206, "012345678901234"]);
  assertEquals(range.headers.get("content-range"), "bytes 10-24/500000");
  const past = await fetch(`${url}/static/hello.txt`, { headers: { range: "bytes=900000-" } });
  await past.body?.cancel();
  assertEquals(past.status, 416);
  for (const path of ["none.txt", "%2e%2e/etc/passwd", "x%00y"]) {
    const response = await fetch(`${url}/static/${path}`);
    await response.body?.cancel();
    assert(response.status === 404 || response.status === 403 || response.status === 400, path);
  }
});

onBun("body is streamed both ways, and events", async ({ url }) => {
  assertEquals(await text(`${url}/stream/short`), "piece 0\npiece 1\npiece 2\n");
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent++ === 40) controller.close();
      else controller.enqueue(new Uint8Array(100_000));
    },
  });
  assertEquals(await text(`${url}/upload`, { method: "POST", body }), '{"size":4000000}');
  const events = await fetch(`${url}/events`);
  assertEquals(
    events.headers.get("content-type"),
    "text/event-stream; charset=utf-8".slice(0, 17) +
      (events.headers.get("content-type") ?? "").slice(17),
  );
  const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
  let seen = "";
  while (!seen.includes("data: two")) seen += (await reader?.read())?.value ?? "";
  assertStringIncludes(seen, "data: one");
  await reader?.cancel();
});

onBun(
  "long poll is released by another request, and a client that leaves is noticed",
  async ({ url, child }) => {
    const polled = text(`${url}/wait`);
    await lineOf(child, "waiting");
    assertEquals(await text(`${url}/wait`, { method: "POST" }), "ok");
    assertEquals(await polled, "released");
    const leaving = new AbortController();
    const left = fetch(`${url}/wait`, { signal: leaving.signal }).catch(() => "aborted");
    await lineOf(child, "waiting");
    leaving.abort();
    assertEquals(await left, "aborted");
    await lineOf(child, "left");
  },
);

onBun("request that takes longer than Bun's own ten seconds is answered", async ({ url }) => {
  assertEquals(await text(`${url}/late?ms=11000`), "late");
});

onBun("client that does not read, or leaves, stops a stream", async ({ port, child }) => {
  using socket = await RawSocket.connect(port);
  await socket.write("GET /stream/endless HTTP/1.1\r\nHost: h\r\n\r\n");
  await socket.readBytes(100_000);
  const before = child.peakMemory();
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert(child.peakMemory() - before < 100, "memory grows");
  socket.close();
  await lineOf(child, "stream left");
});

onBun(
  "error of a handler is a 500, and those that nobody caught are logged",
  async ({ url, child }) => {
    const response = await fetch(`${url}/fail/handler`);
    assertEquals(response.status, 500);
    await response.body?.cancel();
    assertEquals(await text(`${url}/fail/rejection`), "ok");
    assert(await child.error(/lost on purpose/));
    assertEquals(await text(`${url}/fail/exception`), "ok");
    assert(await child.error(/thrown on purpose/));
    assertEquals(await text(`${url}/`), "Hello, 127.0.0.1");
  },
);

onBun("SIGTERM lets requests finish, and runs the callbacks", async ({ url, child }) => {
  const late = text(`${url}/late?ms=400`);
  await lineOf(child, "late");
  child.process.kill("SIGTERM");
  assertEquals(await late, "late");
  await lineOf(child, "ended");
  assertEquals((await child.process.status).code, 0);
});

onBun(
  "SIGTERM cuts what does not end in its time, and the exit code tells",
  async ({ url, child, shape }) => {
    if (shape === "exported") return;
    const polled = text(`${url}/wait`).catch(() => "cut");
    await lineOf(child, "waiting");
    child.process.kill("SIGTERM");
    assertEquals((await child.process.status).code, 1);
    await polled;
  },
);

onBun("SIGTERM without anything in flight ends with 0", async ({ child }) => {
  child.process.kill("SIGTERM");
  await lineOf(child, "ended");
  assertEquals((await child.process.status).code, 0);
});

onBun("second signal ends the process at once", async ({ url, child }) => {
  const polled = text(`${url}/wait`).catch(() => "cut");
  await lineOf(child, "waiting");
  child.process.kill("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 50));
  child.process.kill("SIGINT");
  assertEquals((await child.process.status).code, 130);
  await polled;
});

onBun("hostile requests are refused, and the server goes on", async ({ port, url }) => {
  const hostile = [
    "GET / HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(100_000) + "\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a/b?c\r\n\r\n",
    "\u0000\u0001\u0002\r\n\r\n",
  ];
  for (const request of hostile) {
    using socket = await RawSocket.connect(port);
    await socket.write(request).catch(() => {});
    const answer = await socket.readResponse().catch(() => null);
    assert(answer === null || answer.status >= 400, `${answer?.status} to ${request.slice(0, 60)}`);
  }
  for (
    const half of [
      "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc",
      "GET / HT",
    ]
  ) {
    using socket = await RawSocket.connect(port);
    await socket.write(half);
  }
  assertEquals(await text(`${url}/`), "Hello, 127.0.0.1");
});

onBun("requests that proxies could read in two ways are refused", async ({ port }) => {
  for (
    const head of [
      ...AMBIGUOUS_HEADS,
      "Transfer-Encoding: gzip, chunked",
      "Transfer-Encoding: xchunked",
    ]
  ) {
    const request = `POST / HTTP/1.1\r\nHost: h\r\n${head}\r\n\r\nabc`;
    assertEquals([head, (await rawRequest(port, request)).status], [head, 400]);
  }
});

onBun(
  "second request before a slow answer ends the connection: it is Bun's doing",
  async ({ port }) => {
    using socket = await RawSocket.connect(port);
    await socket.write(
      "GET /late?ms=500 HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
    );
    // Neither is answered: the connection is over at once.
    assertEquals((await socket.readResponse()).statusLine, "");
  },
);

onBun("topic that is published reaches a stream", async ({ url }) => {
  const response = await fetch(`${url}/topics/stream/news`, {
    headers: { accept: "text/event-stream" },
  });
  assertEquals(response.status, 200);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let seen = "";
  while (!seen.includes("subscribed")) seen += (await reader?.read())?.value ?? "";
  await text(`${url}/publish/gust`);
  while (!seen.includes('"gust"')) seen += (await reader?.read())?.value ?? "";
  await reader?.cancel();
});
