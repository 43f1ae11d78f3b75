/**
 * What a server has to withstand, and the rule that says so. The files stand in tests/.
 *
 * | what the runtime does, or what once went wrong elsewhere | file | rule |
 * |---|---|---|
 * | the target comes raw, with dots, backslashes and escapes | server/http_server | path is neither decoded nor normalised |
 * | a path may begin with two slashes, which name a host | web/response/redirect | no path makes a redirect lead to another site |
 * | a target may be a whole URL with another host | server/http_server | request in the absolute form has the host of its Host header… |
 * | Host may be absent | server/http_server | request without Host has the authority of its URL |
 * | Host may be rubbish, a list, or hold a path | server/http_server | malformed Host is a 400… |
 * | several Host lines | server/http_server | several Host headers are a 400 |
 * | any token is a method, also the name of a member | web/methods | method that is named like a member is a 405 |
 * | a method that is no token | server/http_server | malformed request lines are refused… |
 * | the reason phrase is not sent, but shown | web/life_cycle | HTTPError is answered with its status, its headers and its reason, escaped |
 * | statuses beyond 599 and below 200 make `Response` throw | web/response/conditional | every status from 200 to 599 but 205 can be set, and no other |
 * | so does a body with 204 or 304 | web/response/conditional | response of status … has no body and no fields of one |
 * | a wrong Content-Length is corrected in silence | web/response/conditional | right Content-Length is sent, and a wrong one is an error |
 * | a streamed body may be longer than it says | web/response/response_stream | body that is longer than its declared length does not run into the next response |
 * | HEAD keeps the length of the body it drops | web/methods | HEAD is answered by get, without its body but with its length |
 * | `Transfer-Encoding: gzip, chunked` is let through | server/http_server | Transfer-Encoding other than chunked is a 400 |
 * | lengths and codings that proxies read in two ways | server/http_server | requests that proxies could read in two ways are refused |
 * | chunks that are none | web/request/body_limits | chunk that is malformed is never a 500 |
 * | large header blocks | server/http_server | header block of 70 kB is refused |
 * | 100-continue | server/http_server | Expect: 100-continue is answered before the body is read |
 * | header values are Latin-1, repeated ones are joined | platform/deno/deno_platform | one header is read as the public interface reads it |
 * | an answer before the body was read | web/request/body_limits | body need not arrive for an answer out of … |
 * | the signal of a request is aborted by success too | web/response/response_stream | signal of the request is aborted when the client leaves, and not otherwise |
 * | it is not aborted during an upload | web/request/body_limits | client that leaves during an upload ends the request once, unlogged |
 * | a client that leaves cancels the stream | web/response/response_stream | handler that … after its client has left is told once, and nothing is logged |
 * | clients may leave at any moment | web/disconnect | client that leaves … leaves nothing behind |
 * | a control character in a header ends the process | web/response/header_bytes | every byte through every door to a header is sent or refused |
 * | an exception in a hook | web/life_cycle | exception in … is logged once and answered with 500 |
 * | a server that shuts down cannot be aborted any more | server/http_server | server cuts a … response that takes longer than graceMs |
 * | header injection through headers, cookies, attributes | web/response/header_bytes | (as above) |
 * | cookie parsers that browsers disagree with | web/response/cookies | malformed cookies are never an error |
 * | bombs of compressed bodies, and damaged ones | web/request/body_limits | limit counts what a body decompresses to; damaged compression is a 400… |
 * | multipart: too many parts, long headers, CR in headers | web/request/forms | multipart form has up to … parts; header of a part…; malformed multipart form is a 400, logged once |
 * | tracebacks for strangers | web/life_cycle | nothing of an exception reaches the client… |
 * | secrets in logs | web/logging | no header, no cookie and no body of a request is ever logged |
 * | addresses that a client made up | server/http_server | options … give … |
 * | DNS rebinding through a default host | web/routing/routing | defaultHost has its routes on unknown hosts, unless a proxy says otherwise |
 * | bodies larger than memory | web/memory | upload of 1 GiB…; flushed response of 1 GiB… |
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import type { ListenOptions } from "../../src/server/settings.ts";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { ChildProcess } from "../support/child_process.ts";
import { AMBIGUOUS_HEADS } from "../support/ambiguous_heads.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";
import { rawRequest, RawSocket } from "../support/raw_socket.ts";
import { serve } from "../support/serve.ts";

/** Says when a request has come in, and answers when it is told to. */
class Door extends Application {
  readonly arrived: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  readonly go: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  readonly entries: string[] = [];
}

class DoorHandler extends RequestHandler<Door> {
  override async get(kind: string) {
    if (kind === "stream") {
      this.write("first,");
      await this.flush();
    }
    this.application.arrived.resolve();
    await this.application.go.promise;
    this.write("done");
  }
  override onConnectionClose() {
    this.application.entries.push("onConnectionClose");
  }
  override onFinish() {
    this.application.entries.push("onFinish");
  }
}

