import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type CookieAttributes,
  parseCookies,
  serializeCookie,
} from "../../../src/http/fields/cookie.ts";
import { checkFieldValue } from "../../../src/http/fields/field.ts";
import { assertLinear } from "../../support/linear.ts";
import { serviceTest } from "../../support/services.ts";
import { runPython } from "../../support/tornado.ts";

/** Every character that a cookie's value may hold. */
const VALUE_CHARACTERS = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))
  .filter((character) => /[ -~\x80-\xff]/.test(character));

function parse(header: string): Record<string, string> {
  return { ...parseCookies(header) };
}

Deno.test("cookie parser reads names and values", () => {
  assertEquals(parse("chips=ahoy; vienna=finger"), { chips: "ahoy", vienna: "finger" });
  assertEquals(parse("keebler=E=mc2"), { keebler: "E=mc2" });
  assertEquals(parse("key:term=value:term"), { "key:term": "value:term" });
  assertEquals(parse("a=b; c=[; d=r; f=h"), { a: "b", c: "[", d: "r", f: "h" });
  assertEquals(parse("a=b; Domain=example.com"), { a: "b", Domain: "example.com" });
  assertEquals(parse(""), {});
});

Deno.test("cookie parser keeps the last value of a repeated name", () => {
  assertEquals(parse("a=b; h=i; a=c"), { a: "c", h: "i" });
});

Deno.test("cookie parser splits at every semicolon, within quotes too", () => {
  assertEquals(parse('keebler="E=mc2; L=\\"Loves\\"; fudge=\\012;"'), {
    keebler: '"E=mc2',
    L: '\\"Loves\\"',
    fudge: "\\012",
    "": '"',
  });
});

Deno.test("cookie parser reads what the grammar forbids and browsers send", () => {
  assertEquals(parse("abc=def; unnamed; django_language=en"), {
    abc: "def",
    "": "unnamed",
    django_language: "en",
  });
  assertEquals(parse('a=b; "; c=d'), { a: "b", "": '"', c: "d" });
  assertEquals(parse("a b c=d e = f; gh=i"), { "a b c": "d e = f", gh: "i" });
  assertEquals(parse('a   b,c<>@:/[]?{}=d  "  =e,f g'), {
    "a   b,c<>@:/[]?{}": 'd  "  =e,f g',
  });
  assertEquals(parse("saint=Andr\u00e9 Bessette"), { saint: "Andr\u00e9 Bessette" });
  assertEquals(parse("  =  b  ;  ;  =  ;   c  =  ;  "), { "": "b", c: "" });
});

Deno.test("cookie parser unquotes values in double quotes, and no others", () => {
  const vectors: [string, string][] = [
    [String.raw`a="b=\""`, 'b="'],
    [String.raw`a="b=\\"`, "b=\\"],
    [String.raw`a="b=\="`, "b=="],
    [String.raw`a="b=\n"`, "b=n"],
    [String.raw`a="b=\042"`, 'b="'],
    [String.raw`a="b=\134"`, "b=\\"],
    [String.raw`a="b=\377"`, "b=\xff"],
    [String.raw`a="b=\400"`, "b=400"],
    [String.raw`a="b=\42"`, "b=42"],
    [String.raw`a="b=\\042"`, "b=\\042"],
    [String.raw`a="b=\\134"`, "b=\\134"],
    [String.raw`a="b=\\\""`, 'b=\\"'],
    [String.raw`a="b=\\\042"`, 'b=\\"'],
    [String.raw`a="b=\134\""`, 'b=\\"'],
    [String.raw`a="b=\134\042"`, 'b=\\"'],
    [String.raw`a=b\073`, "b\\073"],
    [String.raw`a="b\073`, '"b\\073'],
    [`a="`, `"`],
    [`a=""`, ""],
  ];
  for (const [header, value] of vectors) assertEquals(parse(header), { a: value }, header);
});

Deno.test("cookie named like a member of every object is a cookie", () => {
  const cookies = parseCookies("__proto__=1; constructor=2; toString=3");
  assertEquals(Object.getPrototypeOf(cookies), null);
  assertEquals(Object.entries(cookies), [["__proto__", "1"], ["constructor", "2"], [
    "toString",
    "3",
  ]]);
  assertFalse("hasOwnProperty" in parseCookies("a=b"));
});

Deno.test("cookie parser reads any header without an error", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'a=;" \\073\t\0é') }), (header) => {
    const cookies = parseCookies(header);
    assertEquals(Object.getPrototypeOf(cookies), null);
    for (const value of Object.values(cookies)) assertEquals(typeof value, "string");
  }));
});

