/** A certificate for this machine, and the authority that issued it, made on the spot (RFC 5280). */
import { toBase64 } from "../../http/byte_text.ts";
import { nodeCrypto } from "../../platform/node_builtins.ts";
import { bitString, boolean, bytes, explicit, implicit, integer, oid, sequence } from "./der.ts";
import { set, time, utf8 } from "./der.ts";

/**
 * A certificate, its key, and what has to be trusted, all in PEM form.
 *
 * @category Testing
 */
export interface TestCertificate {
  /** The certificate, for `localhost`, `127.0.0.1` and `::1`. */
  readonly cert: string;
  /** Its private key. */
  readonly key: string;
  /** The certificate of the authority that issued it. */
  readonly ca: string;
}

const OID = {
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  commonName: "2.5.4.3",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
} as const;

/** From 2000 to 2049: whatever a test makes of the time, it is valid. */
const VALIDITY: Uint8Array = sequence(time("000101000000Z"), time("491231235959Z"));
const ALGORITHM: Uint8Array = sequence(oid(OID.ecdsaWithSha256));
/** The bits of `KeyUsage`: keyCertSign, and digitalSignature. */
const CERT_SIGN = 0x04;
const DIGITAL_SIGNATURE = 0x80;
const DNS_NAME = 2;
const IP_ADDRESS = 7;

let made: TestCertificate | undefined;

/**
 * The certificate of this process. It is made when it is first asked for, and lasts as long as the
 * process: nobody else has its keys.
 *
 * @example
 * ```ts
 * import { testCertificate } from "@gustnado/gustnado/testing";
 * import { assertMatch } from "@std/assert";
 *
 * const { cert, key, ca } = testCertificate();
 * assertMatch(cert, /^-----BEGIN CERTIFICATE-----\n/);
 * assertMatch(ca, /^-----BEGIN CERTIFICATE-----\n/);
 * assertMatch(key, /^-----BEGIN PRIVATE KEY-----\n/);
 * ```
 *
 * @category Testing
 */
export function testCertificate(): TestCertificate {
  return made ??= make();
}

function make(): TestCertificate {
  const authority = { name: "Gustnado test authority", ...keyPair() };
  const { publicKey, privateKey } = keyPair();
  const ca = issue(authority, {
    name: authority.name,
    publicKey: authority.publicKey,
    extensions: [
      extension(OID.basicConstraints, sequence(boolean(true))),
      extension(OID.keyUsage, bitString(Uint8Array.of(CERT_SIGN), 2)),
    ],
  });
  const cert = issue(authority, {
    name: "localhost",
    publicKey,
    extensions: [
      extension(OID.keyUsage, bitString(Uint8Array.of(DIGITAL_SIGNATURE), 7)),
      extension(OID.subjectAltName, names()),
    ],
  });
  return { cert, ca, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

type KeyPair = ReturnType<typeof keyPair>;

function keyPair() {
  return nodeCrypto().generateKeyPairSync("ec", { namedCurve: "P-256" });
}

/** What is certified. */
interface Subject {
  readonly name: string;
  readonly publicKey: KeyPair["publicKey"];
  readonly extensions: readonly Uint8Array[];
}

function issue(
  issuer: { readonly name: string; readonly privateKey: KeyPair["privateKey"] },
  { name, publicKey, extensions }: Subject,
): string {
  const serial = crypto.getRandomValues(new Uint8Array(16));
  const content = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    integer(serial),
    ALGORITHM,
    distinguishedName(issuer.name),
    VALIDITY,
    distinguishedName(name),
    new Uint8Array(publicKey.export({ type: "spki", format: "der" })),
    explicit(3, sequence(...extensions)),
  );
  const signature = new Uint8Array(nodeCrypto().sign("sha256", content, issuer.privateKey));
  return pem(sequence(content, ALGORITHM, bitString(signature)));
}

function distinguishedName(name: string): Uint8Array {
  return sequence(set(sequence(oid(OID.commonName), utf8(name))));
}

/** One that has to be understood. */
function extension(id: string, value: Uint8Array): Uint8Array {
  return sequence(oid(id), boolean(true), bytes(value));
}

function names(): Uint8Array {
  const loopback = new Uint8Array(16);
  loopback[15] = 1;
  return sequence(
    implicit(DNS_NAME, new TextEncoder().encode("localhost")),
    implicit(IP_ADDRESS, Uint8Array.of(127, 0, 0, 1)),
    implicit(IP_ADDRESS, loopback),
  );
}

function pem(der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
