import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Application } from "@gustnado/gustnado";
import { Visitor } from "../support/visitor.ts";

/** The program in a section of the page on log-in, as it is printed there, as a visitor finds it. */
async function visitorOf(section: string): Promise<Visitor> {
  const page = await Deno.readTextFile(new URL("../../docs/log_in.md", import.meta.url));
  const source = page.split(`# ${section}\n`)[1]?.split("```ts\n")[1]?.split("```")[0];
  assert(source !== undefined, `there is no program under "${section}"`);
  const bytes = new TextEncoder().encode(source);
  const { default: app } = await import(`data:application/typescript;base64,${bytes.toBase64()}`);
  assert(app instanceof Application);
  return new Visitor(async (path, init) =>
    await app.fetch(new Request(`http://localhost${path}`, init))
  );
}

/** Fills in the form of a page. */
async function submit(visitor: Visitor, path: string, fields: Record<string, string>) {
  const page = await visitor.text(path);
  const [, token = ""] = /name="_xsrf" value="([^"]+)"/.exec(page) ?? [];
  const body = new URLSearchParams({ _xsrf: token, ...fields });
  return await visitor.fetch(path, { method: "POST", body });
}

Deno.test("the page's signed cookie logs in whoever has a name, and shows it as text", async () => {
  const visitor = await visitorOf("A name in a signed cookie");
  const asked = await visitor.fetch("/");
  assertEquals(asked.headers.get("location"), "/login?next=%2F");
  const response = await submit(visitor, "/login?next=%2F", { name: "<b>ada</b>" });
  assertEquals([response.status, response.headers.get("location")], [303, "/"]);
  assertEquals(await visitor.text("/"), "Hello, &lt;b&gt;ada&lt;/b&gt;");
});

Deno.test("the page's session is there from the log-in to the log-out", async () => {
  const visitor = await visitorOf("Sessions and passwords");
  assertEquals((await visitor.fetch("/")).headers.get("location"), "/login?next=%2F");
  const wrong = await submit(visitor, "/login", { name: "ada", password: "wrong" });
  assertEquals(wrong.status, 403);
  await submit(visitor, "/login", { name: "ada", password: "difference engine" });
  const home = await visitor.text("/");
  assertStringIncludes(home, "Hello, ada");
  const [, token = ""] = /name="_xsrf" value="([^"]+)"/.exec(home) ?? [];
  const body = new URLSearchParams({ _xsrf: token });
  await visitor.fetch("/logout", { method: "POST", body });
  assertEquals((await visitor.fetch("/")).status, 302);
});
