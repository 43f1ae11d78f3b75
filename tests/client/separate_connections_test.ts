import { assertEquals } from "@std/assert";
import { AsyncHTTPClient } from "../../src/client/async_http_client.ts";
import { Application } from "../../src/web/application.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { serve } from "../support/serve.ts";

class Who extends RequestHandler {
  override get() {
    const { remoteIp } = this.request;
    this.write(`${remoteIp} ${this.request.header("authorization")}`);
  }
}

Deno.test("what one fetch is told of its connection and its password is not the next one's", async () => {
  await using server = serve(new Application([["/", Who]]));
  using client = new AsyncHTTPClient();
  const ask = async (options: Parameters<typeof client.fetch>[1] = {}) =>
    (await client.fetch(server.origin, options)).text();
  const credentials = { authUsername: "a", authPassword: "b" };
  const password = `Basic ${btoa("a:b")}`;
  assertEquals(await ask(), "127.0.0.1 null");
  assertEquals(
    await ask({ networkInterface: "127.0.0.5", ...credentials }),
    `127.0.0.5 ${password}`,
  );
  assertEquals(await ask(), "127.0.0.1 null");
  assertEquals(await ask({ networkInterface: "127.0.0.6" }), "127.0.0.6 null");
});
