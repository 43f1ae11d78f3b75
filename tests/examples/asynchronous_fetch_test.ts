import { assert, assertEquals, assertRejects } from "@std/assert";
import { Application, gen, HTTPClientError, RequestHandler } from "@gustnado/gustnado";
import { asynchronousFetch, fetchUrls } from "../../examples/asynchronous_fetch.ts";
import { serve } from "../support/serve.ts";

class Site extends Application {
  most = 0;
  active = 0;

  constructor() {
    super([["/:page", Page]]);
  }
}

class Page extends RequestHandler<Site> {
  override async get(page: string) {
    const site = this.application;
    site.most = Math.max(site.most, ++site.active);
    await gen.sleep(5);
    site.active--;
    if (page === "none") this.sendError(404);
    else this.write(`page ${page}`);
  }
}

Deno.test("asynchronous fetch gives the body of a page", async () => {
  await using server = serve(new Site());
  assertEquals(await asynchronousFetch(`${server.origin}/one`), "page one");
  await assertRejects(
    () => asynchronousFetch(`${server.origin}/none`),
    HTTPClientError,
    "HTTP 404",
  );
});

Deno.test("several pages are fetched at the same time, and come in their order", async () => {
  const site = new Site();
  await using server = serve(site);
  const urls = ["one", "two", "three"].map((page) => `${server.origin}/${page}`);
  assertEquals(await fetchUrls(urls), ["page one", "page two", "page three"]);
  assert(site.most > 1, "They were fetched one after the other");
});
