import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  topicClientRoute,
  topicClientUrl,
} from "../../../src/topics/handlers/topic_client_route.ts";
import { TOPIC_CLIENT_TEXT } from "../../../src/topics/handlers/topic_client_text.ts";
import { DictLoader } from "../../../src/template/loaders/dict_loader.ts";
import { Application } from "../../../src/web/application.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { bothWays } from "../../support/serve.ts";

class Home extends RequestHandler {
  override get() {
    this.write(topicClientUrl(this));
  }
}

const ROUTES = [["/", Home], topicClientRoute("/js/topics.js")] as const;

bothWays(
  "the client is a script that is kept for a year under its version",
  ROUTES,
  async (fetch) => {
    const url = await (await fetch("/")).text();
    assertMatch(url, /^\/js\/topics\.js\?v=[\w-]{22}$/);
    const response = await fetch(url);
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-type"), "text/javascript; charset=UTF-8");
    assertEquals(response.headers.get("cache-control"), "max-age=31536000, immutable");
    assertEquals(await response.text(), TOPIC_CLIENT_TEXT);
  },
);

bothWays("without its version, or with another, it is asked for again", ROUTES, async (fetch) => {
  for (const query of ["", "?v=", "?v=old", "?v=a&v=b"]) {
    const response = await fetch(`/js/topics.js${query}`);
    assertEquals(response.headers.get("cache-control"), "no-cache");
    const tag = response.headers.get("etag") ?? "";
    assertMatch(tag, /^(?:W\/)?"[\w-]{22}"$/);
    const again = await fetch(`/js/topics.js${query}`, { headers: { "if-none-match": tag } });
    assertEquals([again.status, await again.text()], [304, ""]);
  }
});

bothWays("HEAD tells about it", ROUTES, async (fetch) => {
  const response = await fetch("/js/topics.js", { method: "HEAD" });
  assertEquals([response.status, await response.text()], [200, ""]);
});

Deno.test("a template writes its URL", async () => {
  class Page extends RequestHandler {
    override get() {
      return this.render("page.html");
    }
  }
  const templateLoader = new DictLoader({
    "page.html":
      '<script type="module">import { TopicClient } from "{{ topicClientUrl() }}"</script>',
  });
  const settings = { templateLoader, uiMethods: { topicClientUrl } };
  const app = new Application([["/", Page], topicClientRoute()], settings);
  const response = await app.fetch(new Request("http://localhost/"));
  assertMatch(await response.text(), /from "\/topic-client\.js\?v=[\w-]{22}"/);
});

Deno.test("the text is a module that exports the client", async () => {
  const url = `data:text/javascript,${encodeURIComponent(TOPIC_CLIENT_TEXT)}`;
  const module: object = await import(url);
  assertEquals(Object.keys(module).toSorted(), ["TopicClient", "TopicError"]);
  assert("TopicClient" in module);
});

Deno.test("without the route there is no URL", () => {
  const app = new Application([]);
  assertThrows(() => app.reverseUrl("topicClient"), Error, "topicClient");
});
