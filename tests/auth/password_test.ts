import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertMatch,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import fc from "fast-check";
import { hashPassword, HTTPError, needsRehash, verifyPassword } from "@gustnado/gustnado";
import { parsePasswordHash } from "../../src/auth/passwords/password_hash.ts";
import { assertLinear } from "../support/linear.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { serviceTest } from "../support/services.ts";
import { runPython } from "../support/tornado.ts";

/** Cheap, for tests that are not about the cost. */
const CHEAP = { ln: 4, r: 1 };

Deno.test("hash of a password has the default parameters, and verifies that password only", async () => {
  const hash = await hashPassword("correct horse");
  assertMatch(hash, /^\$scrypt\$ln=17,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert(await verifyPassword("correct horse", hash));
  assertFalse(await verifyPassword("Correct horse", hash));
  assertFalse(needsRehash(hash));
});

Deno.test("two hashes of one password differ", async () => {
  assertNotEquals(await hashPassword("x", CHEAP), await hashPassword("x", CHEAP));
});

Deno.test("any password verifies by its own hash, and no other does", async () => {
  const password = fc.string({ unit: "binary", minLength: 1 });
  await fc.assert(fc.asyncProperty(password, password, async (one, other) => {
    const hash = await hashPassword(one, CHEAP);
    assert(await verifyPassword(one, hash));
    if (one.normalize("NFC") !== other.normalize("NFC") && /^[!-~]*$/.test(one + other)) {
      assertFalse(await verifyPassword(other, hash));
    }
  }));
});

Deno.test("the keyboard that a password was typed on does not matter (RFC 8265 §4.2)", async () => {
  const hash = await hashPassword("caf\u00e9 \u3000 x", CHEAP);
  assert(await verifyPassword("cafe\u0301\u00a0\u2003\u2009x", hash));
  assertFalse(await verifyPassword("cafe   x", hash));
  // Compatibility is not equality: that is NFKC, which would make passwords weaker.
  assertFalse(await verifyPassword("x\u00b2", await hashPassword("x2", CHEAP)));
});

Deno.test("password that is empty or too long is not hashed, and does not verify", async () => {
  for (const password of ["", "x".repeat(4097)]) {
    await assertRejects(
      () => hashPassword(password),
      RangeError,
      `of ${password.length} characters`,
    );
  }
  const hash = await hashPassword("x".repeat(4096), CHEAP);
  assert(await verifyPassword("x".repeat(4096), hash));
  for (const password of ["", "x".repeat(4097), "x".repeat(1_000_000)]) {
    assertFalse(await verifyPassword(password, hash));
  }
});

Deno.test("parameters that take too much are refused", async () => {
  for (const parameters of [{ ln: 19 }, { r: 17 }, { p: 5 }, { ln: 0 }, { p: 1.5 }, { r: NaN }]) {
    await assertRejects(() => hashPassword("x", parameters), RangeError, "256 MiB");
  }
});

Deno.test("hash that is malformed or out of bounds verifies nothing, and is a warning", async () => {
  const good = await hashPassword("x", CHEAP);
  const [, , , salt = "", key = ""] = good.split("$");
  const bad = [
    "",
    "x",
    "$2b$12$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK",
    `$scrypt$ln=30,r=8,p=1$${salt}$${key}`,
    `$scrypt$ln=17,r=800,p=1$${salt}$${key}`,
    `$scrypt$ln=17,r=8,p=999999$${salt}$${key}`,
    `$scrypt$ln=99,r=999999,p=999999$${salt}$${key}`,
    `$scrypt$ln=04,r=1,p=1$${salt}$${key}`,
    `$scrypt$r=1,ln=4,p=1$${salt}$${key}`,
    `$scrypt$ln=4,r=1,p=1$${salt}$`,
    `$scrypt$ln=4,r=1,p=1$${salt}$AAAA`,
    `$scrypt$ln=4,r=1,p=1$${salt}$${key}=`,
    `$scrypt$ln=4,r=1,p=1$${salt}$${key}$`,
    `${good}\n`,
    good.slice(0, -2),
  ];
  using records = captureLogs();
  for (const hash of bad) {
    assertEquals(parsePasswordHash(hash), null, hash);
    assert(needsRehash(hash));
  }
  assertFalse(await verifyPassword("x", bad[3] ?? null));
  const { message } = await expectLog(records, "warning", /Cannot verify a password/);
  assertFalse(message.includes(salt));
});

Deno.test("user who is not there takes as long as one who is", async () => {
  const hash = await hashPassword("x");
  const known = await timed(() => verifyPassword("y", hash));
  const unknown = await timed(async () => assertFalse(await verifyPassword("y", null)));
  assert(unknown > known / 4, `${unknown} ms against ${known} ms`);
});

Deno.test("hash of other parameters needs to be made anew", async () => {
  const hash = await hashPassword("x", CHEAP);
  assert(needsRehash(hash));
  assertFalse(needsRehash(hash, CHEAP));
  assert(needsRehash(hash, { ...CHEAP, p: 2 }));
  assert(needsRehash("$scrypt$ln=17,r=8,p=1$c2FsdA$" + "A".repeat(43)));
});

Deno.test("the loop goes on while passwords are hashed", async () => {
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 1);
  try {
    const started = performance.now();
    await Promise.all([1, 2, 3, 4].map((i) => hashPassword(`password ${i}`)));
    const took = performance.now() - started;
    // Were the loop blocked, there would be one tick or two for each hash.
    assertGreater(ticks, took / 40);
    assertGreater(ticks, 12);
  } finally {
    clearInterval(ticking);
  }
});

Deno.test("no more than 102 passwords are in work at a time; the next is a 503", async () => {
  const taken = Array.from({ length: 102 }, () => hashPassword("x", CHEAP));
  const error = await assertRejects(() => hashPassword("x", CHEAP), HTTPError);
  assertEquals([error.status, error.headers["Retry-After"]], [503, "10"]);
  await Promise.all(taken);
  assert(await verifyPassword("x", await hashPassword("x", CHEAP)));
});

Deno.test("reading a hash is linear", () => {
  assertLinear((n) => parsePasswordHash(`$scrypt$ln=4,r=1,p=1$${"A".repeat(n)}$${"A".repeat(n)}`), {
    n: 200_000,
  });
});

serviceTest("python3-tornado", "hashes of Python verify here, and ours there", async () => {
  const password = "caf\u00e9 \u{1f32a}";
  const ours = await hashPassword("cafe\u0301\u00a0\u{1f32a}", { ln: 14 });
  const script = `
import base64, hashlib
def decode(text): return base64.b64decode(text + "=" * (-len(text) % 4))
def encode(data): return base64.b64encode(data).decode().rstrip("=")
def key(salt, ln, r, p): return hashlib.scrypt(input["password"].encode(), salt=salt, n=2**ln, r=r, p=p, dklen=32, maxmem=2**28)
_, _, parameters, salt, expected = input["ours"].split("$")
ln, r, p = (int(item.split("=")[1]) for item in parameters.split(","))
verified = key(decode(salt), ln, r, p) == decode(expected)
theirs = "$scrypt$ln=15,r=8,p=3$" + encode(b"a salt of python") + "$" + encode(key(b"a salt of python", 15, 8, 3))
output = [verified, theirs]`;
  const output = await runPython(script, { password, ours });
  assert(Array.isArray(output));
  const [verified, theirs] = output;
  assertEquals(verified, true);
  assert(await verifyPassword(password, String(theirs)));
  assertFalse(await verifyPassword("cafe", String(theirs)));
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
