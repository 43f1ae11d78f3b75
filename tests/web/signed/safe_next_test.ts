import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Application, authenticated, RequestHandler, safeNext } from "@gustnado/gustnado";
import { launchBrowser } from "../../support/browser.ts";
import { assertLinear } from "../../support/linear.ts";
import { rawRequest } from "../../support/raw_socket.ts";
import { serve } from "../../support/serve.ts";
import { serviceTest } from "../../support/services.ts";

const SITE = "https://site.example";

const SAFE = [
  "/",
  "/inbox",
  "/inbox?page=2&sort=%2Fdate#end",
  "/a//b",
  "/a/../b",
  "/search?q=\\&url=//evil.example/&line=%0A",
  "/proxy/https%3A%2F%2Fother.example%2F",
  "/100%",
  "/100%25",
  "/%25",
  "/caf\u00e9/%C3%A9",
  "/@user",
  "/:80",
  "/a b",
  "/.well-known/x",
  "/#//evil.example",
];

for (const next of SAFE) {
  Deno.test(`safeNext keeps ${JSON.stringify(next)}`, () => {
    assertEquals(safeNext(next), next);
  });
}

/** Bypasses of redirect guards, as they were reported. */
const EVIL = [
  "",
  " ",
  " /inbox",
  "inbox",
  "?next=1",
  "#top",
  "//evil.example",
  "///evil.example",
  "////evil.example",
  "//evil.example/..",
  "//evil.example%2f..",
  "//",
  "/\\evil.example",
  "/\\/evil.example",
  "\\/evil.example",
  "\\\\evil.example",
  "/\\\\evil.example",
  "\\/\\/evil.example/",
  "/.\\/evil.example",
  "/./\\/evil.example",
  "/.//evil.example",
  "/..//evil.example",
  "/a/..//evil.example",
  "/%2e//evil.example",
  "/%2e%2e//evil.example",
  "/a/%2e%2e//evil.example",
  "/%2f/evil.example",
  "/%2Fevil.example",
  "/%2f%2fevil.example",
  "/%252f%252fevil.example",
  "/%25252fevil.example",
  "/%25252525252fevil.example",
  "/%5cevil.example",
  "/%5C/evil.example",
  "/%255cevil.example",
  "/..%2fevil.example".replace("..", "a%2f..%2f"),
  "/%2e%2e%2f%2fevil.example",
  "/%c0%afevil.example",
  "/%C0%AF/evil.example",
  "/a%3f/..//evil.example",
  "/%09/evil.example",
  "/%0a/evil.example",
  "/%0d%0aLocation:%20https://evil.example",
  "/inbox%0d%0aSet-Cookie:%20a=b",
  "/%00/evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/\r\n/evil.example",
  "\t//evil.example",
  "/\u0000/evil.example",
  "/\u007f/evil.example",
  "/inbox\r\nSet-Cookie: a=b",
  "/inbox?a\nb",
  "https://evil.example",
  "https:evil.example",
  "https:/evil.example",
  "HTTPS://evil.example/",
  "http://site.example@evil.example/",
  "https://site.example.evil.example/",
  "https://site.example/",
  "https:///evil.example",
  "https:\\\\evil.example",
  "ftp://evil.example/",
  "javascript:alert(1)",
  "JavaScript:alert(1)",
  "java\nscript:alert(1)",
  "javascript://site.example/%0aalert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:msgbox(1)",
  "blob:https://site.example/1",
  "evil.example",
  "@evil.example",
  "\u3000//evil.example",
  "\u2028//evil.example",
  "\uff0f\uff0fevil.example",
  `/${"a".repeat(8_192)}`,
];

for (const next of EVIL) {
  Deno.test(`safeNext refuses ${JSON.stringify(next.slice(0, 60))}`, () => {
    assertEquals(safeNext(next), "/");
  });
}

Deno.test("safeNext refuses what is no text", () => {
  const nothing = [undefined, null, 5, true, ["/inbox"], { toString: () => "/inbox" }, Symbol()];
  for (const next of nothing) assertEquals(safeNext(next, { default: "/home" }), "/home");
});

