/** HTTP/2, which Deno's own engine speaks. */
import { assert, assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { serve } from "../../support/serve.ts";

class Hello extends RequestHandler {
  override get() {
    this.write("Hello");
  }
}

Deno.test("server that drains answers over HTTP/2, which has no such field", async () => {
  const [cert, key] = await Promise.all(["localhost.crt", "localhost.key"].map(readTls));
  assert(cert !== undefined && key !== undefined);
  await using server = serve(new Application([["/", Hello]]), {
    drainMs: 30_000,
    graceMs: 60_000,
    cert,
    key,
  });
  using client = Deno.createHttpClient({ caCerts: [cert], http1: false, http2: true });
  const url = `https://localhost:${server.port}/`;
  await (await fetch(url, { client })).body?.cancel();
  const stopped = server.server.shutdown();
  const response = await fetch(url, { client });
  assertEquals([response.status, response.headers.get("connection")], [200, null]);
  assertEquals(await response.text(), "Hello");
  await server.server.shutdown({ graceMs: 0 });
  await stopped;
});

Deno.test("request.version is HTTP/2.0 where a connection brings no Host", async () => {
  class Version extends RequestHandler {
    override get() {
      this.write(this.request.version);
    }
  }
  const [cert, key, ca] = await Promise.all(["cert.pem", "key.pem", "ca.pem"].map(readTls));
  assert(cert !== undefined && key !== undefined && ca !== undefined);
  await using server = serve(new Application([["/", Version]]), { cert, key });
  using client = Deno.createHttpClient({ caCerts: [ca] });
  const response = await fetch(`https://localhost:${server.port}/`, { client });
  assertEquals(await response.text(), "HTTP/2.0");
});

function readTls(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../fixtures/tls/${name}`, import.meta.url));
}
