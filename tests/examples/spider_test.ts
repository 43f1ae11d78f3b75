import { assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { Application, locks, RequestHandler, TimeoutError } from "@gustnado/gustnado";
import { crawl, linksOf } from "../../examples/spider.ts";
import { fakeClock } from "../support/fake_clock.ts";
import { serve } from "../support/serve.ts";

/** A site of a front page and 39 more, each of which links to two, to itself and to elsewhere. */
class Site extends Application {
  most = 0;
  active = 0;
  /** Opens when two pages are asked for at the same time. */
  readonly together = new locks.Event();

  constructor() {
    super([["/docs/(\\d*)", PageHandler], ["/other", PageHandler]]);
  }
}

class PageHandler extends RequestHandler<Site> {
  override async get(page: string): Promise<void> {
    const site = this.application;
    site.most = Math.max(site.most, ++site.active);
    if (site.active > 1) site.together.set();
    // The pages behind the front page wait for each other: a spider that goes one by one never ends.
    if (page !== "") await site.together.wait();
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
  using clock = fakeClock();
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = silent.accept();
  const crawling = crawl(`http://127.0.0.1:${silent.addr.port}/`, { timeout: 50 });
  crawling.catch(() => {});
  using connection = await accepting;
  const buffer = new Uint8Array(1_024);
  assertGreater(await connection.read(buffer), 0);
  await clock.tick(50);
  await assertRejects(() => crawling, TimeoutError, "Cannot join the queue");
  // The request has come, and now the spider hangs up.
  while (await connection.read(buffer) !== null);
});

Deno.test("spider finds links, resolves them and drops their fragments", () => {
  const html =
    `<a href="b#x">b</a> <A class="y" HREF="/c?d">c</A> <a name="z">z</a> <a href="//[">`;
  assertEquals(linksOf(html, "http://x/a/"), ["http://x/a/b", "http://x/c?d"]);
});
