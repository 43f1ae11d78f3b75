import { assert, assertEquals, assertFalse, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { Application, DictLoader, RequestHandler } from "@gustnado/gustnado";
import {
  decodeXsrfToken,
  encodeXsrfToken,
  isSameXsrfToken,
  newXsrfToken,
} from "../../../src/web/signed/xsrf.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays } from "../../support/serve.ts";
import { serviceTest } from "../../support/services.ts";
import { runPython } from "../../support/tornado.ts";

class Form extends RequestHandler {
  override get() {
    this.write(this.xsrfToken);
  }

  override post() {
    this.write(`posted ${this.getArgument("q", "")}`);
  }
}

class Open extends Form {
  override checkXsrfCookie() {}
}

const application = () => new Application([["/", Form], ["/open", Open]], { xsrfCookies: true });

/** A token, and the cookie that goes with it. */
async function visit(fetch: (path: string) => Promise<Response>): Promise<[string, string]> {
  const response = await fetch("/");
  const [cookie = ""] = response.headers.getSetCookie();
  assertMatch(cookie, /^_xsrf=/);
  return [await response.text(), cookie.split(";")[0] ?? ""];
}

bothWays("form with the token of the cookie is accepted", application, async (fetch) => {
  const [token, cookie] = await visit(fetch);
  const body = new URLSearchParams({ _xsrf: token, q: "wind" });
  const response = await fetch("/", { method: "POST", body, headers: { cookie } });
  assertEquals(await response.text(), "posted wind");
});

bothWays("token may come in a header, or in the query", application, async (fetch) => {
  const [token, cookie] = await visit(fetch);
  for (const header of ["X-XSRFToken", "X-CSRFToken"]) {
    const response = await fetch("/", { method: "POST", headers: { cookie, [header]: token } });
    assertEquals(response.status, 200);
  }
  const query = `/?_xsrf=${encodeURIComponent(token)}`;
  assertEquals((await fetch(query, { method: "POST", headers: { cookie } })).status, 200);
});

bothWays("token is masked anew, and the cookie is set once", application, async (fetch) => {
  const [token, cookie] = await visit(fetch);
  const again = await fetch("/", { headers: { cookie } });
  assertEquals(again.headers.getSetCookie(), []);
  const other = await again.text();
  assertNotEquals(other, token);
  const response = await fetch("/", { method: "POST", headers: { cookie, "X-XSRFToken": other } });
  assertEquals(response.status, 200);
});

bothWays("request without the right token is a 403", application, async (fetch) => {
  const [token, cookie] = await visit(fetch);
  const [foreign] = await visit(fetch);
  const cases: [Record<string, string>, RegExp][] = [
    [{ cookie }, /missing/],
    [{ cookie, "X-XSRFToken": foreign }, /does not match/],
    [{ "X-XSRFToken": token }, /does not match/],
    [{ cookie, "X-XSRFToken": "2|00|zz|1" }, /invalid format/],
    [{ cookie, "X-XSRFToken": "9|00" }, /invalid format/],
    [{ cookie: "_xsrf=", "X-XSRFToken": "x" }, /does not match/],
  ];
  using records = captureLogs();
  for (const [headers, message] of cases) {
    assertEquals((await fetch("/", { method: "POST", headers })).status, 403);
    await expectLog(records, "warning", message);
  }
  for (const { message } of records.all) assertFalse(message.includes(token));
});

bothWays("XMLHttpRequest is no exemption", application, async (fetch) => {
  using records = captureLogs();
  const headers = { "X-Requested-With": "XMLHttpRequest" };
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    const response = await fetch("/", { method, headers });
    assertEquals(response.status, 403);
    await expectLog(records, "warning", /missing/);
  }
});

bothWays("handler may do without the check, and so does a 404", application, async (fetch) => {
  assertEquals((await fetch("/open", { method: "POST" })).status, 200);
  assertEquals((await fetch("/nowhere", { method: "POST" })).status, 404);
});

