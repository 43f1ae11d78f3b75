import { assertEquals, assertMatch } from "@std/assert";
import type { CookieAttributes } from "../../../src/http/fields/cookie.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays } from "../../support/serve.ts";

class ReadHandler extends RequestHandler {
  override get() {
    this.setCookie("just", "set");
    this.write({
      cookies: { ...this.cookies },
      a: this.getCookie("a"),
      absent: this.getCookie("absent", "default"),
      just: this.getCookie("just"),
      proto: this.getCookie("__proto__"),
      member: this.getCookie("toString"),
    });
  }
}

bothWays("cookies of the request are read, not those just set", [
  ["/", ReadHandler],
], async (fetch) => {
  const response = await fetch("/", { headers: { cookie: 'a=1; b="x\\073y"; a=2; =odd; c' } });
  assertEquals(await response.json(), {
    cookies: { a: "2", b: "x;y", "": "c" },
    a: "2",
    absent: "default",
    just: null,
    proto: null,
    member: null,
  });
});

bothWays("request without cookies has none", [["/", ReadHandler]], async (fetch) => {
  assertEquals((await (await fetch("/")).json()).cookies, {});
});

bothWays("malformed cookies are never an error", [["/", ReadHandler]], async (fetch) => {
  for (const cookie of [";;;", "=", '"', 'a="\\', "a=\u00ff", ",,=,", "a=b=c", "a b c"]) {
    assertEquals((await fetch("/", { headers: { cookie } })).status, 200);
  }
});

class SetHandler extends RequestHandler {
  override get() {
    this.setCookie("plain", "value");
    this.setCookie("quoted", 'a;b "c"');
    this.setCookie("twice", "first", { secure: true });
    this.setCookie("twice", "second", { maxAge: 0 });
    this.setCookie("all", "1", {
      domain: "example.com",
      path: "/x",
      expires: new Date(0),
      maxAge: 60,
      secure: true,
      httpOnly: true,
      sameSite: "Strict",
      partitioned: true,
    });
  }
}

bothWays("cookies are set once each, the last of a name, on / unless told otherwise", [
  ["/", SetHandler],
], async (fetch) => {
  assertEquals((await fetch("/")).headers.getSetCookie(), [
    "plain=value; Path=/",
    'quoted="a\\073b \\"c\\""; Path=/',
    "twice=second; Max-Age=0; Path=/",
    "all=1; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=60; " +
    "Partitioned; Path=/x; SameSite=Strict; Secure",
  ]);
});

bothWays("cookies are cleared on their path and domain", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.clearCookie("a");
        this.clearCookie("b", { path: "/x", domain: "example.com" });
      }
      override delete() {
        this.clearAllCookies({ path: "/y" });
      }
    },
  ],
], async (fetch) => {
  const cleared = "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0";
  assertEquals((await fetch("/")).headers.getSetCookie(), [
    `a=; ${cleared}; Path=/`,
    `b=; Domain=example.com; ${cleared}; Path=/x`,
  ]);
  const all = await fetch("/", { method: "DELETE", headers: { cookie: "c=1; d=2" } });
  assertEquals(all.headers.getSetCookie(), [`c=; ${cleared}; Path=/y`, `d=; ${cleared}; Path=/y`]);
});

bothWays("clearAllCookies is not stopped by names that no cookie may have", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.clearAllCookies({ domain: "example.com", path: "/x" });
      }
    },
  ],
], async (fetch) => {
  const cookie = "good=1; b d=2; {}=3; nameless; __Host-a=1; __secure-b=2";
  const response = await fetch("/", { headers: { cookie } });
  assertEquals(response.status, 200);
  const cleared = response.headers.getSetCookie();
  assertEquals(cleared.map((cookie) => cookie.split(";")[0]), [
    "good=",
    "__Host-a=",
    "__secure-b=",
  ]);
  assertEquals(cleared.map((cookie) => cookie.includes("; Secure")), [false, true, true]);
});

bothWays("cookies survive clear() and an error", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.setCookie("session", "");
        this.clear();
        this.sendError(403);
      }
    },
  ],
], async (fetch) => {
  assertEquals((await fetch("/")).headers.getSetCookie(), ["session=; Path=/"]);
});
bothWays("cookies of one name are told apart by domain and path", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.clearCookie("user");
        this.clearCookie("user", { path: "/admin" });
        this.clearCookie("user", { domain: "example.com" });
        this.clearCookie("user", { domain: ".Example.com" });
        this.setCookie("user", "x", { path: "/admin" });
      }
    },
  ],
], async (fetch) => {
  const gone = "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/";
  assertEquals((await fetch("/")).headers.getSetCookie(), [
    `user=; ${gone}`,
    "user=x; Path=/admin",
    `user=; Domain=.Example.com; ${gone}`,
  ]);
});

bothWays("cookie of a protected name is cleared as browsers demand it", [
  [
    "/",
    class extends RequestHandler {
      override get() {
        this.clearCookie("__Host-user");
        this.clearCookie("__secure-user", { domain: "example.com" });
      }
    },
  ],
], async (fetch) => {
  for (const cookie of (await fetch("/")).headers.getSetCookie()) assertMatch(cookie, /Secure$/);
});

const REFUSED: [name: string, value: string, attributes: CookieAttributes, message: RegExp][] = [
  ["a b", "1", {}, /Cannot set cookie "a b": the name is not a token/],
  ["", "1", {}, /the name is not a token/],
  ["a;b", "1", {}, /the name is not a token/],
  ["a", "x\ny", {}, /its value contains a control character/],
  ["a", "x\u0100y", {}, /not Latin-1; encode the value/],
  ["a", "1", { path: "/;x" }, /path/],
  ["a", "1", { domain: "x\r\ny" }, /domain/],
  ["a", "1", { maxAge: 1.5 }, /maxAge is 1.5/],
  ["a", "1", { sameSite: "Odd" as "Lax" }, /sameSite/],
  ["a", "1", { sameSite: "None" }, /needs secure/],
  ["a", "1", { maxAge: NaN }, /maxAge is NaN/],
  ["a", "1", { expiresDays: NaN }, /Cannot format NaN as an HTTP date/],
  ["a", "1", { expiresDays: null } as never, /"expiresDays": expected a number/],
  ["a", "1", { expires: "tomorrow" } as never, /"expires": expected a Date or a number/],
  ["a", "1", { max_age: 5 } as never, /attribute of the cookie "a" "max_age": .* "maxAge"/],
  ["a", "1", { httponly: true } as never, /"httponly": did you mean "httpOnly"/],
  ["a", "1", { secure: "no" } as never, /"secure": expected a boolean/],
  ["a", "1", { path: 5 } as never, /"path": expected a string/],
  ["a", "1", { expires: new Date(NaN) }, /Cannot format NaN as an HTTP date/],
];

for (const [name, value, attributes, message] of REFUSED) {
  const text = `${JSON.stringify([name, value])} with ${Deno.inspect(attributes, { depth: 1 })}`;
  bothWays(`cookie ${text.replace(/\s+/g, " ")} is refused`, [
    [
      "/",
      class extends RequestHandler {
        override get() {
          this.setCookie(name, value, attributes);
        }
      },
    ],
  ], async (fetch) => {
    using records = captureLogs();
    const response = await fetch("/");
    assertEquals([response.status, response.headers.getSetCookie()], [500, []]);
    await expectLog(records, "error", message);
  });
}
