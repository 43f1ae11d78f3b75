import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { LoginApplication } from "../../examples/login/login_application.ts";
import { expectLog } from "../../src/testing/log_capture.ts";
import type { TestClient } from "../../src/testing/client/test_client.ts";
import { testServer } from "../../src/testing/test_server.ts";
import { launchBrowser } from "../support/browser.ts";
import { everywhere } from "../support/everywhere.ts";
import { serviceTest } from "../support/services.ts";

const application = () => new LoginApplication();
const ADA = { name: "Ada <3", password: "difference engine" };

async function signUp(client: TestClient): Promise<void> {
  assertEquals((await client.post("/signup", { form: ADA })).location, "/");
}

everywhere("login example lets users sign up, log out and log in again", application, async (t) => {
  await signUp(t);
  assertStringIncludes(await (await t.get("/")).text(), "Welcome, Ada &lt;3.");
  const copy = t.client();
  copy.cookies.copyFrom(t.cookies);
  assertEquals((await t.post("/logout")).location, "/login");
  for (const each of [t, copy]) assertEquals((await each.get("/")).location, "/login?next=%2F");
  const response = await t.post("/login", { form: { ...ADA, next: "/?a=1" } });
  assertEquals(response.location, "/?a=1");
  assertStringIncludes(await (await t.get("/")).text(), "Welcome, Ada &lt;3.");
});

everywhere(
  "login example says the same of a wrong name and a wrong password",
  application,
  async (t) => {
    await signUp(t);
    await t.post("/logout");
    const answers = [];
    for (const form of [{ ...ADA, password: "analytical" }, { ...ADA, name: "Bob" }]) {
      const response = await t.post("/login", { form, status: 403 });
      answers.push(/role="alert">([^<]+)/.exec(await response.text())?.[1]);
    }
    assertEquals(answers, ["Wrong name or password.", "Wrong name or password."]);
  },
);

everywhere(
  "login example refuses names that are taken, and short passwords",
  application,
  async (t) => {
    await signUp(t);
    const other = t.client();
    const cases: [Record<string, string>, RegExp][] = [
      [ADA, /That name is taken/],
      [{ name: "Bob", password: "1234567" }, /at least 8 characters/],
      [{ name: " ", password: "12345678" }, /1 to 40 letters/],
      [{ name: "x".repeat(41), password: "12345678" }, /1 to 40 letters/],
    ];
    for (const [form, reason] of cases) {
      assertMatch(await (await other.post("/signup", { form, status: 403 })).text(), reason);
    }
    await other.get("/", { status: 302 });
  },
);

everywhere(
  "login example never leads to another site, and needs the token",
  application,
  async (t) => {
    await signUp(t);
    for (const next of ["//evil.example", "https://evil.example/", "/\\evil.example"]) {
      assertEquals((await t.post("/login", { form: { ...ADA, next } })).location, "/");
    }
    await expectLog({ level: "warning", pattern: /_xsrf/ }, async () => {
      await t.post("/login", { form: ADA, xsrf: false, status: 403 });
    });
  },
);

everywhere("login example puts the token into every form", application, async (t) => {
  const pages = [await t.get("/login"), await t.get("/signup")];
  await signUp(t);
  for (const page of [...pages, await t.get("/")]) {
    const token = /name="_xsrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
    await t.post("/login", { form: { ...ADA, _xsrf: token }, xsrf: false, status: 303 });
  }
});

everywhere("login example answers what is sent by POST with 303", application, async (t) => {
  for (const path of ["/signup", "/login", "/logout"]) {
    await t.post(path, { form: ADA, status: 303 });
  }
});

everywhere("login example gives each log-in another session", application, async (t) => {
  await signUp(t);
  const before = t.cookies.get("session");
  assert(before !== null);
  await t.post("/login", { form: ADA });
  assertNotEquals(t.cookies.get("session"), before);
});

serviceTest("chromium", "login example works in a browser", async () => {
  await using server = testServer(new LoginApplication(), { socket: true });
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
