import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type CookieSecret,
  createSignedValue,
  decodeSignedBytes,
  decodeSignedValue,
  getSignatureKeyVersion,
} from "@gustnado/gustnado";
import { assertLinear } from "../../support/linear.ts";
import { captureLogs, type LogRecords } from "../../support/log_records.ts";

const SECRET = "correct horse battery staple";
const NOW = 1_700_000_000_000;
const DAY = 86_400_000;
const clock = () => NOW;

/** What Python's Tornado made of these with this secret at this time. */
const OF_TORNADO = {
  first: "Wm/Dqw==|1700000000|2e2374b0d12a35844c89360b626f2c298c21c460",
  second: "2|1:0|10:1700000000|4:user|8:Wm/Dqw==|" +
    "b81e72c7bea77584bfc3ee23b21da784d312ac91698aea6231e7260d7cc1601a",
  rotated: "2|1:7|10:1700000000|4:user|4:/wA=|" +
    "3ad2cff15b63dc1c2f3d842dfedde42ebf0df27accbb96bce448b313dac0f425",
};

Deno.test("signed value is that of Tornado, byte for byte", () => {
  assertEquals(createSignedValue(SECRET, "user", "Zo\u00eb", { clock }), OF_TORNADO.second);
  const first = createSignedValue(SECRET, "user", "Zo\u00eb", { clock, version: 1 });
  assertEquals(first, OF_TORNADO.first);
  const options = { clock, keyVersion: 7 };
  const rotated = createSignedValue(
    { 0: "old", 7: SECRET },
    "user",
    Uint8Array.of(255, 0),
    options,
  );
  assertEquals(rotated, OF_TORNADO.rotated);
});

Deno.test("signed value of Tornado is read", () => {
  assertEquals(decodeSignedValue(SECRET, "user", OF_TORNADO.second, { clock }), "Zo\u00eb");
  const first = decodeSignedValue(SECRET, "user", OF_TORNADO.first, { clock, minVersion: 1 });
  assertEquals(first, "Zo\u00eb");
  const secrets = { 0: "old", 7: SECRET };
  const rotated = decodeSignedBytes(secrets, "user", OF_TORNADO.rotated, { clock });
  assertEquals(rotated, Uint8Array.of(255, 0));
});

Deno.test("secret is text or its UTF-8, of any length", () => {
  for (
    const secret of ["s", "\u00fc\u{1f32a}", "x".repeat(64), "x".repeat(65), "x".repeat(1_000)]
  ) {
    const bytes = new TextEncoder().encode(secret);
    const signed = createSignedValue(secret, "a", "b", { clock });
    assertEquals(createSignedValue(bytes, "a", "b", { clock }), signed);
    assertEquals(decodeSignedValue({ 0: bytes }, "a", signed, { clock }), "b");
  }
});

// ---- rotation

Deno.test("key that no longer signs goes on to verify until it is taken out", () => {
  const old = createSignedValue({ 1: "old" }, "user", "ada", { keyVersion: 1 });
  assertEquals(decodeSignedValue({ 1: "old", 2: "new" }, "user", old), "ada");
  assertEquals(decodeSignedValue({ 2: "new" }, "user", old), null);
  assertEquals(decodeSignedValue({ 1: "new", 2: "old" }, "user", old), null);
});

Deno.test("secret that stands alone reads what a record of it signed, and the other way round", () => {
  const one = createSignedValue(SECRET, "user", "ada");
  const many = createSignedValue({ 3: SECRET }, "user", "ada", { keyVersion: 3 });
  assertEquals(decodeSignedValue(SECRET, "user", many), "ada");
  assertEquals(decodeSignedValue({ 0: SECRET }, "user", one), "ada");
  assertEquals(decodeSignedValue({ 3: SECRET }, "user", one), null);
});

