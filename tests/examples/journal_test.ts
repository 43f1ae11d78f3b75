import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { journalApplication } from "../../examples/journal/journal_application.ts";
import * as locale from "../../src/text/locale/mod.ts";
import { launchBrowser } from "../support/browser.ts";
import { testServer } from "../../src/testing/test_server.ts";
import { serviceTest } from "../support/services.ts";

Deno.test("the journal is in the language of the browser, or of the link", async () => {
  try {
    await using t = testServer(journalApplication());
    const english = await (await t.get("/")).text();
    assertStringIncludes(english, `<html lang="en-US" dir="ltr">`);
    assertMatch(english, />\s*2 entries\s*<\/p>/);
    assertStringIncludes(english, "Instruments &amp; &lt;tools&gt;</bdi></a></h2>");
    assertStringIncludes(english, "May 15, 2026 at 12:00 pm");
    assertStringIncludes(english, "12 people liked this");
    assertEquals(english.match(/<style type="text\/css">/g)?.length, 1);
    const arabic = await (await t.get("/", { headers: { "Accept-Language": "ar-EG,en;q=0.5" } }))
      .text();
    assertStringIncludes(arabic, `<html lang="ar" dir="rtl">`);
    assertMatch(arabic, />\s*مقالتان\s*<\/p>/);
    assertStringIncludes(arabic, "شخصًا واحدًا");
    const chosen = await (await t.get("/?language=ar")).text();
    assertStringIncludes(chosen, "يوميات العواصف");
  } finally {
    locale.clearTranslations();
  }
});

Deno.test("the journal remembers the language that was asked for, and no other text", async () => {
  try {
    await using t = testServer(journalApplication());
    await t.get("/?language=ar");
    assertEquals(t.cookies.get("language"), "ar");
    assertStringIncludes(await (await t.get("/")).text(), `<html lang="ar" dir="rtl">`);
    assertEquals((await t.get("/?language=a%3Bb")).cookies, Object.create(null));
  } finally {
    locale.clearTranslations();
  }
});

Deno.test("an entry of the journal has a page, and no other has", async () => {
  try {
    await using t = testServer(journalApplication());
    const text = await (await t.get("/entry/gust-front")).text();
    assertStringIncludes(text, "<title>A gust front over the lake</title>");
    assertStringIncludes(text, `<a href="http://www.example.com/gustnado">`);
    await t.get("/entry/none", { status: 404 });
  } finally {
    locale.clearTranslations();
  }
});

serviceTest("chromium", "the journal reads from right to left in Arabic", async () => {
  await using server = testServer(journalApplication(), { socket: true });
  await using browser = await launchBrowser();
  try {
    const left: number[] = [];
    for (const language of ["en-US", "ar"]) {
      const page = await browser.newPage({
        locale: language,
        viewport: { width: 800, height: 600 },
      });
      await page.goto(server.origin);
      const box = await page.locator("header a").boundingBox();
      left.push(box?.x ?? 0);
      const directory = Deno.env.get("GUSTNADO_SCREENSHOTS");
      if (directory) await page.screenshot({ path: `${directory}/journal-${language}.png` });
    }
    const [english = 0, arabic = 0] = left;
    assertEquals(english < 200, true);
    assertEquals(arabic > 400, true);
  } finally {
    locale.clearTranslations();
  }
});
