import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Application } from "@gustnado/gustnado";
import { testServer } from "@gustnado/gustnado/testing";

/** The program in a section of the page on log-in, as it is printed there. */
async function programOf(section: string): Promise<Application> {
  const page = await Deno.readTextFile(new URL("../../docs/log_in.md", import.meta.url));
  const source = page.split(`# ${section}\n`)[1]?.split("```ts\n")[1]?.split("```")[0];
  assert(source !== undefined, `there is no program under "${section}"`);
  const bytes = new TextEncoder().encode(source);
  const { default: app } = await import(`data:application/typescript;base64,${bytes.toBase64()}`);
  assert(app instanceof Application);
  return app;
}

/** The token of the form of a page. */
function tokenOf(page: string): string {
  return /name="_xsrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
}

Deno.test("the page's signed cookie logs in whoever has a name, and shows it as text", async () => {
  await using t = testServer(await programOf("A name in a signed cookie"));
  assertEquals((await t.get("/")).location, "/login?next=%2F");
  const _xsrf = tokenOf(await (await t.get("/login?next=%2F")).text());
  const form = { _xsrf, name: "<b>ada</b>" };
  const response = await t.post("/login?next=%2F", { form, xsrf: false, status: 303 });
  assertEquals(response.location, "/");
  assertEquals(await (await t.get("/")).text(), "Hello, &lt;b&gt;ada&lt;/b&gt;");
});

Deno.test("the page's session is there from the log-in to the log-out", async () => {
  await using t = testServer(await programOf("Sessions and passwords"));
  assertEquals((await t.get("/")).location, "/login?next=%2F");
  await t.post("/login", { form: { name: "ada", password: "wrong" }, status: 403 });
  await t.post("/login", { form: { name: "ada", password: "difference engine" } });
  const home = await (await t.get("/")).text();
  assertStringIncludes(home, "Hello, ada");
  await t.post("/logout", { form: { _xsrf: tokenOf(home) }, xsrf: false });
  await t.get("/", { status: 302 });
});
