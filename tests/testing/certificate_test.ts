import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { testCertificate } from "../../src/testing/server/certificate.ts";
import { integer, oid } from "../../src/testing/server/der.ts";

Deno.test("openssl finds the certificate valid for this machine, by its authority", async () => {
  const { cert, ca } = testCertificate();
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/cert.pem`, cert);
    await Deno.writeTextFile(`${folder}/ca.pem`, ca);
    for (const name of [["-verify_hostname", "localhost"], ["-verify_ip", "127.0.0.1"]]) {
      const args = ["verify", "-CAfile", "ca.pem", ...name, "cert.pem"];
      const { stdout, stderr } = await new Deno.Command("openssl", { args, cwd: folder }).output();
      const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assertMatch(text, /cert\.pem: OK/);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("one certificate serves the whole process", () => {
  assertStrictEquals(testCertificate(), testCertificate());
});

Deno.test("numbers are written without leading zeros, and never below 0", () => {
  assertEquals(integer(Uint8Array.of(0, 0, 1)), Uint8Array.of(2, 1, 1));
  assertEquals(integer(Uint8Array.of(0x80)), Uint8Array.of(2, 2, 0, 0x80));
  assertEquals(integer(Uint8Array.of(0)), Uint8Array.of(2, 1, 0));
});

Deno.test("identifiers are written in groups of seven bits", () => {
  assertEquals(oid("1.2.840.10045").toHex(), "06052a8648ce3d".replace("0606", "0606"));
});