Deno.test("cookie parser takes linear time, also to unquote (CVE-2024-7592)", () => {
  for (const part of ["\\\\", "\\134", '\\"', "\\", '"']) {
    assertLinear((n) => parseCookies(`a="b=${part.repeat(n)}"`), { n: 20_000 });
  }
  for (const part of [";", "=", "a;", "a=b;", " ", '";']) {
    assertLinear((n) => parseCookies(part.repeat(n)), { n: 20_000 });
  }
});

Deno.test("cookie is written with its attributes in alphabetical order", () => {
  const attributes: CookieAttributes = {
    domain: "foo.com",
    path: "/foo",
    expires: 1359312200503,
    maxAge: 60,
    secure: true,
    httpOnly: true,
    sameSite: "None",
    partitioned: true,
  };
  assertEquals(
    serializeCookie("a", "b", attributes),
    "a=b; Domain=foo.com; Expires=Sun, 27 Jan 2013 18:43:20 GMT; HttpOnly; Max-Age=60; " +
      "Partitioned; Path=/foo; SameSite=None; Secure",
  );
  assertEquals(serializeCookie("a", ""), "a=");
});

Deno.test("cookie attributes that are false or empty are left out", () => {
  const attributes = { domain: "", path: "", secure: false, httpOnly: false, partitioned: false };
  assertEquals(serializeCookie("a", "b", attributes), "a=b");
  assertEquals(serializeCookie("a", "b", { domain: undefined, maxAge: undefined }), "a=b");
});

Deno.test("cookie ends at maxAge 0, at the epoch, in the past", () => {
  assertEquals(serializeCookie("a", "", { maxAge: 0 }), "a=; Max-Age=0");
  assertEquals(serializeCookie("a", "", { maxAge: -1 }), "a=; Max-Age=-1");
  const epoch = "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
  assertEquals(serializeCookie("a", "", { expires: 0 }), epoch);
  assertEquals(serializeCookie("a", "", { expires: new Date(0), expiresDays: 3 }), epoch);
});

Deno.test("cookie ends in so many days from now", () => {
  for (const days of [30, 0.5, 0, -365]) {
    const before = Date.now();
    const cookie = serializeCookie("a", "b", { expiresDays: days });
    const after = Date.now();
    const expires = Date.parse(cookie.slice("a=b; Expires=".length)) - days * 86_400_000;
    assert(before - 1000 < expires && expires <= after, cookie);
  }
});

Deno.test("cookie value with special characters is quoted with octal escapes", () => {
  assertEquals(serializeCookie("a", "!#$%&'*+-.^_`|~:09azAZ"), "a=!#$%&'*+-.^_`|~:09azAZ");
  assertEquals(serializeCookie("a", "a=b"), 'a="a=b"');
  assertEquals(serializeCookie("a", 'a"b'), 'a="a\\"b"');
  assertEquals(serializeCookie("a", "a;b"), 'a="a\\073b"');
  assertEquals(serializeCookie("a", "a,b\\c d"), 'a="a\\054b\\\\c d"');
  assertEquals(serializeCookie("a", "caf\u00e9"), 'a="caf\\351"');
  assertEquals(serializeCookie("a", '"'), 'a="\\""');
});

Deno.test("cookie value that was written reads back, and passes the header gate", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...VALUE_CHARACTERS) }), (value) => {
    const cookie = serializeCookie("a", value);
    checkFieldValue("set-cookie", cookie);
    assertEquals(parse(`x=1; ${cookie}; y=2`), { x: "1", a: value, y: "2" });
  }));
});

Deno.test("cookie value that cannot be sent is refused and never repeated", () => {
  for (let code = 0; code <= 0x200; code++) {
    const character = String.fromCharCode(code);
    if (VALUE_CHARACTERS.includes(character)) continue;
    const error = assertThrows(() => serializeCookie("a", `secret${character}`), TypeError);
    assert(error.message.startsWith('Cannot set cookie "a": '), error.message);
    assertFalse(error.message.includes("secret"), error.message);
  }
});

Deno.test("cookie name is a token", () => {
  for (const name of ["", "a b", "a=b", "a;b", "a\r\n", "a:b", '"a"', "\u00e9"]) {
    assertThrows(() => serializeCookie(name, "secret"), TypeError, "the name is not a token");
  }
});

