import { assertEquals } from "@std/assert";
import { launchBrowser } from "./browser.ts";
import { serviceTest } from "./services.ts";

serviceTest("chromium", "browser gives each page storage of its own", async () => {
  await using server = serveCookiePage();
  await using browser = await launchBrowser();
  const pages = [await browser.newPage(), await browser.newPage()];
  const seen: (string | null)[] = [];
  for (const page of pages) {
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    await page.getByRole("button").click();
    seen.push(await page.getByRole("status").textContent());
  }
  assertEquals(seen, ["visits=1", "visits=1"]);
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "browser collects the exceptions of a page", async () => {
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(
    "data:text/html,<title>storm</title><script>throw new Error('blown away')</script>",
  );
  assertEquals(await page.title(), "storm");
  assertEquals(browser.pageErrors.map((error) => error.message), ["blown away"]);
});

function serveCookiePage() {
  const page = `<button onclick="
    document.cookie = 'visits=' + (1 + Number(document.cookie.slice(7)));
    document.querySelector('output').value = document.cookie;
  ">Visit</button> <output></output>`;
  const headers = { "content-type": "text/html" };
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  return Deno.serve(options, () => new Response(page, { headers }));
}
