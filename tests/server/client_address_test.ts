import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  forwardedClient,
  forwardedProtocol,
  TrustedProxies,
} from "../../src/server/client_address.ts";
import { isValidIp } from "../../src/http/target/ip_address.ts";
import { assertLinear } from "../support/linear.ts";

const NONE = new TrustedProxies([]);

function client(forwardedFor: string | null, realIp: string | null = null): string | null {
  return forwardedClient({ forwardedFor, realIp }, NONE);
}

Deno.test("trusted proxies are addresses and ranges", () => {
  const proxies = new TrustedProxies([
    "127.0.0.1",
    "10.0.0.0/8",
    "192.168.4.0/22",
    "2001:db8::/33",
  ]);
  const trusted = [
    "127.0.0.1",
    "10.0.0.0",
    "10.255.255.255",
    "192.168.4.0",
    "192.168.7.255",
    "2001:db8::",
    "2001:db8:7fff:ffff::1",
  ];
  const others = [
    "127.0.0.2",
    "11.0.0.0",
    "9.255.255.255",
    "192.168.3.255",
    "192.168.8.0",
    "2001:db8:8000::",
    "2001:db7:ffff::",
    "",
    "10.0.0.1 ",
    "localhost",
  ];
  for (const address of trusted) assert(proxies.has(address), address);
  for (const address of others) assertFalse(proxies.has(address), address);
});

Deno.test("trusted proxies are the same in IPv4 and in IPv4-mapped IPv6", () => {
  for (const entry of ["10.0.0.0/8", "::ffff:10.0.0.0/104", "::ffff:a00:0/104", "10.1.2.3/8"]) {
    const proxies = new TrustedProxies([entry]);
    assert(proxies.has("10.1.2.3"), entry);
    assert(proxies.has("::ffff:10.1.2.3"), entry);
    assert(proxies.has("::FFFF:0a01:0203"), entry);
    assertFalse(proxies.has("::10.1.2.3"), entry);
    assertFalse(proxies.has("11.1.2.3"), entry);
  }
});

Deno.test("trusted proxy is any address that the list names, in any case of letters", () => {
  fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
    assert(new TrustedProxies([address]).has(address));
    assert(new TrustedProxies([address.toUpperCase()]).has(address));
  }));
});

Deno.test("trusted range of all of one family does not take in the other", () => {
  const all6 = new TrustedProxies(["::/0"]);
  assert(all6.has("2001:db8::1"));
  assertFalse(all6.has("10.0.0.1"));
  const all4 = new TrustedProxies(["0.0.0.0/0"]);
  assert(all4.has("255.255.255.255"));
  assertFalse(all4.has("2001:db8::1"));
});

Deno.test("trusted range holds exactly the addresses that share its prefix", () => {
  const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
  const toNumber = (parts: number[]) => parts.reduce((sum, part) => sum * 256 + part, 0);
  fc.assert(fc.property(octets, octets, fc.nat(32), (network, address, bits) => {
    const size = 2 ** (32 - bits);
    const expected = Math.floor(toNumber(network) / size) === Math.floor(toNumber(address) / size);
    const proxies = new TrustedProxies([`${network.join(".")}/${bits}`]);
    assertEquals(proxies.has(address.join(".")), expected);
  }));
});

Deno.test("trusted proxy that is neither an address nor a range is refused by name", () => {
  const invalid = [
    "",
    "localhost",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/+8",
    "10.0.0.0/0x8",
    "10.0.0/8",
    "::/129",
    "::1%lo",
    "*",
  ];
  for (const entry of invalid) {
    assertThrows(() => new TrustedProxies(["::1", entry]), TypeError, `the proxy "${entry}"`);
  }
});

Deno.test("client is the last address that was forwarded", () => {
  assertEquals(client("4.4.4.4"), "4.4.4.4");
  assertEquals(client("127.0.0.1, 4.4.4.4"), "4.4.4.4");
  assertEquals(client("::1, 2620:0:1cfe:face:b00c::3"), "2620:0:1cfe:face:b00c::3");
  assertEquals(client("127.0.0.1 ,\t4.4.4.4\t"), "4.4.4.4");
});