Deno.test("getSignatureKeyVersion tells the key, of well-formed values of the second format", () => {
  assertEquals(getSignatureKeyVersion(OF_TORNADO.second), 0);
  assertEquals(getSignatureKeyVersion(OF_TORNADO.rotated), 7);
  const others = [
    null,
    "",
    "x",
    OF_TORNADO.first,
    "2|1:7|",
    OF_TORNADO.rotated.slice(0, -1),
    "3|1:7|",
  ];
  for (const value of others) assertEquals(getSignatureKeyVersion(value), null);
  assertEquals(getSignatureKeyVersion(`2|${"1".repeat(1_000_000)}`), null);
});

// ---- what is refused

/** Reads a bad value, and checks that it leaves one warning, which tells nothing of it. */
async function assertRefused(
  records: LogRecords,
  value: string,
  reason: RegExp,
  options: { secret?: CookieSecret; name?: string; minVersion?: 1 | 2; maxAgeDays?: number } = {},
): Promise<void> {
  const { secret = SECRET, name = "user", ...limits } = options;
  for (const decode of [decodeSignedValue, decodeSignedBytes]) {
    const before = records.all.length;
    assertEquals([value, decode(secret, name, value, { clock, ...limits })], [value, null]);
    const added = records.all.slice(before);
    assertEquals(added.length, 1, value);
    const [record] = added;
    assert(record !== undefined && reason.test(record.message), `${value}: ${record?.message}`);
    assertEquals([record.category, record.level], ["gustnado.general", "warning"]);
    await records.expect((other) => other === record, { description: "the warning" });
    assertFalse(record.message.includes(SECRET));
    if (value.length > 9) assertFalse(record.message.includes(value.slice(-9)));
    assertFalse(record.message.includes("Wm/Dqw"));
  }
}

const [, KEY, TIME, NAME, PAYLOAD, MAC] = OF_TORNADO.second.split("|");
const join = (...fields: (string | undefined)[]) => fields.join("|");

const BAD: Record<string, [value: string, reason: RegExp]> = {
  "text": ["ada", /malformed|format 1/],
  "a bare separator": ["|", /format 1/],
  "the version alone": ["2|", /malformed/],
  "duplicated": [OF_TORNADO.second + OF_TORNADO.second, /malformed/],
  "duplicated with a separator": [join(OF_TORNADO.second, OF_TORNADO.second), /malformed/],
  "with its fields in another order": [join("2", TIME, KEY, NAME, PAYLOAD, MAC), /signature/],
  "with a field twice": [join("2", KEY, TIME, NAME, NAME, PAYLOAD, MAC), /malformed/],
  "without a field": [join("2", KEY, TIME, PAYLOAD, MAC), /malformed/],
  "with a sign in a length": [join("2", "+1:0", TIME, NAME, PAYLOAD, MAC), /malformed/],
  "with a zero before a length": [join("2", "01:0", TIME, NAME, PAYLOAD, MAC), /malformed/],
  "with an underscore in a number": [join("2", "3:1_0", TIME, NAME, PAYLOAD, MAC), /malformed/],
  "with a space in a number": [join("2", "2: 0", TIME, NAME, PAYLOAD, MAC), /malformed/],
  "with a length too small": [join("2", KEY, TIME, "3:user", PAYLOAD, MAC), /malformed/],
  "with a length too great": [join("2", KEY, TIME, "5:user", PAYLOAD, MAC), /malformed/],
  "with a length beyond its end": [join("2", KEY, TIME, NAME, "99999:Wm/Dqw==", MAC), /malformed/],
  "with an endless length": [
    join("2", `${"9".repeat(99)}:0`, TIME, NAME, PAYLOAD, MAC),
    /malformed/,
  ],
  "without a signature": [join("2", KEY, TIME, NAME, PAYLOAD, ""), /malformed/],
  "with a short signature": [OF_TORNADO.second.slice(0, -1), /malformed/],
  "with a long signature": [`${OF_TORNADO.second}0`, /malformed/],
  "with an empty signature of zeros": [join("2", KEY, TIME, NAME, PAYLOAD, "0".repeat(64)), /sign/],
  "with a signature in capitals": [join("2", KEY, TIME, NAME, PAYLOAD, MAC?.toUpperCase()), /malf/],
  "with another value": [join("2", KEY, TIME, NAME, "8:Wm/DrA==", MAC), /signature/],
  "with other padding bits": [join("2", KEY, TIME, NAME, "8:Wm/Dqx==", MAC), /signature/],
  "with another time": [join("2", KEY, "10:1700000001", NAME, PAYLOAD, MAC), /signature/],
  "with another key version": [join("2", "1:1", TIME, NAME, PAYLOAD, MAC), /signature/],
  "with white space around it": [` ${OF_TORNADO.second} `, /format 1/],
  "with white space behind it": [`${OF_TORNADO.second}\n`, /malformed/],
  "of the third format": [OF_TORNADO.second.replace("2", "3"), /format 3/],
  "of format 999": [OF_TORNADO.second.replace("2", "999"), /format 999/],
  "of format 02": [`0${OF_TORNADO.second}`, /format 1/],
  "of the first format": [OF_TORNADO.first, /format 1/],
  "not ASCII": ["\u{1f32a}\ud800\u0000", /format 1/],
  "not ASCII in a field": [join("2", KEY, TIME, "4:us\u00e9r", PAYLOAD, MAC), /malformed/],
  "longer than 65,536 characters": [OF_TORNADO.second + "0".repeat(65_536), /too long/],
};

