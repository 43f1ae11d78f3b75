import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { topicClientRoute, topicClientUrl } from "../../src/topics/handlers/topic_client_route.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import type { Route } from "../../src/web/routing/routing.ts";
import { launchBrowser } from "../support/browser.ts";
import { poll } from "../support/poll.ts";
import { serviceTest } from "../support/services.ts";
import { TopicSite } from "../support/topic_site.ts";

/** Follows a topic, and tells whoever asks what came. */
const PROGRAM = `
  const client = new TopicClient(new URL("/topics?name=page", origin));
  const topic = client.subscribe("log/a");
  const told = { messages: [], lost: 0, sent: [] };
  topic.addEventListener("message", ({ data }) => told.messages.push(data));
  topic.addEventListener("lost", () => told.lost++);
  const publish = (text) => client.publish("log/a", text).then(() => told.sent.push(text));
`;

class Home extends RequestHandler {
  override get() {
    this.setHeader("Content-Type", "text/html");
    this.write(`<!doctype html><title>topics</title><script type="module">
      import { TopicClient, TopicError } from "${topicClientUrl(this)}";
      ${PROGRAM}
      Object.assign(globalThis, { TopicClient, TopicError, client, topic, told, publish });
    </script>`);
  }
}

class WorkerScript extends RequestHandler {
  override get() {
    this.setHeader("Content-Type", "text/javascript");
    this.write(`import { TopicClient } from "${topicClientUrl(this)}";
      ${PROGRAM}
      onmessage = ({ data }) => {
        if (data === "told") postMessage({ ...told, position: topic.position });
        else publish(data);
      };`);
  }
}

const ROUTES: readonly Route[] = [["/", Home], ["/worker.js", WorkerScript], topicClientRoute()];

/** What a page says that it was told. */
function told(page: Page): Promise<unknown> {
  return page.evaluate("told");
}

/** Waits for what takes a promise to tell. */
async function until(page: Page, condition: string): Promise<void> {
  assert(await poll(async () => await page.evaluate(condition) === true), condition);
}

serviceTest("chromium", "a page that was offline has every message once", async () => {
  await using site = new TopicSite(ROUTES);
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(site.origin);
  await page.waitForFunction("globalThis.topic?.position");
  await site.app.publish("log/a", "before");
  await page.waitForFunction("told.messages.length === 1");

  await page.context().setOffline(true);
  site.proxy.cut();
  await page.waitForFunction('client.state !== "open"');
  for (const text of ["missed 1", "missed 2"]) await site.app.publish("log/a", text);
  await page.evaluate('void publish("written offline")');
  await page.context().setOffline(false);

  await page.waitForFunction("told.sent.length === 1 && told.messages.length === 4");
  await site.app.publish("log/a", "after");
  await page.waitForFunction("told.messages.length >= 5");
  assertEquals(await told(page), {
    messages: ["before", "missed 1", "missed 2", "written offline", "after"],
    lost: 0,
    sent: ["written offline"],
  });
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "a page that is left is back when it is gone back to", async () => {
  await using site = new TopicSite(ROUTES);
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(site.origin);
  await page.waitForFunction("globalThis.topic?.position");
  // As the browser does it with a page that it keeps.
  await page.evaluate('dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }))');
  assertEquals(await page.evaluate("client.state"), "waiting");
  await site.app.publish("log/a", "missed");
  await page.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))');
  await page.waitForFunction("told.messages.length === 1");
  assertEquals(await told(page), { messages: ["missed"], lost: 0, sent: [] });
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "a worker follows topics, through cuts too", async () => {
  await using site = new TopicSite(ROUTES);
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(site.origin);
  await page.evaluate(`
    globalThis.worker = new Worker("/worker.js", { type: "module" });
    globalThis.ask = () => new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.postMessage("told");
    });
  `);
  await until(page, "ask().then(({ position }) => position !== null)");
  await page.evaluate('worker.postMessage("from the worker")');
  await until(page, "ask().then(({ messages }) => messages.length === 1)");
  site.proxy.cut();
  await site.app.publish("log/a", "meanwhile");
  await until(page, "ask().then(({ messages }) => messages.length === 2)");
  const { position: _, ...rest }: Record<string, unknown> = await page.evaluate("ask()");
  const messages = ["from the worker", "meanwhile"];
  assertEquals(rest, { messages, lost: 0, sent: ["from the worker"] });
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "a page without WebSockets takes event streams and POST", async () => {
  await using site = new TopicSite(ROUTES);
  site.isBlocked = true;
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(site.origin);
  await page.waitForFunction("globalThis.client");
  await page.evaluate(`
    client.close();
    client = new TopicClient("/topics", { fallback: (topic) => "/stream/" + topic, maxDelay: 50 });
    topic = client.subscribe("log/a");
    topic.addEventListener("message", ({ data }) => told.messages.push(data));
  `);
  await page.waitForFunction('topic.position && client.state === "open"');
  assertEquals(
    await page.evaluate('client.publish("log/a", "posted").then((p) => typeof p)'),
    "string",
  );
  await site.app.publish("log/a", "streamed");
  await page.waitForFunction("told.messages.length === 2");
  assertEquals(await page.evaluate("told.messages"), ["posted", "streamed"]);
  site.isBlocked = false;
  await until(page, 'client.send("over a WebSocket").then(() => true, () => false)');
  assertEquals(site.told, ["over a WebSocket"]);
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "a page that is loaded again goes on where it was", async () => {
  await using site = new TopicSite(ROUTES);
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(site.origin);
  await page.waitForFunction("globalThis.topic?.position");
  await site.app.publish("log/a", "before");
  await page.waitForFunction("told.messages.length === 1");
  await page.evaluate("sessionStorage.position = topic.position");
  await page.goto("about:blank");
  await site.app.publish("log/a", "meanwhile");
  await page.goto(site.origin);
  await page.waitForFunction("globalThis.topic");
  await page.evaluate(`
    topic.unsubscribe();
    topic = client.subscribe("log/a", { after: sessionStorage.position });
    topic.addEventListener("message", ({ data }) => told.messages.push(data));
  `);
  await page.waitForFunction("told.messages.length === 1");
  assertEquals(await page.evaluate("told.messages"), ["meanwhile"]);
  assertEquals(browser.pageErrors, []);
});
