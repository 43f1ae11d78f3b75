import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Page } from "playwright-core";
import { OpenIDApplication } from "../../examples/openid/openid_application.ts";
import { launchBrowser } from "../support/browser.ts";
import { freePort } from "../support/child_server.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { assertNoSecrets } from "../support/login_site.ts";
import { serviceTest, startOpenIDProvider } from "../support/services.ts";

interface Site extends AsyncDisposable {
  readonly origin: string;
}

/** The example, which has to know its own address. */
function startSite(providerPort: number): Site {
  const port = freePort();
  const origin = `http://127.0.0.1:${port}`;
  const server = new OpenIDApplication({
    origin,
    cookieSecret: "cookie-secret of these tests",
    openidConnect: {
      issuer: `http://127.0.0.1:${providerPort}`,
      key: "gustnado",
      secret: "gustnado-secret",
    },
  }).listen(port, { hostname: "127.0.0.1", handleSignals: false, graceMs: 1_000 });
  return { origin, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** The provider's page asks the network for a font. */
async function stayOnMachine(page: Page): Promise<void> {
  await page.route((url) => url.hostname !== "127.0.0.1", (route) => route.abort());
}

async function typeLogin(page: Page, name: string): Promise<void> {
  await page.fill("input[name=login]", name);
  await page.fill("input[name=password]", "any");
  await page.click("button[type=submit]");
}

async function takeScreenshot(page: Page, name: string): Promise<void> {
  const directory = Deno.env.get("GUSTNADO_SCREENSHOTS");
  if (directory) await page.screenshot({ path: `${directory}/openid-${name}.png` });
}

serviceTest(
  ["chromium", "oidc-provider"],
  "a visitor logs in with an OpenID provider, sees a name, and logs out",
  async () => {
    using records = captureLogs();
    await using provider = await startOpenIDProvider();
    await using site = startSite(provider.port);
    await using browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 800, height: 600 } });
    await stayOnMachine(page);

    await page.goto(`${site.origin}/profile`);
    assertMatch(page.url(), new RegExp(`^http://127.0.0.1:${provider.port}/interaction/`));
    await takeScreenshot(page, "login");
    await typeLogin(page, "ada");
    await page.waitForSelector("text=Authorize");
    await takeScreenshot(page, "consent");
    await page.click("text=Continue");

    await page.waitForURL(`${site.origin}/profile`);
    assertEquals(await page.textContent("dd"), "ada <of the Storm>");
    await takeScreenshot(page, "profile");
    await page.click("text=Home");
    assertEquals(await page.textContent("h1"), "Hello, ada <of the Storm>");
    await takeScreenshot(page, "home");
    const cookies = await page.context().cookies(site.origin);
    assertEquals(cookies.filter(({ name }) => name.startsWith("oauth2_")), []);

    await page.click("text=Log out");
    await page.click("text=Yes, sign me out");
    await page.waitForURL(`${site.origin}/`);
    assertEquals(await page.textContent("h1"), "Welcome");
    await page.goto(`${site.origin}/profile`);
    assertStringIncludes(page.url(), "/interaction/");
    assertNoSecrets("", records);
    assertEquals(browser.pageErrors, []);
  },
);

serviceTest(
  ["chromium", "oidc-provider"],
  "a visitor who cancels at the provider gets an error page, in Chromium",
  async () => {
    using records = captureLogs();
    await using provider = await startOpenIDProvider();
    await using site = startSite(provider.port);
    await using browser = await launchBrowser();
    const page = await browser.newPage();
    await stayOnMachine(page);
    await page.goto(`${site.origin}/login`);
    await page.click("text=Cancel");
    await page.waitForURL(/error=access_denied/);
    assertStringIncludes(await page.content(), '403: Log-in refused: "access_denied"');
    await expectLog(records, "warning", /the provider answered "access_denied"/);
    // From there one can begin anew.
    await page.goto(`${site.origin}/login`);
    assertStringIncludes(page.url(), "/interaction/");
  },
);

serviceTest(
  ["chromium", "oidc-provider"],
  "log-ins in two tabs of a browser both succeed",
  async () => {
    using records = captureLogs();
    await using provider = await startOpenIDProvider();
    await using site = startSite(provider.port);
    await using browser = await launchBrowser();
    const first = await browser.newPage();
    const second = await first.context().newPage();
    for (const page of [first, second]) {
      await stayOnMachine(page);
      await page.goto(`${site.origin}/profile`);
    }
    await typeLogin(first, "ada");
    await first.click("text=Continue");
    await first.waitForURL(`${site.origin}/profile`);
    // The provider knows by now what the visitor agrees to.
    await typeLogin(second, "ada");
    await second.waitForURL(`${site.origin}/profile`);
    assertEquals(await second.textContent("dd"), "ada <of the Storm>");
    const returns = records.messages("gustnado.access").filter((line) => /^302 .*\?…/.test(line));
    assertEquals(returns.length, 2);
  },
);