for (const [what, [value, reason]] of Object.entries(BAD)) {
  Deno.test(`signed value that is ${what} is null, with one warning`, async () => {
    using records = captureLogs();
    await assertRefused(records, value, reason);
    if (!/format 1/.test(reason.source)) {
      await assertRefused(records, value, reason, { minVersion: 1 });
    }
  });
}

Deno.test("signed value under another name, secret or key is null, with one warning", async () => {
  using records = captureLogs();
  const { second, rotated } = OF_TORNADO;
  await assertRefused(records, second, /of another name/, { name: "users" });
  await assertRefused(records, second, /of another name/, { name: "" });
  await assertRefused(records, second, /signature/, { secret: "another" });
  await assertRefused(records, rotated, /no secret of its version/, { secret: { 6: SECRET } });
  await assertRefused(records, rotated, /signature/, { secret: { 6: SECRET, 7: "another" } });
  const strange = second.replace("1:0", "9:__proto__");
  await assertRefused(records, strange, /malformed/, { secret: { 6: SECRET } });
});

Deno.test("signed value is accepted up to its age, and not before its time", async () => {
  const at = (ms: number) => createSignedValue(SECRET, "user", "ada", { clock: () => NOW + ms });
  const read = (value: string, maxAgeDays?: number) =>
    decodeSignedValue(SECRET, "user", value, { clock, maxAgeDays });
  assertEquals(read(at(-31 * DAY)), "ada");
  assertEquals(read(at(-DAY / 2), 0.5), "ada");
  assertEquals(read(at(0), 0), "ada");
  assertEquals(read(at(-99 * DAY), Infinity), "ada");
  assertEquals(read(at(DAY)), "ada");
  using records = captureLogs();
  await assertRefused(records, at(-31 * DAY - 1_000), /expired/);
  await assertRefused(records, at(-DAY / 2 - 1_000), /expired/, { maxAgeDays: 0.5 });
  await assertRefused(records, at(-1_000), /expired/, { maxAgeDays: 0 });
  await assertRefused(records, at(DAY + 1_000), /future/);
  await assertRefused(records, at(9_999 * DAY), /future/, { maxAgeDays: Infinity });
});

