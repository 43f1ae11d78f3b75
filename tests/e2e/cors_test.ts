/** What a real browser lets the pages of other origins do. */
import { assertEquals } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { cors } from "../../src/web/middleware/cors.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { launchBrowser } from "../support/browser.ts";
import { serve } from "../support/serve.ts";
import { serviceTest } from "../support/services.ts";

class Page extends RequestHandler {
  override get() {
    this.write("<!DOCTYPE html><title>page</title>");
  }
}

class Api extends RequestHandler {
  override put() {
    this.setHeader("X-Shown", "shown");
    this.setHeader("X-Hidden", "hidden");
    this.write(`${this.request.header("x-sent")}`);
  }
  override delete() {
    this.sendError(409);
  }
}

serviceTest(
  "chromium",
  "browser lets the pages that cors allows read responses, and no others",
  async () => {
    await using allowed = serve(new Application([["/", Page]]));
    await using other = serve(new Application([["/", Page]]));
    const policy = cors({
      origin: allowed.origin,
      allowedHeaders: ["X-Sent"],
      exposedHeaders: ["X-Shown"],
      credentials: true,
    });
    await using api = serve(new Application([["/api", Api]], { middleware: [policy] }));
    await using browser = await launchBrowser();
    const page = await browser.newPage();
    const ask = (init: RequestInit) =>
      page.evaluate(`fetch("${api.origin}/api", ${JSON.stringify(init)}).then(async (response) => [
      response.status,
      await response.text(),
      response.headers.get("x-shown"),
      response.headers.get("x-hidden"),
    ], () => "refused")`);
    const put: RequestInit = {
      method: "PUT",
      headers: { "X-Sent": "sent" },
      credentials: "include",
    };
    await page.goto(allowed.origin);
    assertEquals(await ask(put), [200, "sent", "shown", null]);
    assertEquals(await ask({ ...put, headers: { "X-Other": "sent" } }), "refused");
    const [status] = await ask({ method: "DELETE" }) as unknown[];
    assertEquals(status, 409);
    await page.goto(other.origin);
    assertEquals(await ask(put), "refused");
  },
);
