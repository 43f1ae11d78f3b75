import { assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { Application, gen, RequestHandler, TimeoutError } from "@gustnado/gustnado";
import { crawl, linksOf } from "../../examples/spider.ts";
import { serve } from "../support/serve.ts";

/** A site of a front page and 39 more, each of which links to two, to itself and to elsewhere. */
class Site extends Application {
  most = 0;
  active = 0;

  constructor() {
    super([["/docs/(\\d*)", PageHandler], ["/other", PageHandler]]);
  }
}

class PageHandler extends RequestHandler<Site> {
  override async get(page: string): Promise<void> {
    const site = this.application;
    site.most = Math.max(site.most, ++site.active);
    await gen.sleep(2);
    site.active--;
    const number = Number(page);
    if (number >= 40) return this.setStatus(404);
    const links = [`${2 * number + 1}`, `/docs/${2 * number + 2}#top`, page, "/other", "//[bad"];
    this.write(links.map((link) => `<p><a class="x" href="${link}">more</a>`).join("\n"));
  }
}

Deno.test("spider reads every page once, several at a time, and reports what fails", async () => {
  const site = new Site();
  await using server = serve(site);
  const { fetched, failed } = await crawl(`${server.origin}/docs/`, { timeout: 30_000 });
  assertEquals(fetched.size, 40);
  assertEquals(new Set(failed.values()), new Set(["The server answered 404"]));
  assertGreater(site.most, 1);
  assertLess(site.most, 11);
});

Deno.test("spider gives up in time and stops its requests", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = silent.accept();
  await assertRejects(
    () => crawl(`http://127.0.0.1:${silent.addr.port}/`, { timeout: 50 }),
    TimeoutError,
    "Cannot join the queue",
  );
  using connection = await accepting;
  const buffer = new Uint8Array(1_024);
  // The request has come, and then the spider hung up.
  while (await connection.read(buffer) !== null);
});

Deno.test("spider finds links, resolves them and drops their fragments", () => {
  const html =
    `<a href="b#x">b</a> <A class="y" HREF="/c?d">c</A> <a name="z">z</a> <a href="//[">`;
  assertEquals(linksOf(html, "http://x/a/"), ["http://x/a/b", "http://x/c?d"]);
});
