import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { createCipheriv, hkdfSync } from "node:crypto";
import fc from "fast-check";
import {
  openSealedBytes,
  openSealedContent,
  openSealedValue,
  sealValue,
} from "../../../src/web/signed/sealed_value.ts";
import { assertLinear } from "../../support/linear.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";

const SECRET = "the secret of the tests";

Deno.test("sealed value opens to any bytes that were sealed, under any name", () => {
  fc.assert(fc.property(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: "binary" }),
    fc.oneof(fc.string({ minLength: 1 }), fc.uint8Array({ minLength: 1 })),
    (value, name, secret) => {
      const sealed = sealValue(secret, name, value);
      assertEquals(openSealedBytes(secret, name, sealed), new Uint8Array(value));
    },
  ));
});

Deno.test("sealed value opens to any text that was sealed", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    assertEquals(openSealedValue(SECRET, "name", sealValue(SECRET, "name", text)), text);
  }));
});

Deno.test("sealed value fits into a cookie as it is, and shows nothing", () => {
  const sealed = sealValue(SECRET, "user", "Ada Lovelace");
  assert(/^[A-Za-z0-9._-]+$/.test(sealed));
  assert(!sealed.includes(btoa("Ada Lovelace").replaceAll("=", "")));
  assertNotEquals(sealValue(SECRET, "user", "Ada Lovelace"), sealed);
});

Deno.test("no change of a single byte of a sealed value opens", () => {
  using records = captureLogs();
  const sealed = sealValue({ 1: SECRET, 2: "another" }, "user", "Ada", { keyVersion: 1 });
  for (let place = 0; place < sealed.length; place++) {
    for (let code = 0; code < 256; code++) {
      const changed = sealed.slice(0, place) + String.fromCharCode(code) + sealed.slice(place + 1);
      if (changed === sealed) continue;
      assertEquals(openSealedValue({ 1: SECRET, 2: "another" }, "user", changed), null, changed);
    }
  }
  forget(records, sealed);
});

Deno.test("sealed value that is cut, extended, doubled or reordered does not open", () => {
  using records = captureLogs();
  const sealed = sealValue(SECRET, "user", "Ada");
  const [form, version, time, body = ""] = sealed.split(".");
  const changed = [
    ...Array.from({ length: sealed.length }, (_, end) => sealed.slice(0, end)),
    ...["A", "=", ".", " ", "\n", "é", sealed].map((more) => sealed + more),
    [form, time, version, body].join("."),
    [form, version, time, [...body].reverse().join("")].join("."),
    [form, `0${version}`, time, body].join("."),
    [form, version, `0${time}`, body].join("."),
    [form, version, "9".repeat(400), body].join("."),
    `\u{1f600}${sealed}`,
  ];
  for (const value of changed) assertEquals(openSealedValue(SECRET, "user", value), null);
  forget(records, sealed);
});

Deno.test("sealed value opens under its own name and secret only, and says so without them", async () => {
  using records = captureLogs();
  const sealed = sealValue(SECRET, "user", "Ada");
  assertEquals(openSealedValue(SECRET, "cart", sealed), null);
  await expectLog(records, "warning", /Cannot open the sealed value "?cart"?: it was changed/);
  assertEquals(openSealedValue("another secret", "user", sealed), null);
  await expectLog(records, "warning", /it was changed/);
  assertEquals(records.all.length, 2);
  for (const { message } of records.all) assert(!/secret of|Ada|g1\./.test(message), message);
});

Deno.test("sealed value is too old at its age limit, and refused from the future", async () => {
  using records = captureLogs();
  let now = 1_000_000;
  const clock = () => now;
  const sealed = sealValue(SECRET, "user", "Ada", { clock });
  now += 4_999;
  assertEquals(openSealedValue(SECRET, "user", sealed, { maxAgeMs: 5_000, clock }), "Ada");
  now += 1;
  assertEquals(openSealedValue(SECRET, "user", sealed, { maxAgeMs: 5_000, clock }), null);
  assertEquals(openSealedContent(SECRET, "user", sealed, { clock })?.sealedAt, 1_000_000);
  assertEquals(records.all, []);
  now = 1_000_000 - 60_001;
  assertEquals(openSealedValue(SECRET, "user", sealed, { clock }), null);
  await expectLog(records, "warning", /in the future/);
});

Deno.test("nothing is sealed or opened without a secret", () => {
  for (const empty of ["", new Uint8Array(), {}, { 1: "" }, undefined as unknown as string]) {
    assertThrows(() => sealValue(empty, "a", "b"), TypeError, "the secret given");
    assertThrows(() => openSealedValue(empty, "a", "b"), TypeError, "the secret given");
  }
});

Deno.test("secrets rotate: old values open as long as their secret is there", async () => {
  using records = captureLogs();
  const old = sealValue({ 1: "old" }, "user", "Ada", { keyVersion: 1 });
  assertEquals(openSealedValue({ 1: "old", 2: "new" }, "user", old), "Ada");
  const fresh = sealValue({ 1: "old", 2: "new" }, "user", "Ada", { keyVersion: 2 });
  assertEquals(openSealedValue({ 2: "new" }, "user", fresh), "Ada");
  assertEquals(openSealedValue({ 2: "new" }, "user", old), null);
  await expectLog(records, "warning", /there is no secret of version 1/);
  assertThrows(() => sealValue({ 1: "old" }, "user", "Ada", { keyVersion: 3 }), TypeError);
});

Deno.test("bytes that are not UTF-8 open as bytes, and not as text", async () => {
  using records = captureLogs();
  const sealed = sealValue(SECRET, "user", Uint8Array.of(0xff, 0xfe));
  assertEquals(openSealedBytes(SECRET, "user", sealed), Uint8Array.of(0xff, 0xfe));
  assertEquals(openSealedValue(SECRET, "user", sealed), null);
  await expectLog(records, "warning", /not UTF-8/);
});

Deno.test("sealed value is AES-256-GCM under a key of HKDF-SHA256", () => {
  const nonce = new Uint8Array(12).fill(7);
  const key = new Uint8Array(hkdfSync("sha256", SECRET, "", "gustnado sealed value 1", 32));
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(new TextEncoder().encode("g1.0.1700000000000.user"));
  const text = Uint8Array.from(cipher.update("Ada"));
  cipher.final();
  const sealed = Uint8Array.from([...nonce, ...text, ...cipher.getAuthTag()]);
  const body = sealed.toBase64({ alphabet: "base64url", omitPadding: true });
  assertEquals(openSealedValue(SECRET, "user", `g1.0.1700000000000.${body}`), "Ada");
});

Deno.test("sealing and opening are linear", () => {
  assertLinear((n) => openSealedValue(SECRET, "n", sealValue(SECRET, "n", "x".repeat(n))), {
    n: 100_000,
  });
  assertLinear((n) => {
    openSealedValue(SECRET, "n", `g1.0.1.${"A".repeat(n)}!`);
    openSealedValue(SECRET, "n", `g1.${"1".repeat(n)}`);
  }, { n: 100_000 });
});

/** Takes the many warnings of a test out, and checks that none quotes what it is about. */
function forget(records: ReturnType<typeof captureLogs>, sealed: string): void {
  for (const { message } of records.all) {
    assert(message.startsWith("Cannot open the sealed value "), message);
    assert(!message.includes(SECRET) && !message.includes(sealed.slice(-20)), message);
  }
  const count = records.all.length;
  for (let i = 0; i < count; i++) void expectLog(records, "warning", /sealed value/);
}
