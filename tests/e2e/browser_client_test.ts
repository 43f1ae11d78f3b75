import { assertEquals, assertMatch } from "@std/assert";
import { Application, RequestHandler } from "../../mod.ts";
import { launchBrowser } from "../support/browser.ts";
import { bundle } from "../support/bundle.ts";
import { OUTCOMES, routes, rudeServer } from "../support/client_checks.ts";
import { serve } from "../support/serve.ts";
import { serviceTest } from "../support/services.ts";

class Page extends RequestHandler {
  override get() {
    this.write("<!doctype html><title>clients</title>");
  }
}

/**
 * What a browser does in its own way: it keeps cookies, follows redirects, hides other origins, and
 * streams bodies over HTTP/2 only.
 */
const OTHERWISE = new Set([
  "produced",
  "stripped",
  "redirects",
  "slowBody",
  "refused",
  "brokenOff",
  "tooLarge",
  "cookies",
  "socketRefused",
]);

serviceTest("chromium", "clients work in a page, and name what it cannot do", async (t) => {
  const script = await bundle(new URL("../fixtures/browser_client.ts", import.meta.url));
  await using server = serve(new Application([["/", Page], ["/*", routes()]]));
  await using rude = rudeServer();
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(`${server.origin}/`);
  await page.addScriptTag({ content: script, type: "module" });
  await page.waitForFunction("globalThis.check !== undefined");
  const { origin } = server;
  const servers = JSON.stringify({ origin, other: origin, rude: rude.origin });
  for (const [name, expected] of Object.entries(OUTCOMES)) {
    if (OTHERWISE.has(name)) continue;
    await t.step(name, async () => {
      const outcome = await page.evaluate(`check(${JSON.stringify(name)}, ${servers})`);
      assertEquals(outcome, expected);
    });
  }
  const refusal = String(await page.evaluate("refusal()"));
  assertMatch(refusal, /^UnsupportedFeatureError: Cannot use followRedirects and maxRedirects/);
  assertEquals(browser.pageErrors, []);
});
