import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { forwardedElement, TrustedProxies } from "../../../src/server/client_address.ts";
import { addressOfNode, lastForwarded } from "../../../src/http/fields/forwarded.ts";
import { assertLinear } from "../../support/linear.ts";
import { isValidIp } from "../../../src/http/target/ip_address.ts";

function last(field: string): [node: string | null, proto: string | null] {
  const element = lastForwarded(field, field.length);
  return [element.for, element.proto];
}

const FIELDS: [field: string, node: string | null, proto: string | null][] = [
  ['for="_gazonk"', "_gazonk", null],
  ['For="[2001:db8:cafe::17]:4711"', "[2001:db8:cafe::17]:4711", null],
  ["for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60", "http"],
  ["for=192.0.2.43, for=198.51.100.17", "198.51.100.17", null],
  ["for=192.0.2.43,for=198.51.100.17;PROTO=https", "198.51.100.17", "https"],
  [' for=1.1.1.1 ; proto="https" ', "1.1.1.1", "https"],
  ['for="a\\"b\\\\"', 'a"b\\', null],
  ['host="a,b;c";for=1.1.1.1', "1.1.1.1", null],
  ['for=2.2.2.2, for=1.1.1.1;ext="x, for=3.3.3.3"', "1.1.1.1", null],
  ["by=1.1.1.1", null, null],
  ["for=1.1.1.1;;proto=https;", "1.1.1.1", "https"],
  ["", null, null],
  ["for=2.2.2.2,", null, null],
];

Deno.test("last element of Forwarded is read as RFC 7239 says", () => {
  for (const [field, node, proto] of FIELDS) assertEquals(last(field), [node, proto], field);
});

Deno.test("malformed element says nothing", () => {
  const malformed = [
    "for",
    "for=",
    "=1.1.1.1",
    "for = 1.1.1.1",
    "for=1.1.1.1;for=2.2.2.2",
    "for=[::1]",
    "for=1.1.1.1:80",
    'for="1.1.1.1',
    'for=1.1.1.1"',
    'for="1.1.1.1"x',
    "for=1.1.1.1 2.2.2.2",
    "for=1.1.1.1;proto=https;proto=https",
  ];
  for (const field of malformed) {
    assertEquals(last(field), [null, null], field);
    assertEquals(last(`for=2.2.2.2, ${field}`), [null, null], field);
  }
});

Deno.test("nothing that a client sends changes what the last proxy has added", () => {
  const text = fc.string({ unit: fc.constantFrom(...'\\";,= fo1.') });
  fc.assert(fc.property(text, (sent) => {
    assertEquals(last(`${sent}, for=1.1.1.1;proto=https`), ["1.1.1.1", "https"]);
    assertEquals(last(`${sent},for="[::1]:80"`), ["[::1]:80", null]);
  }));
});

Deno.test("element that counts is the last whose client is not a trusted proxy", () => {
  const trusted = new TrustedProxies(["10.0.0.0/8", "2001:db8::1"]);
  const find = (field: string | null) => forwardedElement(field, trusted)?.for;
  assertEquals(find("for=6.6.6.6, for=4.4.4.4, for=10.0.0.1"), "4.4.4.4");
  assertEquals(find('for=4.4.4.4, for="[2001:db8::1]:99", for="10.0.0.1:1"'), "4.4.4.4");
  assertEquals(find("for=10.0.0.2, for=10.0.0.1"), "10.0.0.2");
  assertEquals(find("for=4.4.4.4, for=_hidden, for=10.0.0.1"), "_hidden");
  assertEquals(find("for=4.4.4.4, for, for=10.0.0.1"), null);
  assertEquals(find(null), undefined);
  const chain = (hops: number) => `for=4.4.4.4${", for=10.0.0.1".repeat(hops)}`;
  assertEquals(find(chain(99)), "4.4.4.4");
  assertEquals(find(chain(100)), undefined);
});

Deno.test("Forwarded of any text is read, in linear time", () => {
  const trusted = new TrustedProxies(["1.1.1.1"]);
  const text = fc.string({ unit: fc.constantFrom(...'\\";,=for1.:[]é ') });
  fc.assert(fc.property(text, (field) => {
    const { start } = lastForwarded(field, field.length);
    assert(start === 0 || field[start - 1] === ",");
    forwardedElement(field, trusted);
  }));
  for (const part of [",", ";", '"', "\\", '\\"', "for=1.1.1.1,", 'a="b";', "x", 'x=";', " "]) {
    assertLinear((n) => void forwardedElement(part.repeat(n), trusted), { n: 20_000 });
    assertLinear((n) => void forwardedElement(`for="${part.repeat(n)}"`, trusted), { n: 20_000 });
  }
});

const NODES: [node: string, address: string][] = [
  ["4.4.4.4", "4.4.4.4"],
  ["4.4.4.4:4711", "4.4.4.4"],
  ["4.4.4.4:_secret.port-1", "4.4.4.4"],
  ["[::1]:4711", "::1"],
  ["[::1]:_x", "::1"],
  ["[::1]", "::1"],
  ["2001:db8::1", "2001:db8::1"],
  ["unknown", "unknown"],
  ["12345", "12345"],
  ["unknown:80", "unknown"],
];

Deno.test("port of a node is taken off, and so are brackets", () => {
  for (const [node, address] of NODES) assertEquals(addressOfNode(node), address);
});

Deno.test("node of no known form has no valid address", () => {
  const malformed = [
    "",
    ":",
    "4.4.4.4:",
    "4.4.4.4:123456",
    "4.4.4.4:_",
    "4.4.4.4:8x",
    "4.4.4.4 :80",
    "[4.4.4.4]:80",
    "[4.4.4.4]",
    "[::1",
    "[::1]x",
    "[::1]:",
    "[::1]:x",
    "[]:80",
    "[:]:80",
    "[::1]80",
    "::1]",
  ];
  for (const node of malformed) assertEquals(isValidIp(addressOfNode(node)), false, node);
});

Deno.test("address survives with every port and without", () => {
  const port = fc.nat(65_535);
  fc.assert(fc.property(fc.ipV4(), fc.ipV6(), port, (ipv4, ipv6, port) => {
    for (const node of [ipv4, `${ipv4}:${port}`]) assertEquals(addressOfNode(node), ipv4);
    for (const node of [ipv6, `[${ipv6}]`, `[${ipv6}]:${port}`]) {
      assertEquals(addressOfNode(node), ipv6);
    }
  }));
});

Deno.test("node of any text gives a part of it, in linear time", () => {
  fc.assert(fc.property(fc.string(), (text) => assert(text.includes(addressOfNode(text)))));
  for (const part of [":", "[", "]", "1", "_", "[:"]) {
    assertLinear((n) => void addressOfNode(`[::1]:_${part.repeat(n)}`), { n: 50_000 });
    assertLinear((n) => void addressOfNode(`1:_${part.repeat(n)}`), { n: 50_000 });
    assertLinear((n) => void addressOfNode(part.repeat(n)), { n: 50_000 });
  }
});
