/** Signatures: HMACs (RFC 2104) by a shared secret, in hex digits. */
import { toBytes } from "../../http/body/chunk.ts";
import { nodeCrypto } from "../../platform/node_builtins.ts";

type Hash = ReturnType<ReturnType<typeof nodeCrypto>["createHash"]>;

/**
 * The signature of a text, by HMAC-SHA256.
 *
 * @param secret The secret. Text stands for its UTF-8, as `text` does. Bytes must not be changed
 *   once they have signed.
 */
export function signatureOf(secret: string | Uint8Array, text: string): string {
  const { inner, outer } = typeof secret === "string" ? keyOfText(secret) : keyOfBytes(secret);
  return outer.copy().update(inner.copy().update(text).digest()).digest("hex");
}

/** The signature of a text, by HMAC-SHA1: for what was signed long ago. */
export function oldSignatureOf(secret: string | Uint8Array, text: string): string {
  return nodeCrypto().createHmac("sha1", secret).update(text).digest("hex");
}

/**
 * The two hashes of a signature, fed with the secret already (RFC 2104 §4). A copy of them is half
 * the price of `createHmac`, which makes two streams each time.
 */
interface Key {
  readonly inner: Hash;
  readonly outer: Hash;
}

const textKeys = new Map<string, Key>();
const byteKeys = new WeakMap<Uint8Array, Key>();
/** More than any application has, so that secrets which are made up as one goes do not pile up. */
const MAX_KEYS = 64;
const BLOCK_SIZE = 64;

function keyOfText(secret: string): Key {
  let key = textKeys.get(secret);
  if (key === undefined) {
    if (textKeys.size >= MAX_KEYS) textKeys.clear();
    textKeys.set(secret, key = newKey(toBytes(secret)));
  }
  return key;
}

function keyOfBytes(secret: Uint8Array): Key {
  let key = byteKeys.get(secret);
  if (key === undefined) byteKeys.set(secret, key = newKey(secret));
  return key;
}

function newKey(secret: Uint8Array): Key {
  const block = new Uint8Array(BLOCK_SIZE);
  block.set(secret.length <= BLOCK_SIZE ? secret : newHash().update(secret).digest());
  return {
    inner: newHash().update(block.map((byte) => byte ^ 0x36)),
    outer: newHash().update(block.map((byte) => byte ^ 0x5c)),
  };
}

function newHash(): Hash {
  return nodeCrypto().createHash("sha256");
}
