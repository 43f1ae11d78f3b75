import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { isSameOrigin, isValidHost, splitHostAndPort } from "../../../src/http/target/host.ts";
import { assertLinear } from "../../support/linear.ts";

Deno.test("host is a name or an address, and a port", () => {
  const valid = [
    "a",
    "example.com",
    "EXAMPLE.com.",
    "example.com:80",
    "example.com:",
    "example.com:65535",
    "127.0.0.1:8888",
    "[::1]",
    "[::1]:8888",
    "[2001:db8::1.2.3.4]",
    "xn--bcher-kva.example",
    "under_score",
    "a%20b",
    "!$&'()*+;=~-._",
    "a".repeat(255) + ":65535",
  ];
  for (const host of valid) assert(isValidHost(host), host);
});

Deno.test("host is refused when it is empty, several, a path, a user or out of range", () => {
  const invalid = [
    "",
    ":80",
    "a,b",
    "example.com, example.com",
    "a b",
    "a\tb",
    " a",
    "a ",
    "a/b",
    "a/../b",
    "a\\b",
    "a?b",
    "a#b",
    "user@a",
    "user:pass@a",
    "http://a",
    "a:b",
    "a:80:90",
    "a:65536",
    "a:999999",
    "a:+80",
    "a:8 0",
    "a%2",
    "a%zz",
    "a%",
    "<script>",
    'a"b',
    "é",
    "a\0b",
    "a\r\nb",
    "a\n",
    "::1",
    "[::1",
    "::1]",
    "[::1]x",
    "[::1]:x",
    "[::1]:65536",
    "[]",
    "[1.2.3.4]",
    "[::1%eth0]",
    "[fe80::1%25eth0]",
    "[v1.a]",
    "[:::]",
    "a".repeat(262),
  ];
  for (const host of invalid) assertFalse(isValidHost(host), host);
});

Deno.test("host is split from its port, in lower case and with its brackets", () => {
  assertEquals(splitHostAndPort("Example.COM:80"), { name: "example.com", port: 80 });
  assertEquals(splitHostAndPort("example.com"), { name: "example.com", port: null });
  assertEquals(splitHostAndPort("example.com:"), { name: "example.com", port: null });
  assertEquals(splitHostAndPort("[::1]:8888"), { name: "[::1]", port: 8888 });
  assertEquals(splitHostAndPort("[2001:DB8::1]"), { name: "[2001:db8::1]", port: null });
  assertEquals(splitHostAndPort("a:0"), { name: "a", port: 0 });
});

Deno.test("host that is invalid is split only where a port is certain", () => {
  for (const host of ["", "::1", ":80", "a:b", "a:65536", "a:123456", "a:+1", "[::1]x:80"]) {
    assertEquals(splitHostAndPort(host), { name: host, port: null });
  }
});

Deno.test("host that is valid is put together again from its parts", () => {
  const name = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6().map((address) => `[${address}]`));
  fc.assert(fc.property(name, fc.option(fc.nat(65_535)), (host, port) => {
    const text = port === null ? host : `${host}:${port}`;
    assert(isValidHost(text));
    assertEquals(splitHostAndPort(text), { name: host.toLowerCase(), port });
  }));
});

Deno.test("host that is valid holds nothing but the characters of a host", () => {
  const text = fc.string({ unit: fc.constantFrom(..."a0.:[]%2f,/\\@?# \0é-") });
  fc.assert(fc.property(text, (host) => {
    splitHostAndPort(host);
    if (isValidHost(host)) assert(/^[\w.:[\]%-]+$/.test(host), host);
  }));
});

Deno.test("host parser takes linear time", () => {
  for (const part of ["a", "%20", ":", "[", "a:"]) {
    assertLinear((n) => splitHostAndPort(part.repeat(n) + "!"), { n: 50_000 });
    assertLinear((n) => isValidHost(part.repeat(n) + "!"), { n: 50_000 });
  }
});

const MATRIX: [origin: string, host: string, same: boolean][] = [
  ["http://example.com", "example.com", true],
  ["https://example.com", "example.com", true],
  ["http://example.com", "EXAMPLE.com", true],
  ["http://Example.COM", "example.com", true],
  ["http://example.com:80", "example.com", true],
  ["http://example.com", "example.com:80", true],
  ["https://example.com", "example.com:443", true],
  ["http://example.com:8888", "example.com:8888", true],
  ["http://[::1]:8888", "[::1]:8888", true],
  ["http://bücher.example", "xn--bcher-kva.example", true],
  ["http://example.com:8888", "example.com", false],
  ["http://example.com", "example.com:8888", false],
  ["https://example.com", "example.com:80", false],
  ["http://sub.example.com", "example.com", false],
  ["http://example.com.evil.example", "example.com", false],
  ["http://evil.example/example.com", "example.com", false],
  ["http://user@example.com", "example.com", false],
  ["http://example.com@evil.example", "example.com", false],
  ["example.com", "example.com", false],
  ["example.com:80", "example.com:80", false],
  ["//example.com", "example.com", false],
  ["ftp://example.com", "example.com", false],
  ["chrome-extension://example.com", "example.com", false],
  ["null", "example.com", false],
  ["null", "null", false],
  ["", "example.com", false],
  ["http://example.com, http://evil.example", "example.com", false],
];

for (const [origin, host, same] of MATRIX) {
  Deno.test(`origin "${origin}" is ${same ? "" : "not "}the host "${host}"`, () => {
    assertEquals(isSameOrigin(origin, host), same);
  });
}