Deno.test("signed bytes that are not UTF-8 are bytes, and no text", async () => {
  for (const bytes of [[255], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0x61, 0xe2, 0x82]]) {
    const value = createSignedValue(SECRET, "user", Uint8Array.from(bytes));
    assertEquals(decodeSignedBytes(SECRET, "user", value), Uint8Array.from(bytes));
    using records = captureLogs();
    assertEquals(decodeSignedValue(SECRET, "user", value), null);
    await records.expect(({ message }) => /not UTF-8/.test(message), { description: "not UTF-8" });
  }
});

Deno.test("signed value that was not sent is null, and nobody is warned", () => {
  using records = captureLogs();
  for (const value of [null, ""]) {
    assertEquals(decodeSignedValue(SECRET, "user", value), null);
    assertEquals(decodeSignedBytes(SECRET, "user", value), null);
  }
  assertEquals(records.all, []);
});

// ---- the first format

Deno.test("first format is refused where it was tampered with, as Tornado refuses it", async () => {
  using records = captureLogs();
  const { first } = OF_TORNADO;
  const [payload, time, mac] = first.split("|");
  const old = { minVersion: 1 } as const;
  await assertRefused(records, join(payload, time, "0".repeat(40)), /signature/, old);
  await assertRefused(records, join(payload, time), /malformed/, old);
  await assertRefused(records, join(first, mac), /malformed/, old);
  await assertRefused(records, first, /signature/, { ...old, name: "use" });
  await assertRefused(records, first, /no secret/, { ...old, secret: { 0: SECRET } });
  // The signature is the same for these: nothing is signed between the value and the time.
  await assertRefused(records, join("Wm/D", `qw==${time}`, mac), /malformed/, old);
  await assertRefused(records, join(`${payload}1`, time?.slice(1), mac), /malformed/, old);
});

Deno.test("digits that move from the value to the time lead to the future or to a zero", async () => {
  using records = captureLogs();
  // base64 of these bytes is "abcd1234" and "abcd0000".
  for (const [text, reason] of [["abcd1234", /future/], ["abcd0000", /malformed/]] as const) {
    const bytes = Uint8Array.fromBase64(text);
    const signed = createSignedValue(SECRET, "user", bytes, { clock, version: 1 });
    const moved = signed.replace(/^abcd(\d{4})\|/, "abcd|$1");
    assert(moved !== signed);
    await assertRefused(records, moved, reason, { minVersion: 1 });
  }
});

// ---- mistakes of the program

Deno.test("bad secret or option is an error, which does not quote the secret", () => {
  const secret = (value: unknown) => value as CookieSecret;
  for (const empty of ["", new Uint8Array(), {}, { 1: "" }, null, 5]) {
    assertThrows(() => createSignedValue(secret(empty), "a", "b"), TypeError, "the secret given");
    assertThrows(() => decodeSignedValue(secret(empty), "a", "b"), TypeError, "the secret given");
  }
  const secrets = { 1: SECRET };
  const errors = [
    assertThrows(() => createSignedValue(secrets, "a", "b"), TypeError, "keyVersion"),
    assertThrows(
      () => createSignedValue(secrets, "a", "b", { keyVersion: 2 }),
      TypeError,
      "version 2",
    ),
    assertThrows(() => createSignedValue(secrets, "a", "b", { version: 1 }), TypeError, "format 1"),
    assertThrows(
      () => createSignedValue(SECRET, "a", "b", { version: 3 as 2 }),
      RangeError,
      "format 3",
    ),
    assertThrows(() => createSignedValue(SECRET, "a", "b", { keyVersion: -1 }), RangeError, "-1"),
    assertThrows(() => createSignedValue(SECRET, "a", "b", { keyVersion: 0.5 }), RangeError, "0.5"),
    assertThrows(() => createSignedValue(SECRET, "a", "b".repeat(50_000)), RangeError, "65536"),
    assertThrows(() => decodeSignedValue(SECRET, "a", "b", { minVersion: 3 as 2 }), RangeError),
    assertThrows(() => decodeSignedValue(SECRET, "a", "b", { maxAgeDays: NaN }), RangeError, "NaN"),
    assertThrows(() => decodeSignedValue(SECRET, "a", null, { maxAgeDays: -1 }), RangeError, "-1"),
  ];
  for (const { message } of errors) assertFalse(message.includes(SECRET));
});