class EchoHandler extends RequestHandler {
  override get() {
    const { protocol, host, hostName, remoteIp, path, query, uri } = this.request;
    this.write({
      protocol,
      host,
      hostName,
      remoteIp,
      path,
      query,
      uri,
      url: this.request.fullUrl(),
    });
  }
  override post() {
    this.get();
  }
}

const ECHO = [[/.*/, EchoHandler]] as const;

// ---- addresses

Deno.test("server tells where it listens", async () => {
  using records = captureLogs();
  const app = new Application(ECHO);
  await using server = app.listen(0, { hostname: "127.0.0.1", handleSignals: false });
  assertEquals(server.addr, { transport: "tcp", hostname: "127.0.0.1", port: server.port });
  assertEquals(records.messages("gustnado.general"), [
    `Listening on http://127.0.0.1:${server.port}/`,
  ]);
  assertEquals(
    (await (await fetch(`http://127.0.0.1:${server.port}/`)).json()).host,
    `127.0.0.1:${server.port}`,
  );
});

Deno.test("onListen is called in place of the log", async () => {
  using records = captureLogs();
  const heard: unknown[] = [];
  await using server = serve(new Application(ECHO), { onListen: (addr) => heard.push(addr) });
  assertEquals(heard, [server.server.addr]);
  assertEquals(records.all, []);
});

Deno.test("port that is in use is an error at once", async () => {
  await using server = serve(new Application(ECHO));
  assertThrows(() => serve(new Application(ECHO), { port: 1 } as ListenOptions), TypeError);
  const error = assertThrows(
    () => new Application(ECHO).listen(server.port, { hostname: "127.0.0.1" }),
    Deno.errors.AddrInUse,
    `Cannot listen on 127.0.0.1:${server.port}: another server has the port; end that one, or take`,
  );
  assertEquals(Reflect.get(error, "code"), "EADDRINUSE");
});

Deno.test("address that is not this machine's is an error that names it", () => {
  const error = assertThrows(
    () => new Application().listen(0, { hostname: "192.0.2.1" }),
    Deno.errors.AddrNotAvailable,
    "Cannot listen on 192.0.2.1:0: the address is none of this machine's",
  );
  assertEquals(Reflect.get(error, "code"), "EADDRNOTAVAIL");
});

