import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { isIpv4, isValidIp, parseIp, parseIpv6 } from "../../../src/http/target/ip_address.ts";
import { assertLinear } from "../../support/linear.ts";

Deno.test("IP address is four octets or eight groups, strictly written", () => {
  const valid = [
    "0.0.0.0",
    "255.255.255.255",
    "4.4.4.4",
    "::",
    "::1",
    "1::",
    "2620:0:1cfe:face:b00c::3",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "::ffff:1.2.3.4",
    "1:2:3:4:5:6:1.2.3.4",
    "ABCD:EF01:2345:6789:abcd:ef01:255.255.255.255",
  ];
  for (const text of valid) assert(isValidIp(text), text);
});

Deno.test("IP address with anything else in it is none", () => {
  const invalid = [
    "",
    " ",
    "www.google.com",
    "4.4.4.4<script>",
    "4.4.4.4 ",
    " 4.4.4.4",
    "4.4.4.4\0",
    "4.4.4.4\n",
    "4.4.4.4:80",
    "4.4.4",
    "4.4.4.4.4",
    "4.4.4.",
    "4.4.4.256",
    "4.4.4.04",
    "4.4.4.0x1",
    "4.4.4.1e0",
    "4.4.4.+1",
    "4.4.4.-1",
    "127.1",
    "1",
    "[::1]",
    "::1%eth0",
    "fe80::1%1",
    "::1\0",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "12345::",
    "g::",
    "::1.2.3",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
    "\u0661.1.1.1",
    "0".repeat(100),
  ];
  for (const text of invalid) assertFalse(isValidIp(text), text);
});

Deno.test("IP address of any kind is valid", () => {
  fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
    assert(isValidIp(address));
  }));
});

Deno.test("IP address is eight groups, IPv4 in its mapped form", () => {
  assertEquals(parseIp("1.2.3.4"), [0, 0, 0, 0, 0, 0xffff, 0x102, 0x304]);
  assertEquals(parseIp("::ffff:1.2.3.4"), parseIp("1.2.3.4"));
  assertEquals(parseIp("::ffff:102:304"), parseIp("1.2.3.4"));
  assertEquals(parseIp("1::a"), [1, 0, 0, 0, 0, 0, 0, 10]);
  assertEquals(parseIp("::"), new Array(8).fill(0));
});

Deno.test("IPv6 parser takes no IPv4 address", () => {
  assertEquals(parseIpv6("1.2.3.4"), null);
  assertEquals(parseIpv6("::1"), parseIp("::1"));
});

Deno.test("IPv4 address is known in both ways of writing it", () => {
  for (const text of ["1.2.3.4", "::ffff:1.2.3.4"]) assert(isIpv4(parseIp(text) ?? []), text);
  for (const text of ["::1.2.3.4", "::fffe:1.2.3.4", "::"]) {
    assertFalse(isIpv4(parseIp(text) ?? []));
  }
});

Deno.test("IP address that the URL parser accepts in brackets is the same there", () => {
  const character = fc.constantFrom("0", "1", "f", ":", "::", ".", "1.2.3.4", "12345");
  fc.assert(
    fc.property(fc.array(character).map((parts) => parts.join("")), (text) => {
      assertEquals(parseIpv6(text) !== null, URL.canParse(`http://[${text}]/`), text);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("IP address is read in linear time", () => {
  for (const part of [":", "1:", ".", "1.", "::", "f"]) {
    assertLinear((n) => isValidIp(part.repeat(n)), { n: 50_000 });
  }
});
