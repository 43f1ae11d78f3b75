/** Signatures by a shared secret (HMAC, RFC 2104), in hex digits. */
import { nodeCrypto } from "../platform/node.ts";

/**
 * The signature of a text.
 *
 * @param algorithm The hash: SHA-1 is for what was signed long ago.
 * @param secret The secret. Text stands for its UTF-8, as `text` does.
 */
export function signatureOf(
  algorithm: "sha1" | "sha256",
  secret: string | Uint8Array,
  text: string,
): string {
  return nodeCrypto().createHmac(algorithm, secret).update(text).digest("hex");
}

/** Whether two signatures are the same, in a time that does not tell how much of them is. */
export function isSameSignature(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}
