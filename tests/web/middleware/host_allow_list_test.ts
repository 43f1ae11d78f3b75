import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Application } from "../../../src/web/application.ts";
import { hostAllowList, HostList } from "../../../src/web/middleware/host_allow_list.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { assertLinear } from "../../support/linear.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { rawRequest } from "../../support/raw_socket.ts";
import { serve } from "../../support/serve.ts";

const LIST = new HostList([
  "example.com",
  "*.example.org",
  "local.example:8080",
  "*.ported.example:8443",
  "secure.example:443",
  "192.0.2.1",
  "[2001:db8::1]",
  "[::1]:8888",
  "bücher.example",
  "Mixed.Example.",
]);

for (
  const host of [
    "example.com",
    "EXAMPLE.com",
    "example.com.",
    "example.com:8080",
    "example.com.:8080",
    "example.com:",
    "a.example.org",
    "a.b.example.org",
    "local.example:8080",
    "a.ported.example:8443",
    "192.0.2.1",
    "192.0.2.1:99",
    "[2001:db8::1]",
    "[2001:0DB8:0:0:0:0:0:1]:5",
    "[::1]:8888",
    "xn--bcher-kva.example",
    "mixed.example",
  ]
) {
  Deno.test(`host ${host} is on the list`, () => assert(LIST.has(host, "http")));
}

for (
  const host of [
    "evil.example",
    "notexample.com",
    "example.com.evil.example",
    "www.example.com",
    "example.org",
    ".example.org",
    "example.com..",
    "local.example",
    "local.example:80",
    "a.ported.example",
    "secure.example",
    "192.0.2.10",
    "0xc0.0.2.1",
    "[2001:db8::2]",
    "[::1]",
    "[::1]:888",
    "b%C3%BCcher.example",
  ]
) {
  Deno.test(`host ${host} is not on the list`, () => assertFalse(LIST.has(host, "http")));
}

Deno.test("host without a port has the one of the scheme", () => {
  assert(LIST.has("secure.example", "https"));
  assertFalse(LIST.has("secure.example", "http"));
});

for (
  const entry of [
    "",
    "*",
    "*.",
    "*.*.example",
    "a*.example",
    "http://example.com",
    "example.com/",
    "example.com:99999",
    "a b",
    "[::1",
    "[::g]",
    "*.[::1]",
    "user@example.com",
    ".",
  ]
) {
  Deno.test(`host list refuses the entry ${JSON.stringify(entry)}`, () => {
    assertThrows(() => hostAllowList([entry]), TypeError, "Cannot allow the host");
  });
}

Deno.test("host list refuses to be empty, and entries that are no text", () => {
  assertThrows(() => hostAllowList([]), TypeError, "empty list");
  assertThrows(() => hostAllowList("x" as unknown as string[]), TypeError, "empty list");
  assertThrows(() => hostAllowList([1] as unknown as string[]), TypeError, '"1"');
});

Deno.test("every name is on the list that it makes, and below itself only with a star", () => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
  const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join("."));
  fc.assert(fc.property(name, label, (name, below) => {
    assert(new HostList([name]).has(name, "http"));
    assertFalse(new HostList([name]).has(`${below}.${name}`, "http"));
    assert(new HostList([`*.${name}`]).has(`${below}.${name}`, "http"));
    assertFalse(new HostList([`*.${name}`]).has(name, "http"));
  }));
});

Deno.test("any text is on the list or not, without an error", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (host) => {
    LIST.has(host, "http");
  }));
});

class Main extends RequestHandler {
  override get() {
    this.write("in");
  }
}
class Socket extends WebSocketHandler {}

const app = () =>
  new Application([["/", Main], ["/ws", Socket]], {
    middleware: [hostAllowList(["localhost", "127.0.0.1"])],
  });

for (const [host, status] of [["localhost", 200], ["evil.example", 421], ["a/b", 400]] as const) {
  Deno.test(`request for the host ${host} is answered with ${status}`, async () => {
    using records = captureLogs();
    await using server = serve(app());
    const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    assertEquals((await rawRequest(server.port, request)).status, status);
    if (status === 421) await expectLog(records, "warning", /421 GET .*"evil\.example" is not/);
    if (status === 400) await expectLog(records, "warning", /400 GET .*Malformed Host header/);
  });
}

for (
  const [target, status] of [
    ["http://localhost/", 200],
    ["http://LOCALHOST:8080/", 200],
    ["http://evil.example/", 421],
    ["http://localhost@evil.example/", 421],
    ["http://localhost.evil.example/", 421],
  ] as const
) {
  Deno.test(`request for ${target} in the absolute form is answered with ${status}`, async () => {
    using records = captureLogs();
    await using server = serve(app());
    // Whose host the library goes by is on the list; fetch functions see that of the target.
    const request = `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    assertEquals((await rawRequest(server.port, request)).status, status);
    if (status === 421) await expectLog(records, "warning", /421 GET .*evil\.example" is not/);
  });
}

Deno.test("WebSocket for a host that is not on the list is refused", async () => {
  using records = captureLogs();
  const headers = { host: "rebound.example", upgrade: "websocket", connection: "upgrade" };
  const response = await app().fetch(new Request("http://rebound.example/ws", { headers }));
  assertEquals(response.status, 421);
  await response.body?.cancel();
  await expectLog(records, "warning", /rebound\.example/);
});

Deno.test("host of any length is looked at in linear time", () => {
  const application = app();
  const answer = (host: string) =>
    application.fetch(new Request("http://localhost/", { headers: { host } }));
  assertLinear((n) => answer("a.".repeat(n)), { n: 10_000 });
  assert(answer("localhost") instanceof Response);
});