Deno.test({
  name: "path that is taken is an error that names it",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const directory = await Deno.makeTempDir();
    try {
      const path = `${directory}/socket`;
      await using _server = serve(new Application(ECHO), { path });
      assertThrows(
        () => new Application(ECHO).listen(0, { path }),
        Deno.errors.AddrInUse,
        `Cannot listen on "${path}": something is there already`,
      );
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});

const WRONG_PORTS: [port: unknown, type: typeof TypeError | typeof RangeError, shown: string][] = [
  [-1, RangeError, "-1"],
  [65536, RangeError, "65536"],
  [1.5, RangeError, "1.5"],
  [NaN, RangeError, "NaN"],
  [Infinity, RangeError, "Infinity"],
  ["8888", TypeError, '"8888"'],
  [undefined, TypeError, "undefined"],
  [null, TypeError, "null"],
  [{ port: 1 }, TypeError, "an object of class Object"],
];

for (const [port, type, shown] of WRONG_PORTS) {
  Deno.test(`listen refuses the port ${shown}`, () => {
    const message = `Cannot listen on port ${shown}: expected a whole number from 0 to 65535`;
    assertThrows(() => new Application().listen(port as number), type, message);
  });
}

Deno.test("onListen that fails is logged, and the server serves", async () => {
  using records = captureLogs();
  const fails = [
    () => {
      throw new Error("at once");
    },
    () => Promise.reject(new Error("later")),
  ];
  for (const [index, onListen] of fails.entries()) {
    await using server = serve(new Application(ECHO), { onListen });
    await expectLog(records, "error", index === 0 ? /onListen.*at once/s : /onListen.*later/s);
    const response = await fetch(server.origin);
    assertEquals([response.status, await response.text() !== ""], [200, true]);
  }
});

Deno.test("certificate without a key is refused, and a key without a certificate", () => {
  for (const options of [{ cert: "x" }, { key: "x" }]) {
    assertThrows(
      () => new Application().listen(0, options),
      TypeError,
      '"cert" and "key" go together',
    );
  }
});

const WRONG: [options: object, message: string][] = [
  [{ maxBodysize: 1 }, 'Unknown option of listen() "maxBodysize"'],
  [{ max_body_size: 1 }, 'Unknown option of listen() "max_body_size": it is spelled "maxBodySize"'],
  [{ debug: true }, 'Unknown option of listen() "debug"'],
  [{ hostname: 1 }, 'Cannot use 1 as the option of listen() "hostname": expected a string'],
  [{ path: 1 }, "expected a string"],
  [{ cert: 1 }, "expected a string"],
  [{ key: 1 }, "expected a string"],
  [{ signal: {} }, "expected an AbortSignal"],
  [{ handleSignals: 1 }, "expected a boolean"],
  [{ graceMs: -1 }, "expected a number from 0"],
  [{ graceMs: NaN }, "expected a number from 0"],
  [{ unhandledErrors: "ignore" }, 'expected "log" or "exit"'],
  [{ xheaders: "x-forwarded" }, 'expected a boolean or "forwarded"'],
  [{ onListen: 1 }, "expected a function"],
  [
    { xheaders: "yes" },
    'Cannot use "yes" as the option of listen() "xheaders": expected a boolean or',
  ],
  [{ trustedDownstream: "10.0.0.1" }, "expected an array of strings"],
  [{ trustedDownstream: ["10.0.0.256"] }, 'Cannot trust the proxy "10.0.0.256"'],
  [{ host: "::1" }, 'Unknown option of listen() "host": did you mean "hostname"?'],
];

for (const [options, message] of WRONG) {
  Deno.test(`listen refuses ${JSON.stringify(options)}`, () => {
    assertThrows(() => new Application().listen(0, options), TypeError, message);
  });
}

Deno.test({
  name: "server listens on a Unix socket",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const directory = await Deno.makeTempDir();
    try {
      const path = `${directory}/socket`;
      await using server = serve(new Application(ECHO), { path });
      assertEquals([server.server.addr.path, server.server.port], [path, 0]);
      using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
      const response = await fetch("http://localhost/a", { client });
      const { remoteIp, host } = await response.json();
      assertEquals([remoteIp, host], ["0.0.0.0", "localhost"]);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});

// ---- TLS

const TLS = {
  cert: await Deno.readTextFile(new URL("../fixtures/tls/localhost.crt", import.meta.url)),
  key: await Deno.readTextFile(new URL("../fixtures/tls/localhost.key", import.meta.url)),
};

for (const [name, http2] of [["HTTP/1.1", false], ["HTTP/2", true]] as const) {
  Deno.test(`server speaks ${name} over TLS`, async () => {
    const app = new Application([["/", EchoHandler], ["/(stream)", DoorHandler]]);
    await using server = serve(app, TLS);
    using client = Deno.createHttpClient({ caCerts: [TLS.cert], http2, http1: !http2 });
    const origin = `https://localhost:${server.port}`;
    const response = await fetch(`${origin}/?a=b`, { client });
    const { protocol, host, hostName, url } = await response.json();
    assertEquals([protocol, host, hostName, url], [
      "https",
      `localhost:${server.port}`,
      "localhost",
      `${origin}/?a=b`,
    ]);
    const posted = await fetch(origin, { client, method: "POST", body: "x" });
    assertEquals(posted.status, 200);
    await posted.body?.cancel();
  });
}

// ---- what a proxy says

const XHEADERS: [
  settings: ListenOptions,
  headers: Record<string, string>,
  ip: string,
  protocol: string,
][] = [
  [{}, { "x-forwarded-for": "4.4.4.4", "x-forwarded-proto": "https" }, "127.0.0.1", "http"],
  [{ xheaders: true }, {}, "127.0.0.1", "http"],
  [{ xheaders: true }, { "x-real-ip": "4.4.4.4", "x-scheme": "https" }, "4.4.4.4", "https"],
  [{ xheaders: true }, { "x-forwarded-for": "1.1.1.1, 4.4.4.4" }, "4.4.4.4", "http"],
  [{ xheaders: true }, { "x-forwarded-for": "4.4.4.4", "x-real-ip": "5.5.5.5" }, "5.5.5.5", "http"],
  [
    { xheaders: true },
    { "x-real-ip": "2620:0:1cfe:face:b00c::3" },
    "2620:0:1cfe:face:b00c::3",
    "http",
  ],
  [
    { xheaders: true },
    { "x-forwarded-for": "::1, 2620:0:1cfe:face:b00c::3" },
    "2620:0:1cfe:face:b00c::3",
    "http",
  ],
  [{ xheaders: true }, { "x-real-ip": "4.4.4.4<script>" }, "127.0.0.1", "http"],
  [{ xheaders: true }, { "x-forwarded-for": "4.4.4.4, 5.5.5.5<script>" }, "127.0.0.1", "http"],
  [{ xheaders: true }, { "x-real-ip": "www.google.com" }, "127.0.0.1", "http"],
  [{ xheaders: true }, { "x-scheme": "unknown" }, "127.0.0.1", "http"],
  [{ xheaders: true }, { "x-forwarded-proto": "http, https" }, "127.0.0.1", "https"],
  [{ xheaders: true }, { "x-forwarded-proto": "https , http" }, "127.0.0.1", "http"],
  [
    { xheaders: true, trustedDownstream: ["5.5.5.5"] },
    { "x-forwarded-for": "::1, 4.4.4.4, 5.5.5.5" },
    "4.4.4.4",
    "http",
  ],
  [
    { xheaders: true, trustedDownstream: ["10.0.0.0/8", "5.5.5.5"] },
    { "x-forwarded-for": "4.4.4.4, 10.1.2.3, 5.5.5.5, 10.0.0.1" },
    "4.4.4.4",
    "http",
  ],
  [
    { xheaders: true, trustedDownstream: ["2001:db8::/32"] },
    { "x-forwarded-for": "4.4.4.4, 2001:db8::1" },
    "4.4.4.4",
    "http",
  ],
  [{ xheaders: true }, { "x-forwarded-for": "1.1.1.1:4711" }, "1.1.1.1", "http"],
  [{ xheaders: true }, { "x-forwarded-for": "[::1]:4711" }, "::1", "http"],
  [{ xheaders: true }, { "x-real-ip": "1.1.1.1:4711" }, "1.1.1.1", "http"],
  [
    { xheaders: true, trustedDownstream: ["10.0.0.0/8"] },
    { "x-forwarded-for": "4.4.4.4:1, 10.0.0.1:2" },
    "4.4.4.4",
    "http",
  ],
  [{ xheaders: true }, { forwarded: "for=4.4.4.4;proto=https" }, "127.0.0.1", "http"],
  [{ xheaders: "forwarded" }, {}, "127.0.0.1", "http"],
  [{ xheaders: "forwarded" }, { "x-real-ip": "4.4.4.4", "x-scheme": "https" }, "127.0.0.1", "http"],
  [{ xheaders: "forwarded" }, { forwarded: "for=4.4.4.4;proto=https" }, "4.4.4.4", "https"],
  [{ xheaders: "forwarded" }, { forwarded: 'For="[2001:db8::1]:80"' }, "2001:db8::1", "http"],
  [{ xheaders: "forwarded" }, { forwarded: "for=_hidden;proto=https" }, "127.0.0.1", "https"],
  [
    { xheaders: "forwarded", trustedDownstream: ["10.0.0.0/8"] },
    { forwarded: "for=6.6.6.6;proto=http, for=4.4.4.4;proto=https, for=10.0.0.1;proto=http" },
    "4.4.4.4",
    "https",
  ],
  [{ protocol: "https" }, {}, "127.0.0.1", "https"],
  [{ protocol: "http", xheaders: true }, { "x-scheme": "https" }, "127.0.0.1", "http"],
];

for (const [options, headers, ip, protocol] of XHEADERS) {
  const name = `${JSON.stringify(options)} and ${
    JSON.stringify(headers)
  } give ${ip} and ${protocol}`;
  Deno.test(`options ${name}`, async () => {
    await using server = serve(new Application(ECHO), options);
    const said = await (await fetch(server.origin, { headers })).json();
    assertEquals([said.remoteIp, said.protocol], [ip, protocol]);
  });

  Deno.test(`settings ${name}`, async () => {
    const app = new Application(ECHO, options as ApplicationSettings);
    const response = await app.fetch(
      new Request("http://localhost/", { headers }),
      { remoteAddr: { transport: "tcp", hostname: "127.0.0.1" } },
    );
    const said = await response.json();
    assertEquals([said.remoteIp, said.protocol], [ip, protocol]);
  });
}

Deno.test("options of listen win over the settings", async () => {
  const app = new Application(ECHO, { xheaders: true });
  await using server = serve(app, { xheaders: false });
  const response = await fetch(server.origin, { headers: { "x-real-ip": "4.4.4.4" } });
  assertEquals((await response.json()).remoteIp, "127.0.0.1");
});

Deno.test("server takes the word of no field that another platform sets", async () => {
  await using server = serve(new Application(ECHO));
  const response = await fetch(server.origin, { headers: { "cf-connecting-ip": "4.4.4.4" } });
  assertEquals((await response.json()).remoteIp, "127.0.0.1");
});

Deno.test("long forwarded chain costs no more than its end", async () => {
  await using server = serve(new Application(ECHO), {
    xheaders: true,
    trustedDownstream: ["10.0.0.0/8"],
  });
  const chain = `4.4.4.4${", 10.0.0.1".repeat(1000)}`;
  const response = await fetch(server.origin, { headers: { "x-forwarded-for": chain } });
  assertEquals((await response.json()).remoteIp, "127.0.0.1");
});

// ---- Host

async function ask(
  port: number,
  head: string,
): Promise<{ status: number; said: Record<string, string> }> {
  const response = await rawRequest(port, `${head}\r\n\r\n`);
  return {
    status: response.status,
    said: response.status === 200 ? JSON.parse(response.text) : {},
  };
}

const GOOD_HOSTS: [host: string, hostName: string][] = [
  ["example.com", "example.com"],
  ["EXAMPLE.com:8888", "example.com"],
  ["127.0.0.1:80", "127.0.0.1"],
  ["[::1]:8888", "[::1]"],
  ["[::1]", "[::1]"],
  ["a", "a"],
  ["xn--caf-dma.example", "xn--caf-dma.example"],
];

Deno.test("Host tells the host, and the path begins behind it", async () => {
  await using server = serve(new Application(ECHO));
  for (const [host, hostName] of GOOD_HOSTS) {
    const { status, said } = await ask(server.port, `GET /p/q?a=b HTTP/1.1\r\nHost: ${host}`);
    assertEquals([host, status], [host, 200]);
    assertEquals([said.host, said.hostName, said.path, said.query], [
      host,
      hostName,
      "/p/q",
      "a=b",
    ]);
    assertEquals(said.url, `http://${host}/p/q?a=b`);
  }
});

const BAD_HOSTS = [
  "a,b",
  "a b",
  "a/b",
  "h/evil?",
  "h#x",
  "h?x",
  "user@h",
  "h:port",
  "h:99999",
  "[::1",
  "::1",
  "[zz]",
  "a\\b",
  "<script>",
  "a\u00e9",
  "%zz",
  `${"x".repeat(300)}.example`,
];

Deno.test("malformed Host is a 400, logged once, whichever path is smuggled in it", async () => {
  await using server = serve(new Application(ECHO));
  for (const host of BAD_HOSTS) {
    using records = captureLogs();
    for (const method of ["GET", "POST"]) {
      const head = `${method} /path HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0`;
      assertEquals([host, (await ask(server.port, head)).status], [host, 400]);
    }
    for (const { message } of records.all) assert(message.length < 200, message);
    for (const _ of records.messages("gustnado.general")) {
      await expectLog(records, "warning", /Malformed Host header/);
    }
  }
});

Deno.test("no path is smuggled in behind the Host that the last request had", async () => {
  await using server = serve(new Application(ECHO));
  using records = captureLogs();
  const smuggled = [["h/evil", "/"], ["h/", "/x"], ["h/x?", "/y"], ["h#", "/x"], ["h?", "/x"]];
  for (const [host, target] of smuggled) {
    assertEquals((await ask(server.port, "GET /good HTTP/1.1\r\nHost: h")).said.path, "/good");
    const { status } = await ask(server.port, `GET ${target} HTTP/1.1\r\nHost: ${host}`);
    assertEquals([host, status], [host, 400]);
    await expectLog(records, "warning", /Malformed Host header/);
  }
});

Deno.test("host of a target in the absolute form is checked when it is asked for", async () => {
  await using server = serve(new Application(ECHO));
  using records = captureLogs();
  await ask(server.port, "GET /good HTTP/1.1\r\nHost: h");
  const { status } = await ask(server.port, "GET http://h/p HTTP/1.1\r\nHost: a,b");
  assertEquals(status, 400);
  await expectLog(records, "warning", /Malformed Host header/);
});

Deno.test("several Host headers are a 400", async () => {
  await using server = serve(new Application(ECHO));
  assertEquals((await ask(server.port, "GET / HTTP/1.1\r\nHost: a\r\nHost: b")).status, 400);
});

Deno.test("request without Host has the authority of its URL", async () => {
  await using server = serve(new Application(ECHO));
  for (const head of ["GET /p HTTP/1.0", "GET /p HTTP/1.1", "GET /p HTTP/1.1\r\nHost: "]) {
    const { status, said } = await ask(server.port, head);
    assertEquals([status, said.path, said.host], [200, "/p", `localhost:${server.port}`]);
  }
});

Deno.test("request in the absolute form has the host of its Host header, and its path", async () => {
  await using server = serve(new Application(ECHO));
  const cases = [
    ["http://other.example/p?q", "h", "/p", "q"],
    ["http://other.example/p?q", "oth", "/p", "q"],
    ["http://h@other.example/p", "h", "/p", ""],
    ["http://h.example/p", "h", "/p", ""],
    ["http://h/p", "h", "/p", ""],
  ];
  for (const [target, host, path, query] of cases) {
    const { status, said } = await ask(server.port, `GET ${target} HTTP/1.1\r\nHost: ${host}`);
    assertEquals([target, status, said.host, said.path, said.query], [
      target,
      200,
      host,
      path,
      query,
    ]);
  }
});

Deno.test("path is neither decoded nor normalised", async () => {
  await using server = serve(new Application(ECHO));
  const paths = [
    "/a/../b",
    "/a/./b",
    "/%2e%2e/x",
    "/a\\..\\b",
    "//evil.example/a",
    "/a//b",
    "/%41",
    "/a;b=c",
    '/"<>^`{|}',
    "/caf%C3%A9",
    "/a%00b",
  ];
  for (const path of paths) {
    const { status, said } = await ask(server.port, `GET ${path}?x=/y?z HTTP/1.1\r\nHost: h`);
    assertEquals([path, status, said.path, said.query], [path, 200, path, "x=/y?z"]);
    assertEquals(said.uri, `${path}?x=/y?z`);
  }
  const fragment = await ask(server.port, "GET /a#b?c HTTP/1.1\r\nHost: h");
  assertEquals([fragment.said.path, fragment.said.query], ["/a", ""]);
});

Deno.test("no byte in a target is a 500", async () => {
  using _records = captureLogs({ configure: false });
  await using server = serve(
    new Application([[
      "/(.*)",
      class extends RequestHandler {
        override get(path: string) {
          this.write(path + this.getArgument("q", ""));
          this.redirect(`/${path}?${this.request.query}`);
        }
      },
    ]]),
  );
  for (let byte = 0; byte < 256; byte++) {
    const head = new TextEncoder().encode("GET /aXb?q=aXb HTTP/1.1\r\nHost: h\r\n\r\n");
    const request = head.map((code) => code === 0x58 ? byte : code);
    const { status } = await rawRequest(server.port, request);
    assert([302, 400, 404].includes(status), `byte ${byte}: ${status}`);
  }
});

// ---- framing

Deno.test("Transfer-Encoding other than chunked is a 400", async () => {
  await using server = serve(new Application(ECHO));
  const chunks = "2\r\nab\r\n0\r\n\r\n";
  const post = async (coding: string) => {
    const head = `POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: ${coding}\r\n\r\n`;
    return (await rawRequest(server.port, head + chunks)).status;
  };
  for (const coding of ["chunked", "Chunked", " chunked "]) assertEquals(await post(coding), 200);
  for (
    const coding of [
      "gzip, chunked",
      "chunked, chunked",
      "identity",
      "xchunked",
      "chunked, gzip",
      "gzip",
    ]
  ) {
    using records = captureLogs();
    assertEquals([coding, await post(coding)], [coding, 400]);
    for (const _ of records.messages("gustnado.general")) {
      await expectLog(records, "warning", /Unsupported Transfer-Encoding/);
    }
  }
});

Deno.test("Transfer-Encoding other than chunked is a 400 for those who stream the body too", async () => {
  class StreamHandler extends RequestHandler {
    static override readonly streamRequestBody: boolean = true;

    override async post() {
      for await (const chunk of this.request.stream) this.write(chunk);
    }
  }
  await using server = serve(new Application([["/", StreamHandler]]));
  const post = async (coding: string) => {
    const head = `POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: ${coding}\r\n\r\n`;
    return (await rawRequest(server.port, `${head}2\r\nab\r\n0\r\n\r\n`)).status;
  };
  assertEquals(await post("chunked"), 200);
  using records = captureLogs();
  assertEquals(await post("gzip, chunked"), 400);
  await expectLog(records, "warning", /Unsupported Transfer-Encoding/);
});

Deno.test("Transfer-Encoding other than chunked is a 400 for a mounted fetch function too", async () => {
  const echo = async (request: Request) => new Response(await request.text());
  await using server = serve(new Application([["/", echo]]));
  const head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n";
  using records = captureLogs();
  const { status } = await rawRequest(server.port, `${head}2\r\nab\r\n0\r\n\r\n`);
  assertEquals(status, 400);
  await expectLog(records, "warning", /Unsupported Transfer-Encoding/);
});

Deno.test("request whose body is there, or is none, is answered at once", async () => {
  class LengthHandler extends RequestHandler {
    override delete() {
      this.write(`${this.request.body.length}`);
    }
  }
  const app = new Application([["/", LengthHandler]]);
  const atOnce: boolean[] = [];
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request, info) => {
      const response = app.fetch(request, info);
      atOnce.push(response instanceof Response);
      return response;
    },
  );
  const bodies = {
    "": "",
    "Content-Length: 2\r\n": "ab",
    "Transfer-Encoding: chunked\r\n": "2\r\nab\r\n0\r\n\r\n",
  };
  const lengths: string[] = [];
  for (const [field, body] of Object.entries(bodies)) {
    const response = await rawRequest(
      server.addr.port,
      `DELETE / HTTP/1.1\r\nHost: h\r\n${field}\r\n${body}`,
    );
    lengths.push(new TextDecoder().decode(response.body ?? undefined));
  }
  assertEquals([lengths, atOnce], [["0", "2", "2"], [true, true, true]]);
});

