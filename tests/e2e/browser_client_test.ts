import { assertEquals, assertMatch } from "@std/assert";
import { Application, RedirectHandler, RequestHandler, WebSocketHandler } from "../../mod.ts";
import { launchBrowser } from "../support/browser.ts";
import { bundle } from "../support/bundle.ts";
import { serve } from "../support/serve.ts";
import { serviceTest } from "../support/services.ts";

class Page extends RequestHandler {
  override get() {
    this.write("<!doctype html><title>clients</title>");
  }
}

class Hello extends RequestHandler {
  override get() {
    this.write("hello");
  }
}

class Echo extends WebSocketHandler {
  override onMessage(message: string | Uint8Array) {
    this.writeMessage(message);
  }
}

interface Outcome {
  readonly refused: string[];
}

serviceTest("chromium", "clients work in a page, and name what it cannot do", async () => {
  const script = await bundle(new URL("../fixtures/browser_client.ts", import.meta.url));
  await using server = serve(
    new Application([
      ["/", Page],
      ["/hello", Hello],
      ["/moved", RedirectHandler, { url: "/hello" }],
      ["/ws", Echo],
    ]),
  );
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(`${server.origin}/`);
  await page.addScriptTag({ content: script, type: "module" });
  await page.waitForFunction("globalThis.outcome !== undefined");
  const { refused, ...outcome } = await page.evaluate("globalThis.outcome") as Outcome;
  assertEquals(outcome, {
    plain: "hello",
    moved: ["hello", "/hello"],
    missing: 404,
    message: "echo",
    closeCode: 1000,
  } as object);
  assertMatch(refused[0] ?? "", /UnsupportedFeatureError: Cannot use proxyHost/);
  assertMatch(refused[1] ?? "", /UnsupportedFeatureError: Cannot use followRedirects/);
  assertEquals(browser.pageErrors, []);
});