Deno.test("cookie domain and path cannot carry another attribute or a line end", () => {
  for (let code = 0; code <= 0x200; code++) {
    const value = `a${String.fromCharCode(code)}`;
    const isSafe = code > 0x20 && code < 0x7f && code !== 0x3b;
    for (const attribute of ["domain", "path"]) {
      const set = () => serializeCookie("a", "b", { [attribute]: value });
      if (isSafe) set();
      else assertThrows(set, TypeError, `Cannot set cookie "a": ${attribute} `);
    }
  }
});

Deno.test("cookie sameSite is one of three words", () => {
  for (const sameSite of ["Strict", "Lax"] as const) {
    assertEquals(serializeCookie("a", "b", { sameSite }), `a=b; SameSite=${sameSite}`);
  }
  for (const sameSite of ["", "lax", "Lax; Domain=x", null]) {
    const attributes = JSON.parse(JSON.stringify({ sameSite }));
    assertThrows(() => serializeCookie("a", "b", attributes), TypeError, "sameSite is ");
  }
});

Deno.test("cookie that browsers would drop for want of secure is refused", () => {
  const insecure: [string, CookieAttributes][] = [
    ["a", { sameSite: "None" }],
    ["a", { partitioned: true }],
    ["__Secure-a", {}],
    ["__secure-a", {}],
    ["__Host-a", { path: "/" }],
  ];
  for (const [name, attributes] of insecure) {
    assertThrows(() => serializeCookie(name, "b", attributes), TypeError, "needs secure");
    serializeCookie(name, "b", { ...attributes, secure: true });
  }
});

Deno.test("cookie with the prefix __Host- has the path / and no domain", () => {
  for (const name of ["__Host-a", "__HOST-a"]) {
    for (const attributes of [{}, { path: "/a" }, { path: "/", domain: "a.example" }]) {
      assertThrows(
        () => serializeCookie(name, "b", { secure: true, ...attributes }),
        TypeError,
        "the prefix __Host- needs",
      );
    }
    assertEquals(
      serializeCookie(name, "b", { secure: true, path: "/" }),
      `${name}=b; Path=/; Secure`,
    );
  }
});

Deno.test("cookie times out of range are refused", () => {
  for (const maxAge of [1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => serializeCookie("a", "b", { maxAge }), RangeError, "maxAge");
  }
  for (const expires of [NaN, Infinity, new Date(NaN)]) {
    assertThrows(() => serializeCookie("a", "b", { expires }), RangeError, "HTTP date");
  }
  for (const expiresDays of [NaN, 1e9]) {
    assertThrows(() => serializeCookie("a", "b", { expiresDays }), RangeError, "HTTP date");
  }
});

Deno.test("cookie writer takes linear time", () => {
  for (const part of ["a", ";", '"', "\u00e9"]) {
    assertLinear((n) => serializeCookie("a", part.repeat(n)), { n: 20_000 });
  }
});

serviceTest(
  "python3-tornado",
  "cookies are written as Python writes them, and Tornado reads them",
  async () => {
    const values = [...VALUE_CHARACTERS, VALUE_CHARACTERS.join(""), ...sampleValues()];
    const cookies = values.map((value) => serializeCookie("a", value));
    const script = `
from http.cookies import SimpleCookie
from tornado.httputil import parse_cookie
def write(value):
    cookie = SimpleCookie()
    cookie["a"] = value
    return cookie["a"].OutputString()
output = {
    "written": [write(value) for value in input["values"]],
    "read": [parse_cookie(cookie)["a"] for cookie in input["cookies"]],
    "readByPython": [SimpleCookie(cookie)["a"].value for cookie in input["cookies"]],
}`;
    assertEquals(await runPython(script, { values, cookies }), {
      written: cookies,
      read: values,
      readByPython: values,
    });
  },
);

serviceTest(
  "python3-tornado",
  "cookie headers of any kind are read as Tornado reads them",
  async () => {
    const part = fc.constantFrom("a", "b", "=", ";", '"', "\\", "\\073", "\\4", " ", "\t", "é");
    const headers = fc.sample(fc.array(part).map((parts) => parts.join("")), 500);
    const script = `
from tornado.httputil import parse_cookie
output = [list(parse_cookie(header).items()) for header in input]`;
    assertEquals(
      await runPython(script, headers),
      headers.map((header) => Object.entries(parseCookies(header))),
    );
  },
);

function sampleValues(): string[] {
  return fc.sample(fc.string({ unit: fc.constantFrom(...VALUE_CHARACTERS) }), 200)
    .filter((value) => value !== "");
}
