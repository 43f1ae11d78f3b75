import { assertEquals } from "@std/assert";
import { Application, RequestHandler } from "@gustnado/gustnado";
import { httpGet } from "../../examples/http_get.ts";
import { serve } from "../support/serve.ts";

class Hello extends RequestHandler {
  override get(): void {
    this.setHeader("X-Query", this.request.query);
    this.write("Hello, world");
  }
}

Deno.test("http get by hand reads status, headers and body", async () => {
  await using server = serve(new Application([["/hello", Hello]]));
  const { statusLine, headers, body } = await httpGet(`${server.origin}/hello?a=1`);
  assertEquals(statusLine.replace(/^HTTP\/1\.\d/, "HTTP/1.x"), "HTTP/1.x 200 OK");
  assertEquals([headers.get("content-length"), headers.get("x-query")], ["12", "a=1"]);
  assertEquals(new TextDecoder().decode(body), "Hello, world");
});

Deno.test("http get by hand reads to the end a body that has no length", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(1_024));
    await connection.write(new TextEncoder().encode("HTTP/1.0 200 OK\r\n\r\nto the end"));
  })();
  const { body } = await httpGet(`http://127.0.0.1:${listener.addr.port}/`);
  assertEquals(new TextDecoder().decode(body), "to the end");
  await serving;
});
