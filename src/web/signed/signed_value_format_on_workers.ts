/**
 * What stands in the place of `signed_value_format.ts` in the package, for Workers, whose `createHmac`
 * takes less time than copies of a hash do.
 */
import { nodeCrypto } from "../../platform/node_builtins.ts";

export {
  firstToSign,
  isSameSignature,
  LONGEST,
  readFirst,
  readSecond,
  secondToSign,
  versionOf,
} from "./signed_value_format.ts";

/** See `signed_value_format.ts`. */
export function signatureOf(secret: string | Uint8Array, text: string): string {
  return hmac("sha256", secret, text);
}

/** See `signed_value_format.ts`. */
export function oldSignatureOf(secret: string | Uint8Array, text: string): string {
  return hmac("sha1", secret, text);
}

function hmac(hash: string, secret: string | Uint8Array, text: string): string {
  return nodeCrypto().createHmac(hash, secret).update(text).digest("hex");
}
