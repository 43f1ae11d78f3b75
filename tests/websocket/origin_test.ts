import { assertEquals } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { isSameOrigin } from "../../src/websocket/origin.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

const MATRIX: [origin: string, host: string, same: boolean][] = [
  ["http://example.com", "example.com", true],
  ["https://example.com", "example.com", true],
  ["http://example.com", "EXAMPLE.com", true],
  ["http://Example.COM", "example.com", true],
  ["http://example.com:80", "example.com", true],
  ["http://example.com", "example.com:80", true],
  ["https://example.com", "example.com:443", true],
  ["http://example.com:8888", "example.com:8888", true],
  ["http://[::1]:8888", "[::1]:8888", true],
  ["http://bücher.example", "xn--bcher-kva.example", true],
  ["http://example.com:8888", "example.com", false],
  ["http://example.com", "example.com:8888", false],
  ["https://example.com", "example.com:80", false],
  ["http://sub.example.com", "example.com", false],
  ["http://example.com.evil.example", "example.com", false],
  ["http://evil.example/example.com", "example.com", false],
  ["http://user@example.com", "example.com", false],
  ["http://example.com@evil.example", "example.com", false],
  ["example.com", "example.com", false],
  ["example.com:80", "example.com:80", false],
  ["//example.com", "example.com", false],
  ["ftp://example.com", "example.com", false],
  ["chrome-extension://example.com", "example.com", false],
  ["null", "example.com", false],
  ["null", "null", false],
  ["", "example.com", false],
  ["http://example.com, http://evil.example", "example.com", false],
];

for (const [origin, host, same] of MATRIX) {
  Deno.test(`origin "${origin}" is ${same ? "" : "not "}the host "${host}"`, () => {
    assertEquals(isSameOrigin(origin, host), same);
  });
}

async function statusOf(
  check: { checkOrigin(origin: string): unknown },
  headers: Record<string, string>,
): Promise<number> {
  class Checked extends WebSocketHandler {
    override checkOrigin(origin: string): boolean {
      return check.checkOrigin(origin) as boolean;
    }
  }
  await using server = serve(new Application([["/", Checked]]));
  using client = await RawWebSocket.connect(server.port, "/", { headers });
  if (client.response.status === 101) await client.close();
  return client.response.status;
}

Deno.test("checkOrigin is asked with the value of Origin", async () => {
  const asked: string[] = [];
  const check = { checkOrigin: (origin: string) => asked.push(origin) > 0 };
  assertEquals(await statusOf(check, { origin: "https://Elsewhere.example" }), 101);
  assertEquals(asked, ["https://Elsewhere.example"]);
});

Deno.test("checkOrigin is not asked where no Origin was sent", async () => {
  assertEquals(await statusOf({ checkOrigin: () => false }, {}), 101);
});

Deno.test("checkOrigin that is async by mistake lets nobody in", async () => {
  const check = { checkOrigin: () => Promise.resolve(true) };
  assertEquals(await statusOf(check, { origin: "http://elsewhere.example" }), 403);
});
