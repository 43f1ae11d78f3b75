import { assert, assertEquals, assertMatch } from "@std/assert";
import { testSite } from "./test_site.ts";

Deno.test("a note is kept, shown as text, and taken away", async () => {
  await using site = testSite();
  await site.login("Ada", { session: true });
  const page = await site.post("/", { form: { text: "<b>Gusts</b>" }, follow: true });
  assertMatch(await page.text(), /<p>&lt;b&gt;Gusts&lt;\/b&gt;<\/p>/);
  const left = await site.post("/notes/1/remove", { follow: true });
  assertMatch(await left.text(), /There are none yet/);
});

Deno.test("a note that is empty or too long is not kept, and not lost", async () => {
  await using site = testSite();
  await site.login("Ada", { session: true });
  await site.post("/", { form: { text: " " }, status: 422 });
  const text = "x".repeat(2_001);
  const refused = await site.post("/", { form: { text }, status: 422 });
  assert((await refused.text()).includes(text));
});

Deno.test("a user sees and takes away their own notes only", async () => {
  await using site = testSite();
  const [ada, bob] = [site.client(), site.client()];
  await ada.login("Ada", { session: true });
  await bob.login("Bob", { session: true });
  await ada.post("/", { form: { text: "Secret" }, status: 303 });
  assert(!(await (await bob.get("/")).text()).includes("Secret"));
  const refused = await bob.post("/notes/1/remove", { status: 404 });
  assertMatch(await refused.text(), /There is no note 1/);
});

Deno.test("a page that is not there says so", async () => {
  await using site = testSite();
  const response = await site.get("/nowhere", { status: 404 });
  assertMatch(await response.text(), /<h1>404: Not Found<\/h1>/);
});

Deno.test("the style of pages is there", async () => {
  await using site = testSite();
  const page = await (await site.get("/login")).text();
  const paths = [...page.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map(([, path = ""]) =>
    path
  );
  assertEquals(paths.length, 3);
  for (const path of paths) await site.get(path, { status: 200 });
});
