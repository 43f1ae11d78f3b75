import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isValidIp } from "../../../src/http/target/ip_address.ts";
import { addressOfNode } from "../../../src/http/target/node_address.ts";
import { assertLinear } from "../../support/linear.ts";

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
