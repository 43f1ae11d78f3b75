/** What axe-core, small windows, large text and a keyboard find in the pages of the examples. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import axe from "axe-core";
import type { Locator, Page } from "playwright-core";
import { ChatApplication } from "../../examples/chat/chat_application.ts";
import edgeApplication from "../../examples/edge/app.ts";
import { journalApplication } from "../../examples/journal/journal_application.ts";
import { LoginApplication } from "../../examples/login/login_application.ts";
import { Chat } from "../../examples/long_polling_chat.ts";
import { OpenIDApplication } from "../../examples/openid/openid_application.ts";
import { locale } from "../../mod.ts";
import { serveFailure } from "../../src/dev/failure_server.ts";
import { ChatApplication as NewChat } from "../../src/init/templates/chat/chat_application.ts";
import { openDatabase } from "../../src/init/templates/site/database.ts";
import { SiteApplication as NewSite } from "../../src/init/templates/site/site_application.ts";
import { Application } from "../../src/web/application.ts";
import { HTTPError } from "../../src/web/http_error.ts";
import type { Middleware } from "../../src/web/middleware/middleware.ts";
import { securityHeaders } from "../../src/web/middleware/security_headers.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import type { Route } from "../../src/web/routing/routing.ts";
import type { Session } from "../../src/web/session/session.ts";
import { SessionMixin } from "../../src/web/session/session_mixin.ts";
import { launchBrowser } from "../support/browser.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { serve } from "../support/serve.ts";
import { serviceTest } from "../support/services.ts";

const WINDOWS = { phone: { width: 320, height: 640 }, desktop: { width: 1_280, height: 800 } };
const SCHEMES = ["light", "dark"] as const;

serviceTest("chromium", "the page of every runtime is for everyone, and live", async () => {
  await using server = serve(edgeApplication);
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(server.origin);
  await page.getByText('"hello":"you"').waitFor();
  await page.getByText(/^\d+\.\d ms$/).waitFor();
  await page.getByText(/^\d+:\d\d:\d\d/).waitFor();
  await checkPage(page, "edge");
});

serviceTest("chromium", "chat pages are for everyone", async () => {
  const app = new ChatApplication({ messageRate: { burst: 1, perSecond: 0 } });
  await using server = serve(app);
  await using browser = await launchBrowser();
  const ada = await browser.newPage();
  await ada.goto(server.origin);
  await checkPage(ada, "chat-entry");
  await joinChat(ada, "Ada");

  const send = ada.getByRole("button", { name: "Send" });
  await checkPage(ada, "chat-empty", { shown: send });
  const bob = await browser.newPage();
  await bob.goto(server.origin);
  await joinChat(bob, "Robert of the Long Name");
  await say(bob, `Look: https://example.com/${"path/".repeat(40)} and www.example.com`);
  await say(ada, "Mine is https://example.com/?a=1&b=2");
  const cy = { id: "3", name: "Cy", address: "2001:db8:1234:5678:9abc:def0:1234:5678" };
  await app.publish("room", { key: "3", person: cy, text: "?", time: new Date().toISOString() });
  await bob.getByText("Mine is").waitFor();
  await say(ada, "one too many");
  await ada.getByText("That was a bit fast").waitFor();
  await checkPage(ada, "chat-room", { shown: send });
  await server[Symbol.asyncDispose]();
  await ada.getByRole("status").getByText("Reconnecting…").waitFor();
  await say(ada, "On the way");
  await ada.getByText("Not sent yet").waitFor();
  await checkPage(ada, "chat-cut-off", { shown: send });
  await ada.setViewportSize(WINDOWS.phone);
  await ada.getByRole("button", { name: "show them" }).click();
  await checkPage(ada, "chat-people", { shown: send });
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "login pages are for everyone", async () => {
  await using server = serve(new LoginApplication());
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(`${server.origin}/login`);
  await checkPage(page, "login");
  await page.goto(`${server.origin}/signup`);
  await checkPage(page, "login-signup");
  await page.getByLabel("Name").fill(`Ada ${"of the Long Name".repeat(2)}`);
  await page.getByLabel("Password").fill("        ");
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByText("Welcome").waitFor();
  await checkPage(page, "login-home");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByLabel("Name").fill("Nobody");
  await page.getByLabel("Password").fill("guessed it");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").waitFor();
  await checkPage(page, "login-refused");
});

serviceTest(
  "chromium",
  "pages of a new chat are for everyone, and people talk in them",
  async () => {
    await using server = serve(new NewChat());
    await using browser = await launchBrowser();
    const [ada, bob] = [await browser.newPage(), await browser.newPage()];
    await ada.goto(server.origin);
    await checkPage(ada, "new-chat-entry", { shown: ada.getByRole("button", { name: "Join" }) });
    for (const [page, name] of [[ada, "Ada"], [bob, "Robert of the Long Name"]] as const) {
      await page.goto(server.origin);
      await page.getByLabel("Your name").fill(name);
      await page.getByRole("button", { name: "Join" }).click();
      await page.getByText("Here:").waitFor();
      await page.getByRole("textbox", { name: "Message" }).fill(
        `<b>${"far".repeat(40)}</b> by ${name}`,
      );
      await page.getByRole("button", { name: "Send" }).click();
    }
    for (const page of [ada, bob]) {
      await page.getByText("by Ada").waitFor();
      await page.getByText("by Robert").waitFor();
    }
    await ada.getByText("Here: Ada, Robert of the Long Name").waitFor();
    await checkPage(ada, "new-chat-room", { shown: ada.getByRole("button", { name: "Send" }) });
    assertEquals(browser.pageErrors, []);
  },
);

serviceTest("chromium", "pages of a new site are for everyone, and their forms work", async () => {
  const options = { cookieSecret: "a secret of the tests, known to all" };
  await using server = serve(new NewSite(openDatabase(":memory:"), options));
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(`${server.origin}/nowhere`);
  await checkPage(page, "new-site-error");
  await page.goto(`${server.origin}/`);
  await checkPage(page, "new-site-login");
  await page.getByRole("link", { name: "Sign up" }).click();
  await page.getByLabel("Name").fill(`Ada ${"of the Long Name".repeat(2)}`);
  await page.getByLabel("Password").fill("        ");
  await checkPage(page, "new-site-signup");
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByText("There are none yet").waitFor();
  await page.getByLabel("Another note").fill(`<b>${"far".repeat(60)}</b>`);
  await page.getByRole("button", { name: "Keep" }).click();
  await page.getByText("<b>far").waitFor();
  await checkPage(page, "new-site-home");
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByText("There are none yet").waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByLabel("Name").fill("Nobody");
  await page.getByLabel("Password").fill("guessed it");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").waitFor();
  await checkPage(page, "new-site-refused");
  assertEquals(browser.pageErrors, []);
});

serviceTest("chromium", "journal pages are for everyone, in both directions", async () => {
  await using server = serve(journalApplication());
  await using browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    for (const language of ["en_US", "ar"]) {
      await page.goto(`${server.origin}/?language=${language}`);
      await checkPage(page, `journal-${language}`);
      await page.getByRole("link", { name: "A gust front over the lake" }).click();
      await page.getByText("Dust rose").waitFor();
      await checkPage(page, `journal-entry-${language}`);
    }
  } finally {
    locale.clearTranslations();
  }
});

serviceTest("chromium", "long polling chat's page is for everyone", async () => {
  const chat = new Chat(50);
  await using server = serve(chat);
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  chat.room.add(`Look: ${"far".repeat(60)}`);
  await page.goto(server.origin);
  await page.getByText("Look").waitFor();
  await checkPage(page, "long-polling-chat");
});

serviceTest("chromium", "pages of the site with OpenID are for everyone", async () => {
  const app = new OpenIDApplication({
    origin: "http://127.0.0.1",
    cookieSecret: "cookie-secret of these tests",
    openidConnect: { issuer: "http://127.0.0.1:9", key: "gustnado", secret: "gustnado-secret" },
  });
  app.addHandlers("127.0.0.1", [["/enter", EnterHandler]]);
  await using server = serve(app);
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(server.origin);
  await checkPage(page, "openid-welcome");
  await page.goto(`${server.origin}/enter`);
  await page.getByRole("heading", { name: "Hello, Ada <of the Storm>" }).waitFor();
  await checkPage(page, "openid-home");
  await page.goto(`${server.origin}/profile`);
  await page.getByRole("heading", { name: "Your profile" }).waitFor();
  await checkPage(page, "openid-profile");
});

/** Stands in for the provider. */
class EnterHandler extends SessionMixin(RequestHandler) {
  declare readonly session: Session<{ user?: unknown }>;