Deno.test("whitespace around a content type is not sent", async () => {
  class TypeHandler extends RequestHandler {
    override get() {
      this.setHeader("Content-Type", " text/css\t ");
      this.write("a");
    }
  }
  await using server = serve(new Application([["/", TypeHandler]]));
  const { header } = await rawRequest(server.port, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  assertEquals(header("content-type"), "text/css");
});

Deno.test("requests that proxies could read in two ways are refused", async () => {
  await using server = serve(new Application(ECHO));
  for (const head of AMBIGUOUS_HEADS) {
    const request = `POST / HTTP/1.1\r\nHost: h\r\n${head}\r\n\r\nabc`;
    const { status } = await rawRequest(server.port, request);
    assertEquals([head, status], [head, 400]);
  }
});

Deno.test("malformed request lines are refused, and the server lives", async () => {
  await using server = serve(new Application(ECHO));
  const lines = [
    "FOO,BAR / HTTP/1.1",
    "GET",
    "GET /",
    "GET / HTTP/3.0",
    "\u0016\u0003\u0001",
    "GET  / HTTP/1.1",
    "/",
  ];
  for (const line of lines) {
    const { status } = await rawRequest(server.port, `${line}\r\nHost: h\r\n\r\n`);
    assert([0, 400, 404, 405, 505].includes(status), `${line}: ${status}`);
  }
  assertEquals((await ask(server.port, "GET / HTTP/1.1\r\nHost: h")).status, 200);
});

Deno.test("header block of 70 kB is refused", async () => {
  await using server = serve(new Application(ECHO));
  const request = `GET / HTTP/1.1\r\nHost: h\r\nX: ${"x".repeat(70_000)}\r\n\r\n`;
  assert([0, 400, 431].includes((await rawRequest(server.port, request)).status));
});

Deno.test("requests on one connection are answered in their order", async () => {
  await using server = serve(
    new Application([[
      "/(.*)",
      class extends RequestHandler {
        override async get(path: string) {
          if (path === "slow") await new Promise((resolve) => setTimeout(resolve, 20));
          this.write(path);
        }
        override post(path: string) {
          this.write(path + this.request.text());
        }
      },
    ]]),
  );
  using socket = await RawSocket.connect(server.port);
  const host = "HTTP/1.1\r\nHost: h\r\n";
  await socket.write(
    `GET /slow ${host}\r\nPOST /p ${host}Content-Length: 2\r\n\r\nabGET /c ${host}\r\n`,
  );
  assertEquals((await socket.readResponse()).text, "slow");
  assertEquals((await socket.readResponse()).text, "pab");
  assertEquals((await socket.readResponse()).text, "c");
});

Deno.test("Expect: 100-continue is answered before the body is read", async () => {
  await using server = serve(new Application(ECHO));
  using socket = await RawSocket.connect(server.port);
  await socket.write(
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
  );
  assertEquals((await socket.readResponse()).status, 100);
  await socket.write("ab");
  assertEquals((await socket.readResponse()).status, 200);
});

// ---- shutdown

for (const how of ["stop", "shutdown", "signal", "dispose"] as const) {
  for (const kind of ["plain", "stream"]) {
    Deno.test(`server that is ended by ${how} lets a ${kind} response finish`, async () => {
      const app = new Door([["/(\\w+)", DoorHandler]]);
      const abort = new AbortController();
      const options = { hostname: "127.0.0.1", handleSignals: false, signal: abort.signal };
      const server = app.listen(0, { ...options, onListen: () => {} });
      const answer = fetch(`http://127.0.0.1:${server.port}/${kind}`).then((response) =>
        response.text()
      );
      await app.arrived.promise;
      if (how === "stop") server.stop();
      if (how === "shutdown") server.shutdown();
      if (how === "signal") abort.abort();
      if (how === "dispose") server[Symbol.asyncDispose]();
      let finished = false;
      server.finished.then(() => finished = true);
      await poll(() => refuses(server.port));
      assert(!finished);
      app.go.resolve();
      assertEquals(await answer, kind === "stream" ? "first,done" : "done");
      await server.finished;
    });
  }
}

async function refuses(port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
    return false;
  } catch {
    return true;
  }
}

