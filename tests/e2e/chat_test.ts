import { assert, assertEquals, assertMatch } from "@std/assert";
import type { BrowserContextOptions, Page } from "playwright-core";
import { ChatApplication } from "../../examples/chat/chat_application.ts";
import { type Entry, type Person, ROOM } from "../../examples/chat/protocol.ts";
import { launchBrowser } from "../support/browser.ts";
import {
  compose,
  enter,
  isAtEnd,
  join,
  message,
  messagesOn,
  peopleOn,
  say,
  screenshot,
  status,
} from "../support/chat_page.ts";
import { startChat } from "../support/chat_server.ts";
import { ChildServer, freePort } from "../support/child_server.ts";
import { CutProxy } from "../support/cut_proxy.ts";
import { poll } from "../support/poll.ts";
import { serve } from "../support/serve.ts";
import { serviceTest } from "../support/services.ts";

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
  // Who comes back within 15 seconds has not left.
  await ada.getByText(/Bob left/).waitFor({ timeout: 25_000 });
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
  assertEquals((await peopleOn(ada)).toSorted(), [name.slice(0, 24), "Ada"]);
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
  await publish(app, 203);
  const bob = await join(browser, server.origin, { name: "Bob" });
  await message(bob, "message 203").waitFor();
  const shown = await messagesOn(bob);
  assertEquals(shown.length, 200);
  assertEquals([shown.at(0), shown.at(-1)], ["message 4", "message 203"]);
  assert(await poll(() => isAtEnd(bob)));
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
  assertMatch(first.output, / 101 GET \/room\?name=Ada \(127\.0\.0\.1\) /);
  assertMatch(first.output, /Stopped\n$/);
  for (const page of pages) await status(page, "Reconnecting…");
  // What is written meanwhile waits.
  await say(pages[1], "after the restart");
  await pages[1]?.getByText("Not sent yet").waitFor();

  await using _second = await startChat({ port });
  for (const page of pages) await status(page, "Connected");
  for (const page of pages) {
    await message(page, "after the restart").waitFor();
    assertEquals(await messagesOn(page), ["before the restart", "after the restart"]);
    assert(await poll(async () => `${await peopleOn(page)}` === "Ada,Bob", { timeout: 20_000 }));
    // The process had kept the room in its memory.
    await page.getByText("Messages may be missing here").waitFor();
    assertEquals(await page.getByText("Not sent yet").count(), 0);
  }
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "who was cut off has every message once, and all have theirs", async () => {
  const app = new ChatApplication();
  await using server = serve(app);
  await using proxy = new CutProxy(server.port);
  await using browser = await launchBrowser();
  const ada = await join(browser, `http://127.0.0.1:${proxy.port}`, { name: "Ada" });
  const bob = await join(browser, server.origin, { name: "Bob" });
  await say(bob, "one");
  await message(ada, "one").waitFor();

  proxy.down();
  await status(ada, "Reconnecting…");
  await say(ada, "two, from afar");
  await say(ada, "three, from afar");
  await ada.getByText("Not sent yet").last().waitFor();
  for (const text of ["missed", "missed too"]) await say(bob, text);
  await message(bob, "missed too").waitFor();
  assertEquals(await ada.locator(".message.pending").count(), 2);
  await screenshot(ada, "chat-cut-off");
  proxy.up();

  await message(bob, "three").waitFor();
  for (const page of [ada, bob]) {
    await message(page, "missed too").waitFor();
    assertEquals(await messagesOn(page), [
      ...["one", "missed", "missed too"],
      ...["two, from afar", "three, from afar"],
    ]);
    assertEquals(await peopleOn(page), ["Ada", "Bob"]);
    assertEquals(await page.getByText("Messages may be missing").count(), 0);
  }
  assertEquals(await bob.getByText("Ada left").count(), 0);
  assert(await poll(async () => await ada.locator(".message.pending").count() === 0));
  assertEquals(await ada.locator(".message.own .text").allTextContents(), [
    ...["two, from afar", "three, from afar"],
  ]);
  await screenshot(ada, "chat-back");
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "who was away for more than the room keeps is told so", async () => {
  const app = new ChatApplication({ historyLength: 3 });
  await using server = serve(app);
  await using proxy = new CutProxy(server.port);
  await using browser = await launchBrowser();
  const ada = await join(browser, `http://127.0.0.1:${proxy.port}`, { name: "Ada" });
  await publish(app, 1);
  await message(ada, "message 1").waitFor();
  proxy.down();
  await publish(app, 5);
  proxy.up();
  await ada.getByText("Messages may be missing here").waitFor();
  await publish(app, 1, "later");
  await message(ada, "later 1").waitFor();
  assertEquals(await messagesOn(ada), [
    "message 1",
    "message 3",
    "message 4",
    "message 5",
    "later 1",
  ]);
  await screenshot(ada, "chat-lost");
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "who types is shown to the others, until it is said", async () => {
  await using server = serve(new ChatApplication());
  await using browser = await launchBrowser();
  const [ada, bob, cy] = [
    await join(browser, server.origin, { name: "Ada" }),
    await join(browser, server.origin, { name: "Bob" }),
    await join(browser, server.origin, { name: "<b>Cy" }),
  ];
  await compose(ada, "Hel");
  await bob.getByText("Ada is typing…").waitFor();
  await compose(cy, "Hm");
  await bob.getByText("Ada and <b>Cy are typing…").waitFor();
  await ada.getByText("<b>Cy is typing…").waitFor();
  await screenshot(bob, "chat-typing");
  await ada.getByLabel("Message", { exact: true }).press("Enter");
  await bob.getByText(/^<b>Cy is typing…/).waitFor();
  // Who gives it up is forgotten.
  await bob.locator("#typing:empty").waitFor({ state: "attached" });
  assertEquals(await messagesOn(bob), ["Hel"]);
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "two tabs of a name are one person, until the last is closed", async () => {
  await using server = serve(new ChatApplication());
  await using browser = await launchBrowser();
  const bob = await join(browser, server.origin, { name: "Bob" });
  const tab = await join(browser, server.origin, { name: "Ada" });
  await bob.getByText("Ada joined").waitFor();
  const other = await tab.context().newPage();
  await enter(other, server.origin, "Ada");
  await say(other, "from the other tab");
  for (const page of [bob, tab, other]) {
    await message(page, "from the other tab").waitFor();
    assertEquals(await peopleOn(page), ["Ada", "Bob"]);
  }
  await tab.close();
  await say(other, "still here");
  await message(bob, "still here").waitFor();
  await other.close();
  await bob.getByText("Ada left").waitFor({ timeout: 25_000 });
  assertEquals(await bob.getByText(/Ada (joined|left)/).count(), 2);
  assertEquals(await peopleOn(bob), ["Bob"]);
});

serviceTest(
  "chromium",
  "a page that is loaded anew has its messages, its draft and its place",
  async () => {
    const app = new ChatApplication();
    await using server = serve(app);
    await using proxy = new CutProxy(server.port);
    await using browser = await launchBrowser();
    const origin = `http://127.0.0.1:${proxy.port}`;
    const ada = await join(browser, origin, { name: "Ada" });
    await say(ada, "one");
    assert(await poll(async () => await ada.locator(".message:not(.pending)").count() === 1));
    await compose(ada, "half a sen");
    await ada.goto("about:blank");
    await publish(app, 2, "meanwhile");
    await enter(ada, origin, "Ada");
    await message(ada, "meanwhile 2").waitFor();
    assertEquals(await messagesOn(ada), ["one", "meanwhile 1", "meanwhile 2"]);
    assertEquals(await ada.locator(".message.own .text").allTextContents(), ["one"]);
    assertEquals(await ada.locator("#entries > li").nth(1).textContent(), "New since you left");
    const field = ada.getByLabel("Message", { exact: true });
    assertEquals(await field.inputValue(), "half a sen");
    await screenshot(ada, "chat-reloaded");

    // Nobody knows whether it was sent: it was not.
    proxy.down();
    await field.fill("unsent");
    await field.press("Enter");
    await ada.evaluate("dispatchEvent(new Event('pagehide'))");
    proxy.up();
    await ada.goto(`${server.origin}/?elsewhere`);
    await enter(ada, origin, "Ada");
    await message(ada, "meanwhile 2").waitFor();
    assertEquals(await messagesOn(ada), ["one", "meanwhile 1", "meanwhile 2"]);
    assertEquals(await field.inputValue(), "unsent");
    await field.press("Enter");
    await message(ada, "unsent").waitFor();
    assertEquals(browser.pageErrors, []);
  },
);

serviceTest(
  ["chromium", "nginx", "redis-server"],
  "two processes behind nginx are one room, also when one is killed",
  async () => {
    await using cluster = await startCluster();
    await using browser = await launchBrowser();
    const origin = `http://127.0.0.1:${cluster.port}`;
    const ada = await join(browser, origin, { name: "Ada" });
    const bob = await join(browser, origin, { name: "Bob" });
    await ada.getByText("Bob joined").waitFor();
    const said: string[] = [];
    const chat = async (word: string) => {
      for (let number = 1; number <= 3; number++) {
        for (const page of [ada, bob]) {
          said.push(`${page === ada ? "Ada" : "Bob"} ${word} ${number}`);
          await say(page, said.at(-1) ?? "");
        }
      }
    };
    await chat("before");
    for (const process of [1, 2]) {
      Deno.kill(pidOf(cluster, `chat ${process}`), "SIGKILL");
      await chat(`after end ${process}`);
      for (const page of [ada, bob]) {
        await status(page, "Connected");
        await poll(async () => (await messagesOn(page)).length >= said.length, { timeout: 20_000 });
      }
      const order = await messagesOn(ada);
      assertEquals(order.toSorted(), said.toSorted());
      assertEquals(await messagesOn(bob), order);
      const again = () =>
        new RegExp(`chat ${process} \\| The chat is on[^]*chat ${process} \\| The chat is on`).test(
          cluster.output,
        );
      assert(await poll(again, { timeout: 15_000 }), cluster.output);
    }
    for (const page of [ada, bob]) {
      assertEquals(await peopleOn(page), ["Ada", "Bob"]);
      assertEquals(await page.getByText("Messages may be missing").count(), 0);
      assertEquals(await page.getByText(/left/).count(), 0);
    }
    await screenshot(bob, "chat-cluster");
    assertEquals(browser.pageErrors, []);
  },
);

serviceTest("chromium", "who writes too fast gets the message back", async () => {
  await using server = serve(new ChatApplication({ messageRate: { burst: 1, perSecond: 0 } }));
  await using browser = await launchBrowser();
  const ada = await join(browser, server.origin, { name: "Ada" });
  await say(ada, "one");
  await message(ada, "one").waitFor();
  await say(ada, "two");
  await ada.getByText("That was a bit fast").waitFor();
  assertEquals(await ada.getByLabel("Message", { exact: true }).inputValue(), "two");
  assertEquals(await messagesOn(ada), ["one"]);
  assertEquals(browser.pageErrors, []);
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
  // Nothing is to be seen of it.
  await field.fill("\u200b");
  await field.press("Enter");
  await page.getByText("Tell us what to call you").waitFor();
  await status(page, "Disconnected");
  await page.reload();
  assertEquals(await field.inputValue(), "x".repeat(24));
});

serviceTest("chromium", "reading further up is not disturbed by new messages", async () => {
  const app = new ChatApplication({ messageRate: { burst: 100, perSecond: 0 } });
  await using server = serve(app);
  await using browser = await launchBrowser();
  await publish(app, 50);
  const bob = await join(browser, server.origin, { name: "Bob" });
  await message(bob, "message 50").waitFor();
  const eve = await join(browser, server.origin, { name: "Eve" });
  await bob.getByText("Eve joined").waitFor();
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

/** Says so many things at once, as nobody who writes could. */
async function publish(app: ChatApplication, count: number, word = "message"): Promise<void> {
  const person: Person = { id: "1", name: "Cy", address: "192.0.2.1" };
  for (let number = 1; number <= count; number++) {
    const text = `${word} ${number}`;
    const entry: Entry = {
      key: crypto.randomUUID(),
      person,
      text,
      time: new Date().toISOString(),
    };
    await app.publish(ROOM, entry);
  }
}

function startCluster(): Promise<ChildServer> {
  return ChildServer.start({
    program: "/usr/bin/env",
    args: ({ port }) => [
      ...[`PORT=${port}`, Deno.execPath(), "run", "--quiet", "--allow-all"],
      new URL("../../examples/deploy/cluster.ts", import.meta.url).pathname,
    ],
  });
}

/** The latest process of a name. */
function pidOf({ output }: ChildServer, name: string): number {
  return Number([...output.matchAll(new RegExp(`^${name} is process (\\d+)$`, "gm"))].at(-1)?.[1]);
}