Deno.test("xsrfFormHtml is a hidden field with the token", async () => {
  class Page extends RequestHandler {
    override get() {
      this.write(this.xsrfFormHtml());
    }
  }
  const settings = { xsrfCookieName: "__Host-xsrf", xsrfCookieOptions: { secure: true } };
  const app = new Application([["/", Page]], settings);
  const response = await app.fetch(new Request("http://localhost/"));
  assertMatch(response.headers.getSetCookie()[0] ?? "", /^__Host-xsrf=.*Secure/);
  assertMatch(
    await response.text(),
    /^<input type="hidden" name="_xsrf" value="2\|[0-9a-f]{8}\|[0-9a-f]{32}\|\d+"\/>$/,
  );
});

Deno.test("templates have the field as a module and as a function, in both spellings", async () => {
  class Page extends RequestHandler {
    override get() {
      return this.render("page.html");
    }
  }
  const source = "{% module xsrf_form_html() %}{% module xsrfFormHtml() %}" +
    "{% raw xsrf_form_html() %}{% raw xsrfFormHtml() %}{{ xsrf_form_html() }}{{ xsrfFormHtml() }}";
  const templateLoader = new DictLoader({ "page.html": source });
  const app = new Application([["/", Page]], { templateLoader });
  const response = await app.fetch(new Request("http://localhost/"));
  assertEquals((await response.text()).match(/<input type="hidden" name="_xsrf"/g)?.length, 6);
});

Deno.test("token lasts for users who are known, and the setting is not changed by them", async () => {
  class Known extends Form {
    override getCurrentUser() {
      return this.getArgument("user", null);
    }
  }
  const xsrfCookieOptions = {};
  const app = new Application([["/", Known]], { xsrfCookieOptions });
  const cookieOf = async (path: string) =>
    (await app.fetch(new Request(`http://localhost${path}`))).headers.getSetCookie()[0] ?? "";
  assertMatch(await cookieOf("/?user=ada"), /expires=/i);
  assertFalse(/expires=/i.test(await cookieOf("/")));
  assertEquals(xsrfCookieOptions, {});
});

Deno.test("token survives its encoding, and no changed one is taken for it", () => {
  const token = newXsrfToken();
  const text = encodeXsrfToken(token);
  const decoded = decodeXsrfToken(text);
  assert(decoded !== null && isSameXsrfToken(token, decoded));
  const body = text.split("|").slice(0, 3).join("|");
  for (let at = 2; at < body.length; at++) {
    const changed = text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
    const other = decodeXsrfToken(changed);
    assert(other === null || !isSameXsrfToken(token, other), changed);
  }
});

Deno.test("any text is a token or none, without an error", () => {
  fc.assert(fc.property(fc.string({ maxLength: 2000 }), (text) => {
    const token = decodeXsrfToken(text);
    assert(token === null || token.bytes.length > 0 || text.startsWith("2|"));
  }));
  assertEquals(decodeXsrfToken("x".repeat(1025)), null);
  assertEquals(decodeXsrfToken("xoxo")?.bytes, new TextEncoder().encode("xoxo"));
});

serviceTest(
  "python3-tornado",
  "Python's Tornado reads our token, and we read its",
  async () => {
    const token = newXsrfToken();
    const [theirs, bytes] = await runPython(
      `
from tornado.web import Application, RequestHandler
from tornado.httputil import HTTPServerRequest, HTTPHeaders

class Connection:
    def set_close_callback(self, callback): pass

def handler(cookie):
    headers = HTTPHeaders({"Host": "localhost", "Cookie": "_xsrf=" + cookie})
    request = HTTPServerRequest("GET", "/", headers=headers, connection=Connection())
    return RequestHandler(Application(), request)

page = handler(input)
output = [page.xsrf_token.decode(), page._get_raw_xsrf_token()[1].hex()]
`,
      encodeXsrfToken(token),
    ) as [string, string];
    const decoded = decodeXsrfToken(theirs);
    assert(decoded !== null && isSameXsrfToken(decoded, token));
    assertEquals(
      bytes,
      Array.from(token.bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    );
  },
);