Deno.test("server closes idle connections when it stops", async () => {
  const server = serve(new Application(ECHO));
  using socket = await RawSocket.connect(server.port);
  await socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  assertEquals((await socket.readResponse()).status, 200);
  await server.server.stop();
  assertEquals((await socket.readToEnd()).length, 0);
});

Deno.test("server can be stopped twice, and shut down after that", async () => {
  const { server } = serve(new Application(ECHO));
  const [first, second] = [server.stop(), server.stop()];
  assert(first === second);
  await first;
  await server.stop();
  await server.shutdown();
  await server[Symbol.asyncDispose]();
  await server.finished;
});

Deno.test("signal that is aborted already ends the server at once", async () => {
  const { server } = serve(new Application(ECHO), { signal: AbortSignal.abort() });
  await server.finished;
});

for (const kind of ["plain", "stream"]) {
  Deno.test(`server cuts a ${kind} response that takes longer than graceMs`, async () => {
    using records = captureLogs();
    const app = new Door([["/(\\w+)", DoorHandler]]);
    const { server, origin } = serve(app);
    const answer = fetch(`${origin}/${kind}`);
    await app.arrived.promise;
    const start = performance.now();
    await server.shutdown({ graceMs: 20 });
    // Far less than what it waits unless told otherwise.
    assert(performance.now() - start < 8_000);
    await expectLog(records, "warning", /Cutting connections that are open after the grace period/);
    const response = await answer;
    if (kind === "plain") {
      assertEquals([response.status, await response.text()], [503, "Service Unavailable"]);
    } else await assertRejects(() => response.text());
    assertEquals(app.entries.toSorted(), ["onConnectionClose", "onFinish"]);
    // The handler runs on to its end, which nobody hears of.
    app.go.resolve();
    await server.finished;
    await new Promise((resolve) => setTimeout(resolve, 0));
  });
}