  override get(): void {
    this.session.set("user", { sub: "a".repeat(60), name: "Ada <of the Storm>", idToken: "none" });
    this.redirect("/");
  }
}

const POLICIES: readonly [string, readonly Middleware[]][] = [
  ["none", []],
  ["default", [securityHeaders()]],
  ["strict", [securityHeaders({ contentSecurityPolicy: { "style-src": ["'self'"] } })]],
];

for (const [policy, middleware] of POLICIES) {
  serviceTest("chromium", `error pages are for everyone, policy: ${policy}`, async () => {
    using records = captureLogs();
    await using server = serve(
      new Application([["/(\\d+)", FailingHandler], ["/favicon.ico", IconHandler]], { middleware }),
    );
    await using browser = await launchBrowser();
    const page = await browser.newPage();
    for (const status of [404, 403, 500]) {
      await page.goto(`${server.origin}/${status}`);
      await checkPage(page, `error-${status}-${policy}`, { enlarges: policy !== "strict" });
    }
    const [light, dark] = await grounds(page);
    assertEquals(light === "rgb(238, 242, 247)", policy !== "strict");
    assertNotEquals(light, dark);
    await expectLog(records, "error", /Uncaught exception/);
  });
}

serviceTest("chromium", "error pages of debug are for everyone", async () => {
  using records = captureLogs();
  await using server = serve(debugged([securityHeaders()]));
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  const paths = { "500": "/wind/7?token=x&q=gust", "404": "/wnd", "410": "/gone" };
  for (const [name, path] of Object.entries(paths)) {
    await page.goto(server.origin + path);
    await checkPage(page, `debug-${name}`);
    await page.evaluate("document.querySelectorAll('details').forEach((part) => part.open = true)");
    await checkPage(page, `debug-${name}-open`);
  }
  assertEquals(browser.pageErrors, []);
  await expectLog(records, "error", /Uncaught exception/);
  await expectLog(records, "warning", /has closed/);
});

