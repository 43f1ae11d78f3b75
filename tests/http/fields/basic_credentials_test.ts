import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  formatBasicCredentials,
  parseBasicCredentials,
} from "../../../src/http/fields/basic_credentials.ts";
import { assertLinear } from "../../support/linear.ts";

const encode = (text: string) => new TextEncoder().encode(text).toBase64();

for (
  const [header, credentials] of [
    ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", ["Aladdin", "open sesame"]],
    ["basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", ["Aladdin", "open sesame"]],
    ["BASIC   QWxhZGRpbjpvcGVuIHNlc2FtZQ== ", ["Aladdin", "open sesame"]],
    // RFC 7617 §2.1: the example of UTF-8.
    ["Basic dGVzdDoxMjPCow==", ["test", "123£"]],
    [`Basic ${encode("a:b:c")}`, ["a", "b:c"]],
    [`Basic ${encode("ju\u0308rgen:Tu\u0308r")}`, ["j\u00fcrgen", "T\u00fcr"]],
    [`Basic ${encode(":")}`, ["", ""]],
    [`Basic ${encode("\ufeffuser:x")}`, ["\ufeffuser", "x"]],
  ] as const
) {
  Deno.test(`basic credentials are read from ${JSON.stringify(header)}`, () => {
    const [username, password] = credentials;
    assertEquals(parseBasicCredentials(header), { username, password });
  });
}

for (
  const [what, header] of [
    ["no header", null],
    ["nothing", ""],
    ["a scheme alone", "Basic"],
    ["a scheme and a space", "Basic "],
    ["another scheme", "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ=="],
    ["a longer scheme", "Basically QWxhZGRpbjpvcGVuIHNlc2FtZQ=="],
    ["a tab after the scheme", "Basic\tQWxhZGRpbjpvcGVuIHNlc2FtZQ=="],
    ["no colon", `Basic ${encode("nobody")}`],
    ["no padding", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ"],
    ["white space within", "Basic QWxhZGRp bjpvcGVuIHNlc2FtZQ=="],
    ["another alphabet", "Basic Pj4-Pz86eA=="],
    ["something after it", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==, Basic"],
    ["bytes that are not UTF-8", `Basic ${new Uint8Array([0x61, 0x3a, 0xff]).toBase64()}`],
    ["a NUL", `Basic ${encode("a:\0")}`],
    ["a line break in the name", `Basic ${encode("a\nb:c")}`],
    ["more than 4,096 characters", `Basic ${encode(`a:${"b".repeat(4096)}`)}`],
  ] as const
) {
  Deno.test(`basic credentials with ${what} are none`, () => {
    assertEquals(parseBasicCredentials(header), null);
  });
}

Deno.test("basic credentials of any text come back as they were, in NFC", () => {
  const text = fc.string({ unit: "grapheme" }).map((text) => text.replace(/\p{Cc}/gu, ""));
  fc.assert(fc.property(text, text, (name, password) => {
    const username = name.replaceAll(":", "");
    const header = `Basic ${encode(`${username}:${password}`)}`;
    assertEquals(parseBasicCredentials(header), {
      username: username.normalize("NFC"),
      password: password.normalize("NFC"),
    });
  }));
});

Deno.test("any header is basic credentials or none, without an error", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    parseBasicCredentials(text);
    parseBasicCredentials(`Basic ${text}`);
  }));
});

Deno.test("basic credentials of any length take linear time", () => {
  assert(parseBasicCredentials(`Basic ${" ".repeat(1000)}`) === null);
  assertLinear((n) => parseBasicCredentials(`Basic ${" ".repeat(n)}x${"=".repeat(n)}`), {
    n: 10_000,
  });
});

Deno.test("basic credentials are read as they were written", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "é", "€", "🌪", '"', "=") });
  fc.assert(fc.property(text, text, (username, password) => {
    const credentials = { username, password };
    assertEquals(parseBasicCredentials(formatBasicCredentials(credentials)), credentials);
  }));
  assertThrows(
    () => formatBasicCredentials({ username: "a:b", password: "c" }),
    TypeError,
    "Cannot use a user name with a colon",
  );
});
