import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { rawRequest } from "./raw_socket.ts";
import { bothWays, serve, serveBy } from "./serve.ts";

class PathHandler extends RequestHandler {
  override get(path: string) {
    this.write(`${this.request.method} /${path}`);
  }
}

class CountHandler extends RequestHandler<CountingApplication> {
  override get() {
    this.write(`${this.application.count++}`);
  }
}

class CountingApplication extends Application {
  count = 0;
}

Deno.test("served application listens on a free port until it is disposed", async () => {
  const served = serve(new Application([["/(.*)", PathHandler]]));
  assertMatch(served.origin, /^http:\/\/127\.0\.0\.1:\d+$/);
  const response = await fetch(`${served.origin}/a`);
  assertEquals(await response.text(), "GET /a");
  await served[Symbol.asyncDispose]();
  await assertRejects(() => fetch(`${served.origin}/a`), TypeError);
});

Deno.test("application of a file that says so is served by another engine", async () => {
  serveBy("node");
  try {
    await using served = serve(new Application([["/(.*)", PathHandler]]));
    // Deno's own engine does without a Host.
    assertEquals((await rawRequest(served.port, "GET / HTTP/1.1\r\n\r\n")).status, 400);
  } finally {
    serveBy("native");
  }
});

bothWays("a rule is checked both ways", [["/(.*)", PathHandler]], async (fetch) => {
  const response = await fetch("/a?b=c");
  assertEquals([response.status, await response.text()], [200, "GET /a"]);
});

bothWays("a redirect is not followed", [
  ["/", () => Response.redirect("http://elsewhere.invalid/", 302)],
], async (fetch) => {
  const response = await fetch("/");
  assertEquals(response.headers.get("location"), "http://elsewhere.invalid/");
});

bothWays("a body that is not read is no leak", [["/(.*)", PathHandler]], async (fetch) => {
  assertEquals((await fetch("/a")).status, 200);
});

bothWays("each of the two tests has an application of its own", () => {
  return new CountingApplication([["/", CountHandler]]);
}, async (fetch) => {
  assertEquals(await (await fetch("/")).text(), "0");
});
