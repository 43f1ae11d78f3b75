import { assertEquals, assertRejects } from "@std/assert";
import {
  Application,
  AsyncHTTPClient,
  HTTPBodySizeError,
  HTTPClientError,
  RequestHandler,
} from "../../mod.ts";
import { serve } from "../support/serve.ts";
import { serviceTest, startNginx, startPython } from "../support/services.ts";
import { runPython } from "../support/tornado.ts";

serviceTest(
  "nginx",
  "client follows nginx's redirects, asks for ranges and keeps alive",
  async () => {
    await using nginx = await startNginx(`
    location = /connection { return 200 $connection; }
    location = /moved { return 301 /connection; }
    location = /loop { return 307 /loop; }
    location / { root /etc/nginx; default_type text/plain; gzip on; gzip_min_length 1;
      gzip_types *; }
  `);
    using client = new AsyncHTTPClient();
    const origin = `http://127.0.0.1:${nginx.port}`;
    const first = await client.fetch(`${origin}/connection`);
    const second = await client.fetch(`${origin}/moved`);
    assertEquals(second.text(), first.text(), "The connection was not used again");
    assertEquals(second.effectiveUrl, `${origin}/connection`);
    await assertRejects(() => client.fetch(`${origin}/loop`), HTTPClientError, "HTTP 307");

    const whole = await client.fetch(`${origin}/mime.types`);
    assertEquals(whole.headers.get("x-consumed-content-encoding"), "gzip");
    const raw = await client.fetch(`${origin}/mime.types`, { decompressResponse: false });
    assertEquals(raw.body, whole.body);
    const range = await client.fetch(`${origin}/mime.types`, { headers: { range: "bytes=10-19" } });
    assertEquals([range.code, range.body], [206, whole.body.slice(10, 20)]);
    const ifModifiedSince = new Date(raw.headers.get("last-modified") ?? "");
    const unmodified = await client.fetch(`${origin}/mime.types`, {
      ifModifiedSince,
      raiseError: false,
    });
    assertEquals([unmodified.code, unmodified.body.length], [304, 0]);
    const head = await client.fetch(`${origin}/mime.types`, { method: "HEAD", maxBodySize: 1 });
    assertEquals([head.code, head.body.length], [200, 0]);
    const limited = () =>
      client.fetch(`${origin}/mime.types`, { maxBodySize: whole.body.length - 1 });
    await assertRejects(limited, HTTPBodySizeError);
  },
);

const TORNADO_SERVER = `
import asyncio, sys, tornado.web

class Echo(tornado.web.RequestHandler):
    def post(self):
        self.set_header("X-Type", self.request.headers["Content-Type"])
        self.write({"arguments": {k: [v.decode() for v in vs] for k, vs in
            self.request.body_arguments.items()}, "length": len(self.request.body)})

class Stream(tornado.web.RequestHandler):
    async def get(self):
        for i in range(3):
            self.write("%d " % i)
            await self.flush()

class Redirect(tornado.web.RequestHandler):
    def get(self):
        self.redirect(self.get_argument("to"), permanent=True)

class Login(tornado.web.RequestHandler):
    def get(self):
        self.set_secure_cookie("user", "storm")
        self.set_cookie("plain", "1")

async def main():
    tornado.web.Application([("/echo", Echo), ("/stream", Stream), ("/redirect", Redirect),
        ("/login", Login)], cookie_secret="x", gzip=True).listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()

asyncio.run(main())
`;

serviceTest("python3-tornado", "client speaks with a server of Python's Tornado", async () => {
  await using python = await startPython(TORNADO_SERVER);
  const origin = `http://127.0.0.1:${python.port}`;
  using client = new AsyncHTTPClient();
  const posted = await client.fetch(`${origin}/echo`, { method: "POST", body: "a=1&a=2" });
  assertEquals(posted.json(), { arguments: { a: ["1", "2"] }, length: 7 });
  assertEquals(posted.headers.get("x-type"), "application/x-www-form-urlencoded");
  const produced = await client.fetch(`${origin}/echo`, {
    method: "POST",
    bodyProducer: async (write) => {
      for (let i = 0; i < 100; i++) await write(new Uint8Array(1000));
    },
    headers: { "content-type": "application/octet-stream" },
  });
  assertEquals(produced.json(), { arguments: {}, length: 100_000 });
  const redirected = await client.fetch(`${origin}/redirect?to=/stream`);
  assertEquals(redirected.text(), "0 1 2 ");
  const cookies = (await client.fetch(`${origin}/login`)).headers.getSetCookie();
  assertEquals(cookies.length, 2);
  await assertRejects(() => client.fetch(`${origin}/none`), HTTPClientError, "HTTP 404: Not Found");
});

class Hello extends RequestHandler {
  override get() {
    this.write("hello");
  }
  override post() {
    this.write({ got: this.getBodyArgument("a") });
  }
}

serviceTest("python3-tornado", "Python's Tornado is a client of ours", async () => {
  await using server = serve(new Application([["/", Hello]]));
  const answers = await runPython(
    `
import asyncio
from tornado.httpclient import AsyncHTTPClient

async def main():
    client = AsyncHTTPClient()
    got = await client.fetch(input)
    posted = await client.fetch(input, method="POST", body="a=1")
    missing = await client.fetch(input + "none", raise_error=False)
    return [got.body.decode(), posted.body.decode(), missing.code]

output = asyncio.run(main())
`,
    `${server.origin}/`,
  );
  assertEquals(answers, ["hello", '{"got":"1"}', 404]);
});
