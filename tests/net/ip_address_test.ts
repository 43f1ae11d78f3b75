import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { isValidIp } from "@gustnado/gustnado";

Deno.test("isValidIp accepts IPv4 and IPv6 addresses", () => {
  const addresses = [
    "127.0.0.1",
    "4.4.4.4",
    "255.255.255.255",
    "0.0.0.0",
    "::",
    "::1",
    "1::",
    "2620:0:1cfe:face:b00c::3",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "::ffff:127.0.0.1",
    "1:2:3:4:5:6:1.2.3.4",
    "FE80::A",
  ];
  for (const address of addresses) assertEquals(isValidIp(address), true, address);
});

Deno.test("isValidIp refuses names, ports, zones, brackets, short forms and noise", () => {
  const others = [
    "",
    " ",
    "\n",
    "\0",
    "www.google.com",
    "localhost",
    "4.4.4.4<",
    "127.0.0.1\n",
    " 127.0.0.1",
    "127.0.0.1:80",
    "127.1",
    "1.2.3.4.5",
    "1.2.3",
    "1.2.3.256",
    "01.2.3.4",
    "0x7f.0.0.1",
    "1..2.3",
    "[::1]",
    "::1%eth0",
    ":::",
    ":1",
    "1:",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4::5:6:7:8",
    "12345::",
    "::g",
    "::1.2.3",
    "1.2.3.4::",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1".repeat(1_000_000),
    ":".repeat(1_000_000),
  ];
  for (const text of others) assertEquals(isValidIp(text), false, text.slice(0, 40));
});

Deno.test("isValidIp accepts every address that a generator makes", () => {
  fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => isValidIp(address)));
});

Deno.test("isValidIp agrees with the URL parser on IPv6", () => {
  const text = fc.string({
    unit: fc.constantFrom("0", "1", "f", ":", "::", ".", "25"),
    maxLength: 20,
  });
  fc.assert(
    fc.property(text, (text) => {
      const address = `${text}:`;
      // The URL parser has no short forms for IPv6 beyond ours.
      assertEquals(isValidIp(address), URL.canParse(`http://[${address}]`), address);
    }),
    { numRuns: 2_000 },
  );
});
