import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { LoginApplication } from "../../examples/login/login_application.ts";
import { launchBrowser } from "../support/browser.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { bothWays, type Fetch, serve } from "../support/serve.ts";
import { serviceTest } from "../support/services.ts";
import { Visitor } from "../support/visitor.ts";

const application = () => new LoginApplication();
const ADA = { name: "Ada <3", password: "difference engine" };

/** Fills a form in, and sends it. */
async function submit(visitor: Visitor, path: string, fields: Record<string, string>) {
  const page = await visitor.text(path === "/logout" ? "/" : path);
  const token = /name="_xsrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
  const body = new URLSearchParams({ _xsrf: token, ...fields });
  return await visitor.fetch(path, { method: "POST", body });
}

async function signedUp(fetch: Fetch): Promise<Visitor> {
  const visitor = new Visitor(fetch);
  assertEquals((await submit(visitor, "/signup", ADA)).headers.get("location"), "/");
  return visitor;
}

bothWays(
  "login example lets users sign up, log out and log in again",
  application,
  async (fetch) => {
    const visitor = await signedUp(fetch);
    assertStringIncludes(await visitor.text("/"), "Welcome, Ada &lt;3.");
    const copy = visitor.twin();
    assertEquals((await submit(visitor, "/logout", {})).headers.get("location"), "/login");
    for (const each of [visitor, copy]) {
      assertEquals((await each.fetch("/")).headers.get("location"), "/login?next=%2F");
    }
    const response = await submit(visitor, "/login", { ...ADA, next: "/?a=1" });
    assertEquals(response.headers.get("location"), "/?a=1");
    assertStringIncludes(await visitor.text("/"), "Welcome, Ada &lt;3.");
  },
);

bothWays(
  "login example says the same of a wrong name and a wrong password",
  application,
  async (fetch) => {
    const visitor = await signedUp(fetch);
    await submit(visitor, "/logout", {});
    const answers = [];
    for (const fields of [{ ...ADA, password: "analytical" }, { ...ADA, name: "Bob" }]) {
      const response = await submit(visitor, "/login", fields);
      assertEquals(response.status, 403);
      answers.push(/role="alert">([^<]+)/.exec(await response.text())?.[1]);
    }
    assertEquals(answers, ["Wrong name or password.", "Wrong name or password."]);
  },
);

bothWays(
  "login example refuses names that are taken, and short passwords",
  application,
  async (fetch) => {
    await signedUp(fetch);
    const visitor = new Visitor(fetch);
    const cases: [Record<string, string>, RegExp][] = [
      [ADA, /That name is taken/],
      [{ name: "Bob", password: "1234567" }, /at least 8 characters/],
      [{ name: " ", password: "12345678" }, /1 to 40 letters/],
      [{ name: "x".repeat(41), password: "12345678" }, /1 to 40 letters/],
    ];
    for (const [fields, reason] of cases) {
      const response = await submit(visitor, "/signup", fields);
      assertEquals(response.status, 403);
      assertMatch(await response.text(), reason);
    }
    assertEquals((await visitor.fetch("/")).status, 302);
  },
);

bothWays(
  "login example never leads to another site, and needs the token",
  application,
  async (fetch) => {
    const visitor = await signedUp(fetch);
    for (const next of ["//evil.example", "https://evil.example/", "/\\evil.example"]) {
      const response = await submit(visitor, "/login", { ...ADA, next });
      assertEquals(response.headers.get("location"), "/");
    }
    using records = captureLogs();
    const body = new URLSearchParams(ADA);
    assertEquals((await visitor.fetch("/login", { method: "POST", body })).status, 403);
    await expectLog(records, "warning", /_xsrf/);
  },
);

bothWays("login example answers what is sent by POST with 303", application, async (fetch) => {
  const visitor = new Visitor(fetch);
  for (const path of ["/signup", "/login", "/logout"]) {
    assertEquals((await submit(visitor, path, ADA)).status, 303, path);
  }
});

bothWays("login example gives each log-in another session", application, async (fetch) => {
  const visitor = await signedUp(fetch);
  const before = visitor.cookies.get("session");
  assert(before !== undefined);
  await submit(visitor, "/login", ADA);
  assertNotEquals(visitor.cookies.get("session"), before);
});

serviceTest("chromium", "login example works in a browser", async () => {
  await using server = serve(new LoginApplication());
  await using browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 480, height: 480 } });
  await page.goto(`${server.origin}/?a=1`);
  assertEquals(await page.locator("#name:focus").count(), 1);
  await page.click("text=Sign up");
  await page.fill("[name=name]", ADA.name);
  await page.fill("[name=password]", ADA.password);
  await page.click("button");
  await page.waitForURL(`${server.origin}/?a=1`);
  assertEquals(await page.textContent("h1"), "Welcome, Ada <3.");
  const [session] = (await page.context().cookies()).filter(({ name }) => name === "session");
  assertEquals([session?.httpOnly, session?.sameSite, session?.expires], [true, "Lax", -1]);
  await page.click("button");
  await page.waitForURL(`${server.origin}/login`);
  const directory = Deno.env.get("GUSTNADO_SCREENSHOTS");
  if (directory) await page.screenshot({ path: `${directory}/login.png` });
  await page.goto(server.origin);
  assertStringIncludes(page.url(), "/login?next=%2F");
});
