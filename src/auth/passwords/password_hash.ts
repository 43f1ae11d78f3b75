/**
 * Hashes of passwords as text: `$scrypt$ln=17,r=8,p=1$salt$key`, the PHC string format with the
 * parameters of scrypt (RFC 7914 §2), salt and key in base64 without padding.
 */
import { toBase64 as encodeBase64 } from "../../http/byte_text.ts";

/**
 * What scrypt is told.
 *
 * @category Log-in
 */
export interface ScryptParameters {
  /** The binary logarithm of N, the cost in time and memory. Default 17. */
  readonly ln?: number;
  /** The size of a block. Default 8. */
  readonly r?: number;
  /** How often the work is done. Default 1. */
  readonly p?: number;
}

/** A hash, taken apart. */
export interface PasswordHash {
  readonly parameters: Required<ScryptParameters>;
  readonly salt: Uint8Array;
  readonly key: Uint8Array;
}

/** The strongest that the OWASP Password Storage Cheat Sheet recommends: 128 MiB. */
export const DEFAULT_PARAMETERS: Required<ScryptParameters> = { ln: 17, r: 8, p: 1 };

const FORM =
  /^\$scrypt\$ln=([1-9]\d?),r=([1-9]\d{0,5}),p=([1-9]\d{0,5})\$([A-Za-z0-9+/]{0,90})\$([A-Za-z0-9+/]{0,90})$/;
/** 256 MiB. Parameters stand in the hash, and must not be able to take all memory, or all time. */
const MOST_MEMORY = 2 ** 28;
/** Four times the default. */
const MOST_WORK = 2 ** 22;

/** Bytes of memory that scrypt takes. */
export function scryptMemory({ ln, r }: Required<ScryptParameters>): number {
  return 128 * 2 ** ln * r;
}

/** Whether the parameters are valid, and within the bounds of memory and time. */
export function areParametersBounded(parameters: Required<ScryptParameters>): boolean {
  const { ln, r, p } = parameters;
  const arePositive = [ln, r, p].every((value) => Number.isSafeInteger(value) && value >= 1);
  return arePositive && scryptMemory(parameters) <= MOST_MEMORY && 2 ** ln * r * p <= MOST_WORK;
}

/** Writes a hash. */
export function formatPasswordHash({ parameters, salt, key }: PasswordHash): string {
  const { ln, r, p } = parameters;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${toBase64(salt)}$${toBase64(key)}`;
}

/**
 * Reads a hash.
 *
 * @returns `null` if it is malformed, of another algorithm, or its parameters are out of bounds.
 */
export function parsePasswordHash(text: string): PasswordHash | null {
  const [, ln, r, p, saltText = "", keyText = ""] = FORM.exec(text) ?? [];
  const parameters = { ln: Number(ln), r: Number(r), p: Number(p) };
  const salt = fromBase64(saltText);
  const key = fromBase64(keyText);
  // A short key would be found by chance.
  if (salt === null || key === null || key.length < 16 || !areParametersBounded(parameters)) {
    return null;
  }
  return { parameters, salt, key };
}

function toBase64(bytes: Uint8Array): string {
  return encodeBase64(bytes, { omitPadding: true });
}

function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 === 1) return null;
  const bytes = Uint8Array.fromBase64(text);
  return toBase64(bytes) === text ? bytes : null;
}
