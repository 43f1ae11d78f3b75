import { assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { StaticFileHandler } from "../../../src/web/static/static_file_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays } from "../../support/serve.ts";
import { staticTree } from "./static_tree.ts";

const SHELL = "<div id=app></div>";
const tree = staticTree({
  "index.html": SHELL,
  "app.js": "start()",
  "assets/logo.svg": "<svg/>",
  "docs/index.html": "<p>docs</p>",
  ".env": "SECRET=1",
});

/** What Chromium sends with a click on a link. */
const BROWSER =
  "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

const app = (options: object = {}) => () =>
  new Application([
    ["/(.*)", StaticFileHandler, {
      path: tree.path,
      singlePageFallback: "index.html",
      ...options,
    }],
  ]);

bothWays("a navigation without a file gets the single page", app(), async (fetch) => {
  for (
    const path of ["/", "/users", "/users/7", "/users/", "/caf%C3%A9?a=b.c", "/assets", "/a.b/c"]
  ) {
    for (const accept of [BROWSER, "text/html", "application/json;q=0.1, TEXT/HTML;level=1"]) {
      const response = await fetch(path, { headers: { accept } });
      assertEquals([path, response.status, await response.text()], [path, 200, SHELL]);
      assertEquals(response.headers.get("content-type"), "text/html; charset=UTF-8");
      assertEquals(response.headers.get("vary"), "Accept");
      assertEquals(response.headers.get("cache-control"), null);
      const etag = response.headers.get("etag") ?? "";
      const again = await fetch(path, { headers: { accept, "if-none-match": etag } });
      assertEquals(again.status, 304);
    }
  }
  const head = await fetch("/users/7", { method: "HEAD", headers: { accept: BROWSER } });
  assertEquals([head.status, head.headers.get("content-length")], [200, String(SHELL.length)]);
});

for (
  const [what, path, init, status] of [
    ["a script", "/users/7", { headers: { accept: "*/*" } }, 404],
    ["an API client", "/users/7", { headers: { accept: "application/json" } }, 404],
    ["one that takes any text", "/users/7", { headers: { accept: "text/*" } }, 404],
    ["one that wants no HTML", "/users/7", { headers: { accept: "text/html;q=0, */*" } }, 404],
    ["a type that begins like HTML", "/users/7", { headers: { accept: "text/html5" } }, 404],
    ["a missing script", "/old.js", { headers: { accept: BROWSER } }, 404],
    ["a missing image", "/a/b.png", { headers: { accept: BROWSER } }, 404],
    ["a hidden file", "/.env", { headers: { accept: BROWSER } }, 404],
    ["a name below a hidden one", "/.git/config", { headers: { accept: BROWSER } }, 404],
    ["an escape", "/..%2fsecret", { headers: { accept: BROWSER } }, 403],
    ["a NUL", "/a%00b", { headers: { accept: BROWSER } }, 404],
    ["a form", "/users/7", { method: "POST", headers: { accept: BROWSER } }, 405],
  ] as const
) {
  bothWays(`a single page is not for ${what}`, app(), async (fetch) => {
    using records = captureLogs();
    const response = await fetch(path, init);
    assertEquals(response.status, status);
    const text = await response.text();
    assertEquals(text.includes("id=app"), false);
    if (status === 403) await expectLog(records, "warning", /is not in root static directory/);
  });
}

bothWays(
  "files and directories that are there go before the single page",
  app({
    defaultFilename: "index.html",
  }),
  async (fetch) => {
    const headers = { accept: BROWSER };
    assertEquals(await (await fetch("/app.js", { headers })).text(), "start()");
    assertEquals(await (await fetch("/docs/", { headers })).text(), "<p>docs</p>");
    assertEquals((await fetch("/docs", { headers })).headers.get("location"), "/docs/");
    assertEquals(await (await fetch("/assets/", { headers })).text(), SHELL);
  },
);

bothWays("a 404 beside a single page depends on Accept, and says so", app(), async (fetch) => {
  const response = await fetch("/users/7", { headers: { accept: "*/*" } });
  assertEquals([response.status, response.headers.get("vary")], [404, "Accept"]);
});

bothWays(
  "a single page that is not there is a 404, and the log says so",
  app({ singlePageFallback: "none.html" }),
  async (fetch) => {
    using records = captureLogs();
    const response = await fetch("/users/7", { headers: { accept: BROWSER } });
    assertEquals(response.status, 404);
    await expectLog(records, "warning", /There is no "none.html" to fall back to/);
  },
);
