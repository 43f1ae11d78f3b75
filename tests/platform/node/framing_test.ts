/** What the engine "node" makes of heads that proxies could read in two ways; Deno's own is in `http_server_test.ts`. */
import { assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { AMBIGUOUS_HEADS } from "../../support/ambiguous_heads.ts";
import { rawRequest } from "../../support/raw_socket.ts";
import { serve } from "../../support/serve.ts";

class Echo extends RequestHandler {
  override post() {
    this.write(this.request.body);
  }
}

const HEADS: [status: number, head: string][] = [
  ...AMBIGUOUS_HEADS.map((head): [number, string] => [400, head]),
  [400, "Transfer-Encoding: gzip, chunked"],
  [400, "Transfer-Encoding: xchunked"],
  [431, `X: ${"x".repeat(20_000)}`],
];

for (const [expected, head] of HEADS) {
  Deno.test(`head with ${JSON.stringify(head.slice(0, 60))} is answered with ${expected}`, async () => {
    await using server = serve(new Application([["/", Echo]]), { engine: "node" });
    const request = `POST / HTTP/1.1\r\nHost: h\r\n${head}\r\n\r\nabc`;
    assertEquals((await rawRequest(server.port, request)).status, expected);
  });
}

Deno.test("request without Host is answered with 400 by the engine node", async () => {
  await using server = serve(new Application([["/", Echo]]), { engine: "node" });
  const request = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
  assertEquals((await rawRequest(server.port, request)).status, 400);
});