// ---- properties

const names = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", "|", "4:user", "2|1:0|"));
const secrets = fc.oneof(fc.string({ minLength: 1 }), fc.uint8Array({ minLength: 1 }));

Deno.test("any bytes under any name survive signing, in both formats", () => {
  fc.assert(
    fc.property(
      secrets,
      names,
      fc.uint8Array(),
      fc.constantFrom(1, 2),
      (secret, name, bytes, version) => {
        const signed = createSignedValue(secret, name, bytes, { version });
        const decoded = decodeSignedBytes(secret, name, signed, { minVersion: version });
        assertEquals(decoded, bytes);
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("any text survives signing, with a key of any version", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(fc.property(secrets, fc.nat(), names, text, (secret, keyVersion, name, text) => {
    const keys = { [keyVersion]: secret };
    const signed = createSignedValue(keys, name, text, { keyVersion });
    assertEquals(decodeSignedValue(keys, name, signed), text);
    assertEquals(getSignatureKeyVersion(signed), keyVersion);
  }));
});

Deno.test("no value with one byte changed, left out or put in is accepted", () => {
  const rotated = { 0: SECRET, 1: SECRET };
  for (const value of [OF_TORNADO.first, OF_TORNADO.second]) {
    const refuse = (changed: string) => {
      for (const secret of [SECRET, rotated]) {
        const options = { clock, minVersion: 1, maxAgeDays: Infinity } as const;
        const decoded = decodeSignedBytes(secret, "user", changed, options);
        assertEquals([changed, decoded], [changed, null]);
      }
    };
    for (let at = 0; at < value.length; at++) {
      const [head, tail] = [value.slice(0, at), value.slice(at + 1)];
      refuse(head + tail);
      refuse(value.slice(0, at) || "x");
      for (let byte = 0; byte < 256; byte++) {
        const character = String.fromCharCode(byte);
        if (character !== value[at]) refuse(head + character + tail);
        refuse(head + character + value.slice(at));
      }
    }
  }
});

Deno.test("no text is an error, and none is taken for a signed value", () => {
  const parts = fc.constantFrom(
    "|",
    ":",
    "2|",
    "1:0|",
    "10:1700000000|",
    "4:user|",
    "=",
    "9",
    MAC ?? "",
  );
  const texts = fc.array(fc.oneof(parts, fc.string({ unit: "binary" }))).map((all) => all.join(""));
  fc.assert(
    fc.property(texts, fc.constantFrom(1, 2), (text, minVersion) => {
      assertEquals(decodeSignedValue(SECRET, "user", text, { clock, minVersion }), null);
      const version = getSignatureKeyVersion(text);
      assert(version === null || version >= 0);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("reading a signed value is linear", () => {
  const shapes = [
    "|",
    ":",
    "2|",
    "1:0|",
    "|1:",
    "|1:=",
    "9",
    "A",
    "=",
    "4:user|",
    "\u00e9",
    "\u{1f32a}",
  ];
  for (const shape of shapes) {
    const value = (n: number) => `2|1:0|10:1700000000|4:user|${shape.repeat(n / shape.length)}`;
    for (const end of ["", `|${"0".repeat(64)}`]) {
      assertLinear((n) => getSignatureKeyVersion(value(n) + end), { n: 6_000 });
      assertLinear((n) => decodeSignedValue(SECRET, "user", value(n) + end), { n: 6_000 });
      const first = (n: number) => shape.repeat(n / shape.length) + end;
      assertLinear((n) => decodeSignedValue(SECRET, "user", first(n), { minVersion: 1 }), {
        n: 6_000,
      });
    }
  }
  // What is longer is not looked at.
  assertLinear((n) => decodeSignedValue(SECRET, "user", "9".repeat(n)), { n: 1_000_000 });
});