Deno.test("graceMs of listen is what shutdown waits", async () => {
  using records = captureLogs();
  const app = new Door([["/(\\w+)", DoorHandler]]);
  const { server, origin } = serve(app, { graceMs: 10 });
  const answer = fetch(`${origin}/plain`);
  await app.arrived.promise;
  await server.shutdown();
  await expectLog(records, "warning", /Cutting connections/);
  assertEquals((await answer).status, 503);
  await (await answer).body?.cancel();
  app.go.resolve();
});

Deno.test("signal of a request is aborted when the server gives it up", async () => {
  using records = captureLogs();
  let reason: unknown;
  const arrived = Promise.withResolvers<void>();
  const { server, origin } = serve(
    new Application([[
      "/",
      class extends RequestHandler {
        override async get() {
          const { signal } = this.request;
          arrived.resolve();
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          reason = signal.reason;
          throw new Error("nobody is there to hear it");
        }
      },
    ]]),
  );
  const answer = fetch(origin);
  await arrived.promise;
  await server.shutdown({ graceMs: 10 });
  await expectLog(records, "warning", /Cutting connections/);
  await (await answer).body?.cancel();
  assert(reason instanceof Error);
  assertMatch(reason.name, /StreamClosedError/);
});

// ---- signals

const posix = Deno.build.os !== "windows";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test({
    name: `${signal} lets requests in flight finish, and then the process ends by itself`,
    ignore: !posix,
    fn: async () => {
      await using child = await ChildProcess.start("signal_server.ts", { args: ["20000"] });
      const { port } = child;
      const answer = rawRequest(port, "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
      assertEquals(await child.line(), "arrived");
      child.process.kill(signal);
      assertEquals((await answer).text, "done");
      assertEquals(await child.line(), "finished");
      assertEquals((await child.process.status).code, 0);
    },
  });
}