Deno.test("client is what X-Real-Ip says, where there is one", () => {
  assertEquals(client(null, "4.4.4.4"), "4.4.4.4");
  assertEquals(client("5.5.5.5", "4.4.4.4"), "4.4.4.4");
  assertEquals(client(null, "2620:0:1cfe:face:b00c::3"), "2620:0:1cfe:face:b00c::3");
});

Deno.test("client is unknown when the entry that counts is not an address", () => {
  assertEquals(client(null), null);
  assertEquals(client(""), null);
  assertEquals(client(","), null);
  assertEquals(client("4.4.4.4,"), null);
  assertEquals(client(null, "4.4.4.4<script>"), null);
  assertEquals(client("4.4.4.4, 5.5.5.5<script>"), null);
  assertEquals(client(null, "www.google.com"), null);
  assertEquals(client("4.4.4.4", ""), null);
  assertEquals(client("4.4.4.4:123456"), null);
});

Deno.test("client is the last that is not a trusted proxy", () => {
  const trusted = new TrustedProxies(["5.5.5.5"]);
  const resolve = (forwardedFor: string) =>
    forwardedClient({ forwardedFor, realIp: null }, trusted);
  assertEquals(resolve("127.0.0.1, 4.4.4.4, 5.5.5.5"), "4.4.4.4");
  assertEquals(resolve("4.4.4.4, 5.5.5.5, 5.5.5.5"), "4.4.4.4");
  assertEquals(resolve("4.4.4.4, garbage, 5.5.5.5"), null);
  assertEquals(resolve("5.5.5.5, 4.4.4.4"), "4.4.4.4");
  assertEquals(resolve("5.5.5.5, 5.5.5.5"), "5.5.5.5");
});

Deno.test("client is looked for in the last 100 entries", () => {
  const trusted = new TrustedProxies(["10.0.0.0/8"]);
  const chain = (hops: number) => "4.4.4.4" + ", 10.0.0.1".repeat(hops);
  const resolve = (forwardedFor: string) =>
    forwardedClient({ forwardedFor, realIp: null }, trusted);
  assertEquals(resolve(chain(99)), "4.4.4.4");
  assertEquals(resolve(chain(100)), null);
});

Deno.test("protocol is the last of X-Scheme, or else of X-Forwarded-Proto", () => {
  assertEquals(forwardedProtocol(null, "https"), "https");
  assertEquals(forwardedProtocol("https", null), "https");
  assertEquals(forwardedProtocol("http", "https"), "http");
  assertEquals(forwardedProtocol(null, "https , http"), "http");
  assertEquals(forwardedProtocol(null, "http,https"), "https");
});

Deno.test("protocol is unknown when it is neither http nor https", () => {
  for (const value of [null, "", "unknown", "https,", "ftp", "https\0", "wss", "http s"]) {
    assertEquals(forwardedProtocol(null, value), null);
    assertEquals(forwardedProtocol(value, null), null);
  }
});

Deno.test("forwarded headers of any text give a valid address or none", () => {
  const text = fc.string({ unit: fc.constantFrom(..."1.:,f /\0é") });
  fc.assert(fc.property(text, fc.option(text), (forwardedFor, realIp) => {
    const address = forwardedClient({ forwardedFor, realIp }, new TrustedProxies(["::/0"]));
    assert(address === null || isValidIp(address));
  }));
});

Deno.test("forwarded headers take linear time", () => {
  const trusted = new TrustedProxies(["1.1.1.1"]);
  for (const part of [",", " ", "1.1.1.1,", ":", "1:", "."]) {
    assertLinear((n) => {
      const forwardedFor = part.repeat(n);
      forwardedClient({ forwardedFor, realIp: null }, trusted);
      forwardedProtocol(forwardedFor, null);
    }, { n: 50_000 });
  }
});
