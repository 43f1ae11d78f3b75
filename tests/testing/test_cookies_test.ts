import { assertEquals } from "@std/assert";
import { TestCookies } from "../../src/testing/client/test_cookies.ts";
import { fakeTime } from "../../src/testing/fake_time.ts";

const HERE = "http://app.example/blog/entry?id=1";

/** What is sent to a URL when a response of {@linkcode HERE} has set a cookie. */
function sent(line: string, to: string, from: string = HERE): string {
  const cookies = new TestCookies(from);
  cookies.setCookie(line, from);
  return cookies.getCookieString(to);
}

Deno.test("a cookie without a path is sent to the folder of the page", () => {
  assertEquals(sent("a=1", "http://app.example/blog"), "a=1");
  assertEquals(sent("a=1", "http://app.example/blog/other"), "a=1");
  assertEquals(sent("a=1", "http://app.example/blogger"), "");
  assertEquals(sent("a=1", "http://app.example/"), "");
  assertEquals(sent("a=1", "http://app.example/", "http://app.example/entry"), "a=1");
});

Deno.test("a cookie with a path is sent below it", () => {
  assertEquals(sent("a=1; Path=/", "http://app.example/"), "a=1");
  assertEquals(sent("a=1; path=/blog", "http://app.example/blog/x"), "a=1");
  assertEquals(sent("a=1; Path=/blog", "http://app.example/blogs"), "");
  assertEquals(sent("a=1; Path=/blog/", "http://app.example/blog"), "");
});

Deno.test("a cookie is of its host alone, unless it names a domain", () => {
  assertEquals(sent("a=1; Path=/", "http://www.app.example/"), "");
  assertEquals(sent("a=1; Path=/; Domain=app.example", "http://www.app.example/"), "a=1");
  assertEquals(sent("a=1; Path=/; Domain=.APP.example", "http://www.app.example/"), "a=1");
  assertEquals(sent("a=1; Path=/; Domain=app.example", "http://wwwapp.example/"), "");
  assertEquals(sent("a=1; Path=/; Domain=evil.example", "http://evil.example/"), "");
});

Deno.test("a cookie that is Secure is set and sent by https alone, or on this machine", () => {
  const secure = "a=1; Path=/; Secure";
  assertEquals(sent(secure, "https://app.example/"), "");
  assertEquals(sent(secure, "https://app.example/", "https://app.example/"), "a=1");
  assertEquals(sent(secure, "http://app.example/", "https://app.example/"), "");
  assertEquals(sent(secure, "wss://app.example/", "https://app.example/"), "a=1");
  assertEquals(sent(secure, "http://localhost/", "http://localhost/"), "a=1");
});

Deno.test("a cookie that breaks the promise of its name is refused", () => {
  const https = "https://app.example/";
  assertEquals(sent("__Secure-a=1; Path=/", https, https), "");
  assertEquals(sent("__Secure-a=1; Path=/; Secure", https, https), "__Secure-a=1");
  assertEquals(sent("__Host-a=1; Path=/; Secure", https, https), "__Host-a=1");
  assertEquals(sent("__Host-a=1; Path=/x; Secure", https, https), "");
  assertEquals(sent("__Host-a=1; Path=/; Secure; Domain=app.example", https, https), "");
});

Deno.test("a cookie ends when its time is over, and Max-Age goes before Expires", async () => {
  using time = fakeTime({ now: Date.UTC(2026, 0, 1) });
  const cookies = new TestCookies(HERE);
  cookies.setCookie("a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", HERE);
  cookies.setCookie("b=1; Expires=Thu, 01 Jan 2026 00:02:00 GMT", HERE);
  cookies.setCookie("c=1; Max-Age=no; Expires=tomorrow", HERE);
  assertEquals([...cookies].map(({ name }) => name), ["a", "b", "c"]);
  await time.tick(60_000);
  assertEquals(cookies.get("a"), null);
  await time.tick(60_000);
  assertEquals([...cookies].map(({ name, expires }) => [name, expires]), [["c", Infinity]]);
});

Deno.test("a cookie that is set again takes the place of the old one, and an ended one goes", () => {
  const cookies = new TestCookies(HERE);
  for (const line of ["a=1; Path=/", "b=2; Path=/", "a=3; Path=/"]) cookies.setCookie(line, HERE);
  assertEquals(cookies.getCookieString(HERE), "a=3; b=2");
  cookies.setCookie("a=; Path=/; Max-Age=0", HERE);
  assertEquals([cookies.has("a"), cookies.has("b")], [false, true]);
});

Deno.test("cookies of longer paths are sent first", () => {
  const cookies = new TestCookies(HERE);
  for (const line of ["a=root; Path=/", "a=blog; Path=/blog"]) cookies.setCookie(line, HERE);
  assertEquals(cookies.getCookieString(HERE), "a=blog; a=root");
});

Deno.test("a value comes back as it was sent, and is read unquoted", () => {
  const cookies = new TestCookies(HERE);
  cookies.setCookie('a="x\\073y"; Path=/', HERE);
  assertEquals([cookies.get("a"), cookies.getCookieString(HERE)], ["x;y", 'a="x\\073y"']);
  cookies.set("b", "p; q");
  assertEquals(cookies.get("b"), "p; q");
  cookies.set("c", "2|1f|ab|1");
  assertEquals(cookies.getCookieString("http://app.example/").split("; ").at(-1), "c=2|1f|ab|1");
});

Deno.test("a line without a name, or of nothing, does no harm", () => {
  for (const line of ["", ";", "=", "value", "a=1;;Path", "a=1; Path=; Domain="]) {
    const cookies = new TestCookies(HERE);
    cookies.setCookie(line, HERE);
    assertEquals(typeof cookies.getCookieString(HERE), "string");
  }
  assertEquals(sent("value", HERE), "value");
});

Deno.test("cookies are forgotten one by one, or all", () => {
  const cookies = new TestCookies(HERE);
  for (const name of ["a", "b", "c"]) cookies.set(name, "1");
  assertEquals([cookies.delete("a"), cookies.delete("a")], [true, false]);
  cookies.clear();
  assertEquals([...cookies], []);
});

Deno.test("a copy of cookies is independent of them", () => {
  const [cookies, copy] = [new TestCookies(HERE), new TestCookies(HERE)];
  cookies.set("a", "1", { path: "/blog", httpOnly: true });
  copy.copyFrom(cookies);
  cookies.clear();
  assertEquals([...copy].map(({ name, path, httpOnly }) => [name, path, httpOnly]), [
    ["a", "/blog", true],
  ]);
});
