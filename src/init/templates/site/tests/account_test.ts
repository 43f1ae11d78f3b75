import { assertEquals, assertMatch } from "@std/assert";
import { testSite } from "./test_site.ts";

const ADA = { name: "Ada", password: "a long password" };

Deno.test("a visitor without a session is sent to the log-in", async () => {
  await using site = testSite();
  const response = await site.get("/", { status: 302 });
  assertEquals(response.location, "/login?next=%2F");
});

Deno.test("who has signed up is logged in, can log out, and in again", async () => {
  await using site = testSite();
  const welcome = await site.post("/signup", { form: ADA, follow: true });
  assertMatch(await welcome.text(), /<span>Ada<\/span>/);
  await site.post("/logout", { status: 303 });
  await site.get("/", { status: 302 });
  const again = await site.post("/login", { form: { ...ADA, name: "ada" }, follow: true });
  assertMatch(await again.text(), /<span>Ada<\/span>/);
});

Deno.test("a wrong password and an unknown name are refused alike", async () => {
  await using site = testSite();
  await site.post("/signup", { form: ADA });
  for (const name of ["Ada", "Nobody"]) {
    const form = { name, password: "guessed it" };
    const refused = await site.client().post("/login", { form, status: 422 });
    assertMatch(await refused.text(), /Wrong name or password/);
  }
});

Deno.test("a name is taken once, and a password is not too short", async () => {
  await using site = testSite();
  await site.post("/signup", { form: ADA });
  const taken = await site.client().post("/signup", { form: { ...ADA, name: "ADA" } });
  assertMatch(await taken.text(), /That name is taken/);
  const short = await site.client().post("/signup", { form: { name: "Bob", password: "short" } });
  assertMatch(await short.text(), /A password has 8 to 200 characters/);
});

Deno.test("nobody is led to another site", async () => {
  await using site = testSite();
  const form = { ...ADA, next: "https://evil.example/" };
  assertEquals((await site.post("/signup", { form })).location, "/");
});

Deno.test("a form without the token is refused", async () => {
  await using site = testSite();
  await site.post("/signup", { form: ADA, xsrf: false, status: 403 });
});
