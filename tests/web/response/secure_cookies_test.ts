import { assertEquals } from "@std/assert";
import {
  Application,
  type ApplicationSettings,
  RequestHandler,
  SessionMixin,
  setSealedCookie,
} from "@gustnado/gustnado";
import { serve } from "../../support/serve.ts";

class Setter extends SessionMixin(RequestHandler) {
  override get() {
    this.setSignedCookie("signed", "1");
    this.setSignedCookie("open", "1", { secure: false });
    this.setSignedCookie("closed", "1", { secure: true });
    this.setSignedCookie("undecided", "1", { secure: undefined });
    this.setSignedCookie("__Host-signed", "1");
    setSealedCookie(this, "sealed", "1");
    this.session.set("user", "ada");
    this.setCookie("plain", "1");
    this.write(this.xsrfToken);
  }
}

function application(settings: ApplicationSettings = {}): Application {
  return new Application([["/", Setter]], {
    cookieSecret: "cookie-secret of these tests",
    ...settings,
  });
}

/** The names of the cookies that are sent over https only. */
async function secureNames(response: Promise<Response> | Response): Promise<string[]> {
  const cookies = (await response).headers.getSetCookie();
  assertEquals(cookies.length, 9);
  return cookies.filter((cookie) => /; Secure(;|$)/.test(cookie))
    .map((cookie) => cookie.slice(0, cookie.indexOf("="))).sort();
}

const ALWAYS = ["__Host-signed", "closed"];
const PROTECTED = [...ALWAYS, "_xsrf", "sealed", "session", "signed", "undecided"].sort();

Deno.test("signed cookies and the token are for https where the request came by it", async () => {
  assertEquals(
    await secureNames(application().fetch(new Request("https://a.example/"))),
    PROTECTED,
  );
  assertEquals(await secureNames(application().fetch(new Request("http://a.example/"))), ALWAYS);
  const behind = application({ protocol: "https" });
  assertEquals(await secureNames(behind.fetch(new Request("http://a.example/"))), PROTECTED);
});

Deno.test("proxy that is believed tells of https", async () => {
  for (const xheaders of [true, false]) {
    await using server = serve(application({ xheaders }));
    const response = await fetch(`http://127.0.0.1:${server.port}/`, {
      headers: { "x-forwarded-proto": "https" },
    });
    await response.bytes();
    assertEquals(await secureNames(response), xheaders ? PROTECTED : ALWAYS);
  }
});

Deno.test("attributes of the token's cookie that are set win", async () => {
  const app = application({ xsrfCookieOptions: { secure: false } });
  const names = await secureNames(app.fetch(new Request("https://a.example/")));
  assertEquals(names, PROTECTED.filter((name) => name !== "_xsrf"));
});
