import { assert, assertEquals, assertMatch } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { serve } from "../support/serve.ts";
import { serviceTest, startNginx } from "../support/services.ts";

class ClientHandler extends RequestHandler {
  override get() {
    const { remoteIp, protocol, host } = this.request;
    this.write({ remoteIp, protocol, host });
  }
}

/** Not the address that nginx connects from. */
const CLIENT = "127.0.0.2";

serviceTest("nginx", "documented nginx site tells who the client is", async () => {
  await using server = serve(new Application([["/", ClientHandler]]), { xheaders: true });
  const site = await readSite(server.port);
  await using nginx = await startNginx(site.server, site);
  using client = Deno.createHttpClient({ localAddress: CLIENT });
  const forged = {
    "x-real-ip": "203.0.113.7",
    "x-forwarded-for": "203.0.113.7",
    "x-scheme": "https",
    "x-forwarded-proto": "https",
  };
  const response = await fetch(`http://127.0.0.1:${nginx.port}/`, { client, headers: forged });
  assertEquals(await response.json(), {
    remoteIp: CLIENT,
    protocol: "http",
    host: `127.0.0.1:${nginx.port}`,
  });
});

serviceTest("nginx", "documented nginx site hangs up on a head that does not end", async () => {
  await using server = serve(new Application([["/", ClientHandler]]));
  const site = await readSite(server.port);
  const hasty = site.server.replace(/(client_header_timeout) \d+s/, "$1 1s");
  await using nginx = await startNginx(hasty, site);
  using socket = await RawSocket.connect(nginx.port);
  await socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
  assertMatch(new TextDecoder().decode(await socket.readToEnd()), /^$|^HTTP\/1\.1 408 /);
});

/** The directives of the documented nginx site, for an application on another port. */
async function readSite(port: number): Promise<{ server: string; http: string }> {
  const page = await Deno.readTextFile(new URL("../../docs/deployment.md", import.meta.url));
  const [, site = ""] = /```nginx\n(.*?)```/s.exec(page) ?? [];
  const blocks = /^server \{\n {2}listen 80;\n(.*?)^\}\n(.*)/ms.exec(site);
  const [, server = "", http = ""] = blocks ?? [];
  assert(server.includes(":8888"), "The page has no nginx site for port 8888");
  return { server: server.replace(":8888", `:${port}`), http };
}