Deno.test("safeNext takes an absolute URL of its own origin for its path", () => {
  const options = { origin: SITE, default: "/home" };
  const cases: [string, string][] = [
    ["https://site.example", "/"],
    ["https://site.example/inbox?a=b#c", "/inbox?a=b#c"],
    ["HTTPS://SITE.EXAMPLE:443/inbox", "/inbox"],
    ["/inbox", "/inbox"],
    ["http://site.example/inbox", "/home"],
    ["https://site.example:8443/inbox", "/home"],
    ["https://site.example@evil.example/", "/home"],
    ["https://user@site.example/", "/home"],
    ["https://site.example.evil.example/", "/home"],
    ["https://site.example//evil.example", "/home"],
    ["https://site.example/\\evil.example", "/home"],
    ["https://site.example/%2fevil.example", "/home"],
    ["https://site.example\\@evil.example/", "/home"],
    ["https:/site.example/inbox", "/home"],
    ["https:site.example/inbox", "/home"],
    ["https://", "/home"],
    ["//site.example/inbox", "/home"],
    [" https://site.example/inbox", "/home"],
    ["null", "/home"],
  ];
  for (const [next, target] of cases) assertEquals([next, safeNext(next, options)], [next, target]);
  for (const origin of ["", "site.example", "null", "javascript:1"]) {
    assertThrows(() => safeNext("/", { origin }), TypeError, "it is no http or https URL");
  }
});

/** Text made of what URLs are made of. */
const hostile = fc.array(
  fc.oneof(
    fc.constantFrom("/", "\\", ".", "..", "%2f", "%5C", "%2e", "%25", "%", "?", "#", "@", ":"),
    fc.constantFrom(
      "\t",
      "\n",
      "\r",
      " ",
      "\0",
      "https:",
      "//",
      "evil.example",
      "%09",
      "site.example",
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
  ),
  { maxLength: 12 },
).map((parts) => parts.join(""));

Deno.test("safeNext never leads to another origin, whatever comes", () => {
  const anything = fc.oneof(hostile, hostile.map((text) => `/${text}`), fc.string(), fc.webUrl());
  const origin = fc.constantFrom(undefined, SITE);
  fc.assert(
    fc.property(anything, origin, (text, origin) => {
      const target = safeNext(text, { origin });
      assertEquals(new URL(target, SITE).origin, SITE);
      // Nor does what a server makes of it that decodes once, or drops dot segments.
      const { pathname } = new URL(target, SITE);
      assertEquals(new URL(pathname, SITE).origin, SITE);
      const path = /^[^?#]*/.exec(target)?.[0] ?? "";
      assertEquals(new URL(lenientDecode(path), SITE).origin, SITE);
    }),
    { numRuns: 2_000 },
  );
});

function lenientDecode(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

Deno.test("safeNext is linear", () => {
  for (const piece of ["/", "%2f", "%25", "../", "a/../", "\\", "%"]) {
    assertLinear((n) => safeNext(`/x${piece.repeat(n / piece.length)}`), { n: 800 });
    assertLinear((n) => safeNext(`/x${piece.repeat(n)}`), { n: 100_000 });
  }
});

Deno.test("login page that authenticated leads to gets a path on this site", async () => {
  class Secret extends RequestHandler {
    override get: () => void = authenticated(function (this: RequestHandler) {});
  }
  await using server = serve(new Application([[/.*/, Secret]], { loginUrl: "/login" }));
  const cases = [["/a?b=//c", "/a?b=//c"], ["//evil.example/", "/"], ["/\\evil.example", "/"]];
  for (const [path, next = ""] of cases) {
    const response = await rawRequest(server.port, `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
    assertEquals(response.header("location"), `/login?next=${encodeURIComponent(next)}`);
  }
});

class Login extends RequestHandler {
  override get() {
    this.redirect(safeNext(this.getArgument("next", "/", { strip: false })));
  }
}

class Landing extends RequestHandler {
  override get() {
    this.write("here");
  }
}

serviceTest("chromium", "browser that follows a guarded redirect stays on the site", async () => {
  await using server = serve(new Application([["/login", Login], [/.*/, Landing]]));
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  for (const next of [...SAFE, ...EVIL.filter((text) => text.length < 1_000)]) {
    await page.goto(`${server.origin}/login?next=${encodeURIComponent(next)}`);
    assertEquals([next, new URL(page.url()).origin], [next, server.origin]);
    assertEquals([next, await page.textContent("body")], [next, "here"]);
  }
});
