/**
 * The two formats of signed values, byte for byte those of Python's Tornado:
 *
 * ```
 * v1: base64|seconds|hex(HMAC-SHA1(secret, name base64 seconds))
 * v2: 2|n:key version|n:seconds|n:name|n:base64|hex(HMAC-SHA256(secret, all before))
 * ```
 *
 * where `n` is the length of what follows it, in bytes. The first one puts nothing between the parts
 * that it signs, which is why it is only read where an application asks for it. Signatures are HMACs
 * (RFC 2104) by a shared secret, in hex digits.
 */
import { byteLength, toBytes } from "../../http/body/chunk.ts";
import { nodeCrypto } from "../../platform/node_builtins.ts";

/**
 * The formats by their numbers.
 *
 * @category Cookies and sessions
 */
export type SignedValueVersion = 1 | 2;

/** What is signed. */
export interface SignedContent {
  /** What the value is called, so that none can be passed off as another. */
  readonly name: string;
  /** The value in base64. */
  readonly payload: string;
  /** When it was signed, in seconds since the epoch. */
  readonly timestamp: number;
}

/** What a signed value says of itself. Nothing of it is true before its signature is checked. */
export interface Claim {
  /** The version of the secret; `null` in a format that has none. */
  readonly keyVersion: number | null;
  /** The name; `null` in a format that only signs it. */
  readonly name: string | null;
  readonly payload: string;
  readonly timestamp: number;
  /** What the signature is of, but for the name that {@linkcode Claim.name} lacks. */
  readonly signed: string;
  readonly signature: string;
}

/** Nothing longer is written or read: sixteen times what a browser keeps of a cookie. */
export const LONGEST = 65_536;

// Each is matched against at most LONGEST characters, and no two of their repetitions can take the
// same ones: a name may hold anything, but what follows the last `|` of the value cannot be in it.
const FIRST = /^([A-Za-z0-9+/]*={0,2})\|([1-9]\d{0,15})\|([0-9a-f]{40})$/;
const SECOND =
  /^2\|\d+:(0|[1-9]\d{0,15})\|\d+:(0|[1-9]\d{0,15})\|\d+:([^]*)\|\d+:([A-Za-z0-9+/]*={0,2})\|([0-9a-f]{64})$/;
const VERSION = /^([1-9]\d{0,2})\|/;

/** What the first format signs. */
export function firstToSign({ name, payload, timestamp }: SignedContent): string {
  return `${name}${payload}${timestamp}`;
}

/** What the second format signs: all that stands before the signature. */
export function secondToSign(
  keyVersion: number,
  { name, payload, timestamp }: SignedContent,
): string {
  return joinedFields([String(keyVersion), String(timestamp), name.toWellFormed(), payload]);
}

function joinedFields(fields: readonly string[]): string {
  return `2|${fields.map((field) => `${byteLength(field)}:${field}|`).join("")}`;
}

/**
 * The number of the format that a value is in. The first format has no number, but begins with
 * base64, which can look like a number of four digits or more.
 */
export function versionOf(value: string): number {
  return Number(VERSION.exec(value)?.[1] ?? 1);
}

/** Takes a value of the first format apart; `null` if it is malformed. */
export function readFirst(value: string): Claim | null {
  const [, payload, timestamp, signature] = FIRST.exec(value) ?? [];
  if (payload === undefined || timestamp === undefined || signature === undefined) return null;
  return {
    keyVersion: null,
    name: null,
    payload,
    timestamp: Number(timestamp),
    signed: payload + timestamp,
    signature,
  };
}

/**
 * Takes a value of the second format apart; `null` if it is malformed. Only what this format's
 * writers write is well formed: no sign, no zero in front, nothing more and nothing less.
 */
export function readSecond(value: string): Claim | null {
  const [, keyVersion = "", timestamp = "", name = "", payload = "", signature] =
    SECOND.exec(value) ?? [];
  const signed = joinedFields([keyVersion, timestamp, name, payload]);
  if (signature === undefined || signed + signature !== value) return null;
  return {
    keyVersion: Number(keyVersion),
    name,
    payload,
    timestamp: Number(timestamp),
    signed,
    signature,
  };
}

/** Whether two signatures are the same, in a time that does not tell how much of them is. */
export function isSameSignature(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}

// ---- signatures

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