serviceTest("chromium", "an error page of debug can be read without its style", async () => {
  using records = captureLogs();
  const strict = securityHeaders({ contentSecurityPolicy: { "style-src": ["'self'"] } });
  await using server = serve(debugged([strict]));
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(`${server.origin}/wind/7`);
  await takeScreenshot(page, "debug-500-strict");
  assertEquals(await violations(page), []);
  await page.getByText(/→ \d+ +throw new RangeError/).first().waitFor();
  await expectLog(records, "error", /Uncaught exception/);
});

function debugged(middleware: readonly Middleware[]): Application {
  const routes: Route[] = [
    ["/wind/:id", WindyHandler],
    ["/gone", GoneHandler],
    ["/a/long/path/to/the/archive/of/all/storms/that/there/were/:year(\\d+)", GoneHandler],
    ["/favicon.ico", IconHandler],
  ];
  const cookieSecret = "a secret of many characters";
  return new Application(routes, { debug: true, middleware, cookieSecret });
}

serviceTest(
  "chromium",
  "what is wrong with an application that does not run is for everyone",
  async () => {
    const file = await Deno.makeTempFile({ suffix: ".ts" });
    try {
      await Deno.writeTextFile(file, `const wind = ;\n${"// a very long comment ".repeat(20)}\n`);
      const message = `error: SyntaxError: Expression expected\n    at file://${file}:1:14`;
      await using server = serveFailure(message, { port: 0, hostname: "127.0.0.1" });
      await using browser = await launchBrowser();
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${server.port}/`);
      await page.getByText("const wind").waitFor();
      await checkPage(page, "dev-failure");
      assertEquals(browser.pageErrors, []);
    } finally {
      await Deno.remove(file);
    }
  },
);

class WindyHandler extends RequestHandler {
  override get(id: string): void {
    const cause = new TypeError("Cannot read the anemometer of " + id);
    throw new RangeError("The wind of <b>12 Beaufort</b> is too strong for station " + id, {
      cause,
    });
  }
}

class GoneHandler extends RequestHandler {
  override get(): void {
    throw new HTTPError(410, { logMessage: "The archive has closed" });
  }
}

class FailingHandler extends RequestHandler {
  override get(status: string): void {
    if (status === "500") throw new Error("broken");
    throw new HTTPError(Number(status));
  }
}

class IconHandler extends RequestHandler {
  override get(): void {
    this.setStatus(204);
  }
}

// ---- what visitors do

async function joinChat(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByRole("status").getByText("Connected").waitFor();
}

async function say(page: Page, text: string): Promise<void> {
  const field = page.getByLabel("Message", { exact: true });
  await field.fill(text);
  await field.press("Enter");
}

/** The colour behind a page by light and by dark: its own, or the browser's. */
async function grounds(page: Page): Promise<string[]> {
  const colors: string[] = [];
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    const color: unknown = await page.evaluate(`(() => {
      const own = getComputedStyle(document.body).backgroundColor;
      if (own !== "rgba(0, 0, 0, 0)") return own;
      document.body.style.outlineColor = "Canvas";
      return getComputedStyle(document.body).outlineColor;
    })()`);
    colors.push(String(color));
  }
  return colors;
}

// ---- what has to hold of each page

interface Expectations {
  /** Has to be within the window, wholly. */
  readonly shown?: Locator;
  /** Whether it fits with letters twice as large, too: with the browser's own style, no page does. */
  readonly enlarges?: boolean;
}

/** Checks a page in both windows and colour schemes, and with large text. */
async function checkPage(
  page: Page,
  name: string,
  { shown, enlarges = true }: Expectations = {},
): Promise<void> {
  for (const [device, size] of Object.entries(WINDOWS)) {
    await page.setViewportSize(size);
    for (const colorScheme of SCHEMES) {
      const place = `${name}, ${device}, ${colorScheme}`;
      await page.emulateMedia({ colorScheme });
      await takeScreenshot(page, `${name}-${device}-${colorScheme}`);
      assertEquals(await violations(page), [], place);
    }
    await checkFit(page, `${name}, ${device}`, shown);
    if (!enlarges) continue;
    await page.evaluate("void (document.documentElement.style.fontSize = '200%')");
    await takeScreenshot(page, `${name}-${device}-large`);
    await checkFit(page, `${name}, ${device}, large text`, shown);
    await page.evaluate("void (document.documentElement.style.fontSize = '')");
  }
  await checkFocus(page, name);
}

/** What axe-core complains of, as the rule and where it is broken. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const result: unknown = await page.evaluate(`
    axe.run({ resultTypes: ["violations"] }).then(({ violations }) =>
      violations.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ target, any }) => [id, impact, target, any[0]?.message].join(" "))))`);
  assert(Array.isArray(result));
  return result.map(String);
}

async function checkFit(page: Page, place: string, shown: Locator | undefined): Promise<void> {
  const wide: unknown = await page.evaluate(`
    document.documentElement.scrollWidth - document.documentElement.clientWidth`);
  assertEquals(wide, 0, `${place}: pixels that the page is too wide`);
  const box = await shown?.boundingBox();
  const window = page.viewportSize();
  if (!box || !window) return assertEquals(shown, undefined, `${place}: not shown`);
  const { x, y, width, height } = box;
  assert(x >= 0 && x + width <= window.width, `${place}: from ${x} px, ${width} px wide`);
  assert(y >= 0 && y + height <= window.height, `${place}: from ${y} px, ${height} px high`);
}

/** What a keyboard comes to is marked. */
async function checkFocus(page: Page, name: string): Promise<void> {
  await page.evaluate("document.activeElement?.blur()");
  for (let stop = 0; stop < 5; stop++) {
    await page.keyboard.press("Tab");
    const unmarked: unknown = await page.evaluate(`(() => {
      const { activeElement: element } = document;
      if (element === null || element === document.body) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return outlineStyle === "none" || parseFloat(outlineWidth) < 2 ? element.outerHTML : null;
    })()`);
    assertEquals(unmarked, null, `${name}: focus cannot be seen`);
  }
}

async function takeScreenshot(page: Page, name: string): Promise<void> {
  const directory = Deno.env.get("GUSTNADO_SCREENSHOTS");
  if (directory) await page.screenshot({ path: `${directory}/${name}.png` });
}
