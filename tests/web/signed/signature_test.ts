import { createHmac } from "node:crypto";
import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import * as onWorkers from "../../../src/web/signed/signed_value_format_on_workers.ts";
import {
  isSameSignature,
  oldSignatureOf,
  signatureOf,
} from "../../../src/web/signed/signed_value_format.ts";

const secrets = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 200 }),
  fc.uint8Array({ minLength: 1, maxLength: 200 }),
  fc.integer({ min: 60, max: 68 }).map((length) => "x".repeat(length)),
);

Deno.test("signature is HMAC, whatever is signed by whatever secret, and however often", () => {
  const texts = fc.string({ unit: "binary", maxLength: 200 });
  fc.assert(
    fc.property(secrets, fc.array(texts, { minLength: 1, maxLength: 3 }), (secret, texts) => {
      for (const text of texts) {
        const expected = createHmac("sha256", secret).update(text).digest("hex");
        assertEquals(signatureOf(secret, text), expected);
        assertEquals(onWorkers.signatureOf(secret, text), expected);
        const old = createHmac("sha1", secret).update(text).digest("hex");
        assertEquals(oldSignatureOf(secret, text), old);
        assertEquals(onWorkers.oldSignatureOf(secret, text), old);
      }
    }),
    { numRuns: 500 },
  );
});

// RFC 4231 §4.3, §4.7
Deno.test("signature is that of the RFC's vectors", () => {
  assertEquals(
    signatureOf("Jefe", "what do ya want for nothing?"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
  assertEquals(
    signatureOf(
      new Uint8Array(131).fill(0xaa),
      "Test Using Larger Than Block-Size Key - Hash Key First",
    ),
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  );
});

Deno.test("secrets that are made up as one goes are not kept", () => {
  const first = signatureOf("secret 0", "text");
  for (let i = 1; i < 1_000; i++) signatureOf(`secret ${i}`, "text");
  assertEquals(signatureOf("secret 0", "text"), first);
});

Deno.test("signatures are the same only if every character is", () => {
  assert(isSameSignature("abc", "abc"));
  for (const other of ["abd", "bbc", "ab", "abcd", "", "ABC"]) {
    assertFalse(isSameSignature("abc", other));
    assertFalse(isSameSignature(other, "abc"));
  }
});
