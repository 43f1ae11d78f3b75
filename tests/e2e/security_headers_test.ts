/** What a real browser makes of the header fields. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { securityHeaders } from "../../src/web/middleware/security_headers.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { launchBrowser } from "../support/browser.ts";
import { poll } from "../support/poll.ts";
import { serve } from "../support/serve.ts";
import { serviceTest } from "../support/services.ts";

class Page extends RequestHandler {
  override get() {
    this.write(`<!DOCTYPE html><title>page</title>
      <script>document.documentElement.dataset.without = "ran"</script>
      <script nonce="AAAAAAAAAAAAAAAAAAAAAAAA">document.documentElement.dataset.wrong = "ran"</script>
      <img src="/none" onerror="document.documentElement.dataset.attribute = 'ran'">
      <style>title { color: rgb(1, 2, 3) }</style>
      <style nonce="${this.cspNonce}">html { color: rgb(4, 5, 6) }</style>
      <script nonce="${this.cspNonce}">document.documentElement.dataset.with = "ran"</script>`);
  }
}

class Framing extends RequestHandler {
  override get() {
    this.write(`<!DOCTYPE html><iframe src="${this.getArgument("page")}"></iframe>`);
  }
}

serviceTest(
  "chromium",
  "browser runs scripts and styles that have the nonce, and no others",
  async () => {
    await using server = serve(new Application([["/", Page]], { middleware: [securityHeaders()] }));
    await using browser = await launchBrowser();
    const page = await browser.newPage();
    const violations: string[] = [];
    page.on("console", (message) => violations.push(message.text()));
    await page.goto(server.origin);
    await page.waitForLoadState("networkidle");
    const seen: unknown = await page.evaluate(`({
      ...document.documentElement.dataset,
      html: getComputedStyle(document.documentElement).color,
      title: getComputedStyle(document.querySelector("title")).color,
    })`);
    assertEquals(seen, { with: "ran", html: "rgb(4, 5, 6)", title: "rgb(4, 5, 6)" });
    assertMatch(violations.join("\n"), /Content Security Policy/);
  },
);

for (const [policy, shown] of [[["'none'"], false], [["*"], true]] as const) {
  serviceTest(
    "chromium",
    `browser ${shown ? "shows" : "does not show"} a page in a frame with frame-ancestors ${policy}`,
    async () => {
      const contentSecurityPolicy = { "frame-ancestors": policy };
      await using server = serve(
        new Application([["/", Page]], {
          middleware: [
            securityHeaders({ contentSecurityPolicy, crossOriginResourcePolicy: false }),
          ],
        }),
      );
      await using other = serve(new Application([["/frame", Framing]]));
      await using browser = await launchBrowser();
      const page = await browser.newPage();
      await page.goto(`${other.origin}/frame?page=${encodeURIComponent(server.origin)}`);
      const [, frame] = page.frames();
      assert(
        await poll(() => frame?.url().startsWith(shown ? server.origin : "chrome-error:") ?? false),
      );
      const title = await frame?.evaluate("document.title");
      assertEquals(title === "page", shown);
    },
  );
}
