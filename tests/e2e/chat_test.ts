import { assert, assertEquals, assertMatch } from "@std/assert";
import type { BrowserContextOptions, Page } from "playwright-core";
import { ChatApplication } from "../../examples/chat/chat_application.ts";
import { launchBrowser, type TestBrowser } from "../support/browser.ts";
import { startChat } from "../support/chat_server.ts";
import { freePort } from "../support/child_server.ts";
import { poll } from "../support/poll.ts";
import { serve } from "../support/serve.ts";
import { serviceTest } from "../support/services.ts";

const DESKTOP = { width: 1_280, height: 800 };
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

serviceTest("chromium", "two pages chat, and one sees the other come and go", async () => {
  await using server = serve(new ChatApplication());
  await using browser = await launchBrowser();
  const ada = await join(browser, server.origin, { name: "Ada" });
  const bob = await join(browser, server.origin, { name: "Bob" });
  await ada.getByText(/Bob joined/).waitFor();
  assertEquals(await peopleOn(ada), ["Ada", "Bob"]);
  await say(ada, "Good morning");
  await say(bob, "Hello\nAda");
  for (const page of [ada, bob]) {
    await message(page, "Hello").waitFor();
    assertEquals(await messagesOn(page), ["Good morning", "Hello\nAda"]);
  }
  assertEquals(await bob.locator(".message:not(.own) .head .name").allTextContents(), ["Ada"]);
  assertEquals(await bob.locator(".message:not(.own) .address").allTextContents(), ["127.0.0.1"]);
  assertMatch(
    await bob.locator(".message time").first().getAttribute("datetime") ?? "",
    /^\d{4}-\d\d-\d\dT/,
  );
  await bob.close();
  await ada.getByText(/Bob left/).waitFor();
  assertEquals(await peopleOn(ada), ["Ada"]);
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "markup that people type is text, in messages and in names", async () => {
  await using server = serve(new ChatApplication());
  await using browser = await launchBrowser();
  const name = "<img src=x onerror=ran()>";
  const text = "<script>ran()</script><img src=x onerror=ran()><a href='javascript:ran()'>x</a>";
  const eve = await join(browser, server.origin, { name: name.slice(0, 24) });
  const ada = await join(browser, server.origin, { name: "Ada" });
  let ran = 0;
  await ada.exposeFunction("ran", () => void ran++);
  await say(eve, text);
  await message(ada, text).waitFor();
  assertEquals(await messagesOn(ada), [text]);
  assertEquals(await ada.locator(".log .head .name").textContent(), name.slice(0, 24));
  assertEquals(await ada.locator("#log :is(script, img, a), #people :is(script, img)").count(), 0);
  assertEquals(await peopleOn(ada), [name.slice(0, 24), "Ada"]);
  // Whatever were to run would have run before a later message was shown.
  await say(eve, "later");
  await message(ada, "later").waitFor();
  assertEquals(ran, 0);
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "web addresses in messages are links that vouch for nobody", async () => {
  await using server = serve(new ChatApplication());
  await using browser = await launchBrowser();
  const ada = await join(browser, server.origin, { name: "Ada" });
  const text = "See https://example.com/a_(b)?c=1&d, (www.example.org) and HTTP://example.net/." +
    " Not javascript:alert(1), http://, https://[ or data:text/html,x.";
  await say(ada, text);
  await message(ada, "See").waitFor();
  assertEquals(await messagesOn(ada), [text]);
  const links: unknown = await ada.locator("#log a").evaluateAll((elements) =>
    elements.map((element) => [element.getAttribute("href"), element.getAttribute("rel")])
  );
  const rel = "noopener nofollow";
  assertEquals(links, [
    ["https://example.com/a_(b)?c=1&d", rel],
    ["https://www.example.org", rel],
    ["HTTP://example.net/", rel],
  ]);
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "the content security policy stops scripts in the page", async () => {
  await using server = serve(new ChatApplication());
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(server.origin);
  const violation = await page.evaluate(`new Promise((resolve) => {
    addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "document.title = 'ran'";
    document.head.append(script);
  })`);
  assertEquals([violation, await page.title()], ["script-src-elem", "Gustnado chat"]);
});

serviceTest("chromium", "who comes later sees the last 200 messages, in order", async () => {
  const app = new ChatApplication();
  await using server = serve(app);
  await using browser = await launchBrowser();
  const person = { id: "1", name: "Ada", address: "192.0.2.1" };
  for (let number = 1; number <= 203; number++) app.room.say(person, `message ${number}`);
  const bob = await join(browser, server.origin, { name: "Bob" });
  const shown = await messagesOn(bob);
  assertEquals(shown.length, 200);
  assertEquals([shown.at(0), shown.at(-1)], ["message 4", "message 203"]);
  assert(await isAtEnd(bob));
});

serviceTest("chromium", "pages come back by themselves when the server restarts", async () => {
  const port = freePort();
  const origin = `http://localhost:${port}`;
  await using browser = await launchBrowser();
  const first = await startChat({ port });
  let pages: Page[];
  try {
    pages = [
      await join(browser, origin, { name: "Ada" }),
      await join(browser, origin, { name: "Bob" }),
    ];
    await say(pages[0], "before the restart");
    await message(pages[1], "before the restart").waitFor();
  } finally {
    await first.stop();
  }
  assertMatch(first.output, /^The chat is on http:\/\/localhost:\d+\n/);
  assertMatch(first.output, / 101 GET \/room \(127\.0\.0\.1\) /);
  assertMatch(first.output, /Stopped\n$/);
  for (const page of pages) await status(page, "Reconnecting…");
  // What is written meanwhile waits.
  await say(pages[1], "after the restart");
  await pages[1]?.getByText("Your message waits here").waitFor();

  await using _second = await startChat({ port });
  for (const page of pages) await status(page, "Connected");
  await pages[1]?.getByLabel("Message", { exact: true }).press("Enter");
  for (const page of pages) {
    await message(page, "after the restart").waitFor();
    assertEquals(await messagesOn(page), ["before the restart", "after the restart"]);
    assertEquals((await peopleOn(page)).toSorted(), ["Ada", "Bob"]);
  }
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "who writes too fast gets the message back", async () => {
  await using server = serve(new ChatApplication({ messageRate: { burst: 2, perSecond: 0 } }));
  await using browser = await launchBrowser();
  const ada = await join(browser, server.origin, { name: "Ada" });
  await say(ada, "one");
  await message(ada, "one").waitFor();
  await say(ada, "two");
  await ada.getByText("That was a bit fast").waitFor();
  assertEquals(await ada.getByLabel("Message", { exact: true }).inputValue(), "two");
  assertEquals(await messagesOn(ada), ["one"]);
});

serviceTest("chromium", "a name is asked for, and remembered", async () => {
  await using server = serve(new ChatApplication());
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(server.origin);
  const field = page.getByLabel("Your name");
  assertEquals(await page.locator("#name:focus").count(), 1);
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByText("Tell us what to call you").waitFor();
  assertEquals(await field.getAttribute("aria-invalid"), "true");
  await field.fill("x".repeat(40));
  assertEquals((await field.inputValue()).length, 24);
  await field.press("Enter");
  await status(page, "Connected");
  await page.reload();
  assertEquals(await field.inputValue(), "x".repeat(24));
});

serviceTest("chromium", "reading further up is not disturbed by new messages", async () => {
  const app = new ChatApplication({ messageRate: { burst: 100, perSecond: 0 } });
  await using server = serve(app);
  await using browser = await launchBrowser();
  const person = { id: "1", name: "Ada", address: "192.0.2.1" };
  for (let number = 1; number <= 50; number++) app.room.say(person, `message ${number}`);
  const bob = await join(browser, server.origin, { name: "Bob" });
  const eve = await join(browser, server.origin, { name: "Eve" });
  await bob.locator("#scroller").evaluate((element) => element.scrollTop = 0);
  await say(eve, "news");
  await bob.getByRole("button", { name: "New messages" }).click();
  assert(await poll(() => isAtEnd(bob)));
  assertEquals(await bob.getByRole("button", { name: "New messages" }).count(), 0);
});

serviceTest("chromium", "the page fits a phone, in both colour schemes", async () => {
  await using server = serve(new ChatApplication());
  await using browser = await launchBrowser();
  const grounds = new Set<string>();
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await join(browser, server.origin, { name: "Ada", ...PHONE, colorScheme });
    await say(page, `https://example.com/${"path/".repeat(60)}`);
    await message(page, "https://example.com/").first().waitFor();
    const overflow = await page.locator("html").evaluate((html) => [
      html.scrollWidth - html.clientWidth,
      html.scrollHeight - html.clientHeight,
    ]);
    assertEquals(overflow, [0, 0]);
    assertEquals(await page.locator(".address:visible").count(), 0);
    const send = await page.getByRole("button", { name: "Send" }).boundingBox();
    assert(send !== null && send.y + send.height <= 844 && send.width >= 44 && send.height >= 44);
    const people = page.getByRole("button", { name: "show them" });
    assertEquals(await page.getByRole("complementary").isVisible(), false);
    await people.click();
    assertEquals(await page.getByRole("complementary").isVisible(), true);
    assertEquals(await page.locator(".address:visible").count(), 0);
    await page.keyboard.press("Escape");
    assertEquals(await page.getByRole("complementary").isVisible(), false);
    grounds.add(String(await page.evaluate("getComputedStyle(document.body).backgroundColor")));
    await page.close();
  }
  assertEquals(grounds.size, 2);
  assertEquals(browser.pageErrors, []);
});

// ---- what a visitor does and sees

async function join(
  browser: TestBrowser,
  origin: string,
  { name, ...options }: { readonly name: string } & BrowserContextOptions,
): Promise<Page> {
  const page = await browser.newPage({ viewport: DESKTOP, ...options });
  await page.goto(origin);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Join" }).click();
  await status(page, "Connected");
  return page;
}

async function say(page: Page | undefined, text: string): Promise<void> {
  const field = page?.getByLabel("Message", { exact: true });
  await field?.fill(text);
  await field?.press("Enter");
}

function status(page: Page, text: string): Promise<void> {
  return page.getByRole("status").getByText(text, { exact: true }).waitFor({ timeout: 20_000 });
}

function message(page: Page | undefined, text: string): ReturnType<Page["locator"]> {
  if (page === undefined) throw new Error("Cannot look for a message: there is no such page");
  return page.getByRole("log").locator(".text").filter({ hasText: text });
}

function messagesOn(page: Page): Promise<string[]> {
  return page.locator("#log .text").allTextContents();
}

function peopleOn(page: Page): Promise<string[]> {
  return page.locator("#people .name").allTextContents();
}

function isAtEnd(page: Page): Promise<boolean> {
  return page.locator("#scroller").evaluate(({ scrollTop, scrollHeight, clientHeight }) =>
    scrollHeight - scrollTop - clientHeight < 2
  );
}
