/** What a browser shows while an application is worked on. */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { type Site, startSite } from "../dev/site.ts";
import { launchBrowser } from "../support/browser.ts";
import { poll } from "../support/poll.ts";
import { serviceTest } from "../support/services.ts";

const HEADING = "h1";

/** Opens the first page as soon as there is one. */
async function open(site: Site, page: Page): Promise<void> {
  assert(await poll(async () => (await site.text()) !== ""));
  await page.goto(site.origin);
}

async function shows(page: Page, text: string): Promise<void> {
  await page.locator(HEADING, { hasText: text }).waitFor();
}

serviceTest("chromium", "a page follows modules, templates and mistakes by itself", async () => {
  await using site = await startSite();
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await open(site, page);
  await shows(page, "first!");
  await site.writeMain("second");
  await shows(page, "second!");
  await site.write(
    "templates/page.html",
    "<!DOCTYPE html><html><body><h1>new {{ text }}</h1></body></html>",
  );
  await shows(page, "new second!");
  await site.write("word.ts", "export const word = ;\n");
  await shows(page, "The application does not run");
  await page.getByText("export const word = ;").first().waitFor();
  await site.write("word.ts", `export const word = "?";\n`);
  await shows(page, "new second?");
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "a style sheet is exchanged, and what was typed stays", async () => {
  await using site = await startSite();
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await open(site, page);
  await shows(page, "first!");
  await page.getByLabel("Note").fill("a gust");
  const color = () => page.evaluate("getComputedStyle(document.querySelector('h1')).color");
  assertEquals(await color(), "rgb(255, 0, 0)");
  await site.write("static/site.css", "h1 { color: rgb(0, 0, 255) }");
  assert(await poll(async () => (await color()) === "rgb(0, 0, 255)"));
  assertEquals(await page.getByLabel("Note").inputValue(), "a gust");
  assertEquals(await page.locator('link[rel="stylesheet"]').count(), 1);
  assertEquals(browser.pageErrors, []);
});