Deno.test({
  name: "process that was told to end does so after the grace period, whatever its clients do",
  ignore: !posix,
  fn: async () => {
    for (const request of ["GET /stuck", "POST /x", "PUT /x"]) {
      await using child = await ChildProcess.start("signal_server.ts");
      const { port } = child;
      using socket = await RawSocket.connect(port);
      await socket.write(`${request} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n`);
      if (request.startsWith("GET")) assertEquals(await child.line(), "arrived");
      // A client that takes the beginning, and then nothing.
      else await socket.readBytes(100);
      const start = performance.now();
      child.process.kill("SIGTERM");
      await child.process.status;
      assert(performance.now() - start < 10_000);
    }
  },
});

for (const graceMs of ["10", NaN, -1, null, {}, 1n]) {
  Deno.test(`shutdown refuses ${String(graceMs)} as its grace, and can be called again`, async () => {
    const server = new Application([]).listen(0, { hostname: "127.0.0.1", handleSignals: false });
    const options = { graceMs: graceMs as number };
    await assertRejects(
      () => server.shutdown(options),
      TypeError,
      'option of shutdown() "graceMs"',
    );
    await server.shutdown();
  });
}

Deno.test("callback of the end that is no function is refused when it is registered", () => {
  const app = new Application([]);
  for (const callback of [undefined, "close", Promise.resolve()]) {
    assertThrows(() => app.onShutdown(callback as never), TypeError, "Cannot call at the end: ");
  }
});
