import { assertEquals, assertThrows } from "@std/assert";
import { Application, RequestHandler, WebSocketHandler } from "@gustnado/gustnado";
import { launchBrowser } from "../../support/browser.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { RawWebSocket } from "../../support/raw_websocket.ts";
import { bothWays, type Fetch, serve } from "../../support/serve.ts";
import { serviceTest } from "../../support/services.ts";

class Form extends RequestHandler {
  override get() {
    this.write([this.xsrfToken, this.request.host]);
  }

  override post() {
    this.write("posted");
  }

  override put() {
    this.write("put");
  }
}

class Open extends Form {
  override checkXsrfCookie() {}
}

class Socket extends WebSocketHandler {}

const settings = { xsrfCookies: true, xsrfCheckOrigin: true };
const application = () =>
  new Application([["/", Form], ["/open", Open], ["/socket", Socket]], settings);

/** Sends a request with a good token, so that what is refused is refused for its origin. */
async function visitor(
  fetch: Fetch,
): Promise<(headers: Record<string, string>) => Promise<number>> {
  const response = await fetch("/");
  const cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const [token = "", host = ""] = await response.json() as string[];
  return async ({ origin, ...headers }) => {
    const fields = new Headers({ cookie, "X-XSRFToken": token, ...headers });
    if (origin !== undefined) fields.set("origin", origin.replace("HOST", host));
    return (await fetch("/", { method: "POST", headers: fields })).status;
  };
}

bothWays(
  "request of this origin, or of no page at all, is accepted",
  application,
  async (fetch) => {
    const post = await visitor(fetch);
    const accepted: Record<string, string>[] = [
      {},
      { "Sec-Fetch-Site": "same-origin" },
      { "Sec-Fetch-Site": "none" },
      { "Sec-Fetch-Site": "same-origin", origin: "https://HOST" },
      // The scheme and the port of a proxy may differ; the browser knows better.
      { "Sec-Fetch-Site": "same-origin", origin: "https://proxy.example:8443" },
      { origin: "http://HOST" },
      { origin: "https://HOST" },
    ];
    for (const headers of accepted) assertEquals([headers, await post(headers)], [headers, 200]);
  },
);

bothWays("request of another origin is a 403, whatever its token", application, async (fetch) => {
  const post = await visitor(fetch);
  const refused: [Record<string, string>, RegExp][] = [
    [{ "Sec-Fetch-Site": "cross-site" }, /Sec-Fetch-Site/],
    [{ "Sec-Fetch-Site": "same-site" }, /Sec-Fetch-Site/],
    [{ "Sec-Fetch-Site": "" }, /Sec-Fetch-Site/],
    [{ "Sec-Fetch-Site": "Same-Origin" }, /Sec-Fetch-Site/],
    [{ "Sec-Fetch-Site": "same-origin, cross-site" }, /Sec-Fetch-Site/],
    [{ "Sec-Fetch-Site": "cross-site", origin: "http://HOST" }, /Sec-Fetch-Site/],
    [{ origin: "https://evil.example" }, /Origin/],
    [{ origin: "http://sub.HOST" }, /Origin/],
    [{ origin: "http://evil.example/HOST" }, /Origin/],
    [{ origin: "http://HOST@evil.example" }, /Origin/],
    [{ origin: "http://user@HOST" }, /Origin/],
    [{ origin: "HOST" }, /Origin/],
    [{ origin: "null" }, /Origin/],
    [{ origin: "" }, /Origin/],
    [{ origin: "http://evil.example, http://HOST" }, /Origin/],
  ];
  using records = captureLogs();
  for (const [headers, reason] of refused) {
    assertEquals([headers, await post(headers)], [headers, 403]);
    await expectLog(records, "warning", reason);
  }
});

bothWays("request without the token is a 403, whatever its origin", application, async (fetch) => {
  using records = captureLogs();
  for (const headers of [{}, { "Sec-Fetch-Site": "same-origin" }, { "Sec-Fetch-Site": "none" }]) {
    for (const method of ["POST", "PUT"]) {
      assertEquals((await fetch("/", { method, headers })).status, 403);
      await expectLog(records, "warning", /missing/);
    }
  }
});

bothWays(
  "other sites may still link here, and handlers may opt out",
  application,
  async (fetch) => {
    const headers = { "Sec-Fetch-Site": "cross-site", origin: "https://evil.example" };
    assertEquals((await fetch("/", { headers })).status, 200);
    assertEquals((await fetch("/", { headers, method: "HEAD" })).status, 200);
    assertEquals((await fetch("/open", { headers, method: "POST" })).status, 200);
  },
);

Deno.test("origin is not looked at unless a setting says so", async () => {
  const app = new Application([["/", Form]], { xsrfCookies: true });
  const post = await visitor(async (path, init) =>
    await app.fetch(new Request(`http://localhost${path}`, init))
  );
  assertEquals(await post({ "Sec-Fetch-Site": "cross-site", origin: "null" }), 200);
});

Deno.test("xsrfCheckOrigin without xsrfCookies is an error, since it would check nothing", () => {
  for (const xsrfCookies of [{}, { xsrfCookies: false }]) {
    assertThrows(
      () => new Application([], { xsrfCheckOrigin: true, ...xsrfCookies }),
      TypeError,
      'Cannot use the setting "xsrfCheckOrigin" without "xsrfCookies"',
    );
  }
  new Application([], { xsrfCheckOrigin: false });
});

Deno.test("upgrade of a WebSocket needs no token, and is refused to another origin", async () => {
  await using server = serve(application());
  const statusOf = async (headers: Record<string, string>) => {
    using client = await RawWebSocket.connect(server.port, "/socket", { headers });
    if (client.response.status === 101) await client.close();
    return client.response.status;
  };
  const host = "site.example";
  assertEquals(await statusOf({ host, origin: "https://site.example" }), 101);
  assertEquals(await statusOf({ host, origin: "https://evil.example" }), 403);
  assertEquals(await statusOf({ host, origin: "null" }), 403);
});

serviceTest("chromium", "browser's form is accepted here and refused from elsewhere", async () => {
  class Page extends RequestHandler {
    override get() {
      const action = this.getArgument("action");
      this.write(`<form method="post" action="${action}">${this.xsrfFormHtml()}<button></form>`);
    }
  }
  const app = () => new Application([["/", Form], ["/page", Page]], settings);
  await using here = serve(app());
  await using elsewhere = serve(app());
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  const submit = async (from: string, to: string) => {
    await page.goto(`${from}/page?action=${encodeURIComponent(`${to}/`)}`);
    await page.click("button");
    return await page.textContent("body");
  };
  assertEquals(await submit(here.origin, here.origin), "posted");
  using records = captureLogs();
  const otherName = elsewhere.origin.replace("127.0.0.1", "localhost");
  for (const from of [elsewhere.origin, otherName]) {
    assertEquals(await submit(from, here.origin), "403: Forbidden");
    await expectLog(records, "warning", /another origin, as Sec-Fetch-Site says/);
  }
});
