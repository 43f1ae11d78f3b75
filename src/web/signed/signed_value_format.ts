/**
 * The two formats of signed values, byte for byte those of Python's Tornado:
 *
 * ```
 * v1: base64|seconds|hex(HMAC-SHA1(secret, name base64 seconds))
 * v2: 2|n:key version|n:seconds|n:name|n:base64|hex(HMAC-SHA256(secret, all before))
 * ```
 *
 * where `n` is the length of what follows it, in bytes. The first one puts nothing between the parts
 * that it signs, which is why it is only read where an application asks for it.
 */
import { byteLength } from "../../http/body/chunk.ts";
import { oldSignatureOf, signatureOf } from "./signature.ts";

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

/** Writes a value in the first format. */
export function writeFirst(secret: string | Uint8Array, content: SignedContent): string {
  const { name, payload, timestamp } = content;
  return `${payload}|${timestamp}|${oldSignatureOf(secret, `${name}${payload}${timestamp}`)}`;
}

/** Writes a value in the second format. */
export function writeSecond(
  secret: string | Uint8Array,
  keyVersion: number,
  { name, payload, timestamp }: SignedContent,
): string {
  const signed = signedOfSecond([
    String(keyVersion),
    String(timestamp),
    name.toWellFormed(),
    payload,
  ]);
  return signed + signatureOf(secret, signed);
}

/** What the second format signs: its fields, each with its length. */
function signedOfSecond(fields: readonly string[]): string {
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
  const signed = signedOfSecond([keyVersion, timestamp, name, payload]);
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

/** The signature that a claim needs to be true: by this secret, and under this name. */
export function signatureFor(claim: Claim, secret: string | Uint8Array, name: string): string {
  return claim.name === null
    ? oldSignatureOf(secret, name + claim.signed)
    : signatureOf(secret, claim.signed);
}

/** Whether two signatures are the same, in a time that does not tell how much of them is. */
export function isSameSignature(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}
