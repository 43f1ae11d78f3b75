/** Hashing of passwords with scrypt. */
import { Semaphore } from "../../concurrent/locks/semaphore.ts";
import { checkOptions, NUMBER, type OptionType } from "../../checks/option_check.ts";
import { withDefaults } from "../../checks/option_defaults.ts";
import { nodeCrypto } from "../../platform/node_builtins.ts";
import { generalLog } from "../../log.ts";
import { HTTPError } from "../../web/http_error.ts";
import {
  areParametersBounded,
  DEFAULT_PARAMETERS,
  formatPasswordHash,
  parsePasswordHash,
  type PasswordHash,
  scryptMemory,
  type ScryptParameters,
} from "./password_hash.ts";

const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** Characters. A password manager's longest is 128 or so. */
const LONGEST = 4096;
/** Each takes 128 MiB, and a core for a third of a second. */
const AT_A_TIME = 2;
const MOST_WAITING = 100;

const TYPES: Readonly<Record<keyof ScryptParameters, OptionType>> = {
  ln: NUMBER,
  r: NUMBER,
  p: NUMBER,
};

let turns: Semaphore | undefined;
/** Those that have their turn, and those that wait for it. */
let inWork = 0;

/**
 * Hashes a password, to be stored in its place: with scrypt (RFC 7914) and a random salt, away from
 * the event loop.
 *
 * Two hashes are made at a time, and up to 100 callers wait, so that a flood of log-ins takes neither
 * all memory (128 MiB each by default) nor all processors. Limit how often a client may try, too.
 *
 * The password is prepared as RFC 8265 §4.2 says (`OpaqueString`): any space is a plain one, and
 * Unicode is brought into NFC, so that it does not matter which keyboard it was typed on.
 *
 * @param password Of 1 to 4,096 characters.
 * @param parameters Default `ln` 17, `r` 8, `p` 1, which OWASP recommends. Up to 256 MiB, and four
 *   times the default work.
 * @returns A text such as `$scrypt$ln=17,r=8,p=1$…$…`.
 * @throws {RangeError} If the password is empty or too long, or the parameters are out of bounds.
 * @throws {TypeError} If the password is no text, or a parameter is unknown or no number.
 * @throws {HTTPError} (503) If more than 100 callers wait.
 *
 * @example
 * ```ts
 * import { hashPassword, verifyPassword } from "@gustnado/gustnado";
 * import { assert, assertFalse } from "@std/assert";
 *
 * const hash = await hashPassword("correct horse", { ln: 14, p: 5 });
 * assert(await verifyPassword("correct horse", hash));
 * assertFalse(await verifyPassword("battery staple", hash));
 * ```
 *
 * @category Log-in
 */
export async function hashPassword(
  password: string,
  parameters: ScryptParameters = {},
): Promise<string> {
  checkPassword(password);
  if (password === "" || password.length > LONGEST) {
    throw new RangeError(
      `Cannot hash a password of ${password.length} characters: it must have 1 to ${LONGEST}`,
    );
  }
  const complete = completed(parameters);
  if (!areParametersBounded(complete)) {
    const { ln, r, p } = complete;
    throw new RangeError(
      `Cannot hash a password with ln ${ln}, r ${r} and p ${p}: they must be whole numbers from 1, ` +
        "take up to 256 MiB (128 × r × 2^ln), and r × p × 2^ln must be 2^22 at most",
    );
  }
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const key = await derive(password, { salt, parameters: complete, length: KEY_BYTES });
  return formatPasswordHash({ parameters: complete, salt, key });
}

/**
 * Checks a password against a hash of {@linkcode hashPassword}, or any other in the same format, such
 * as those of Python's `passlib`. See there for the limits.
 *
 * @param password What the visitor typed.
 * @param hash The hash; `null` where there is no such user: that takes as long as for one whose hash
 *   has the default parameters, so that nobody finds out by the clock who is registered.
 * @returns Whether it is the password. `false` also for one that is too long, and for a hash that is
 *   malformed, of another algorithm or out of bounds, which is logged as a warning without it.
 * @throws {HTTPError} (503) If more than 100 callers wait.
 * @throws {TypeError} If the password is no text.
 *
 * @example
 * ```ts
 * import { hashPassword, verifyPassword } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const users = new Map([["ada", await hashPassword("correct horse")]]);
 *
 * // Takes as long for a name that nobody has.
 * async function mayLogIn(name: string, password: string) {
 *   return await verifyPassword(password, users.get(name) ?? null);
 * }
 *
 * assertEquals(await mayLogIn("ada", "correct horse"), true);
 * assertEquals(await mayLogIn("ada", "battery staple"), false);
 * assertEquals(await mayLogIn("eve", "correct horse"), false);
 * ```
 *
 * @category Log-in
 */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  checkPassword(password);
  const parsed = hash === null ? null : parsePasswordHash(hash);
  if (parsed === null && hash !== null) {
    generalLog()?.warn(
      "Cannot verify a password: its hash is malformed, of another algorithm than scrypt, or out " +
        "of bounds",
    );
  }
  if (password.length > LONGEST) return false;
  const { parameters, salt, key } = parsed ?? nobody();
  const derived = await derive(password, { parameters, salt, length: key.length });
  return nodeCrypto().timingSafeEqual(derived, key) && parsed !== null;
}

/** A hash of nobody's password. */
function nobody(): PasswordHash {
  return {
    parameters: DEFAULT_PARAMETERS,
    salt: new Uint8Array(SALT_BYTES),
    key: new Uint8Array(KEY_BYTES),
  };
}

/**
 * Whether a hash was made with other parameters than are wanted now, or cannot be read: hash the
 * password anew when its owner logs in next.
 *
 * @param parameters As for {@linkcode hashPassword}.
 *
 * @example
 * ```ts
 * import { hashPassword, needsRehash } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const hash = await hashPassword("correct horse", { ln: 14, p: 5 });
 * assertEquals(needsRehash(hash, { ln: 14, p: 5 }), false);
 * assertEquals(needsRehash(hash, { ln: 16, p: 1 }), true);
 * ```
 *
 * @category Log-in
 */
export function needsRehash(hash: string, parameters: ScryptParameters = {}): boolean {
  const parsed = parsePasswordHash(hash);
  if (parsed === null || parsed.salt.length < SALT_BYTES || parsed.key.length < KEY_BYTES) {
    return true;
  }
  const { ln, r, p } = completed(parameters);
  const { parameters: used } = parsed;
  return used.ln !== ln || used.r !== r || used.p !== p;
}

/** What a body of JSON holds, for one, may be anything. */
function checkPassword(password: unknown): void {
  if (typeof password === "string") return;
  throw new TypeError(
    `Cannot use a value of the type ${typeof password} as a password: it is no text`,
  );
}

function completed(parameters: ScryptParameters): Required<ScryptParameters> {
  checkOptions(parameters, TYPES, "parameter of scrypt");
  return withDefaults<ScryptParameters>(DEFAULT_PARAMETERS, parameters);
}

interface Derivation {
  readonly parameters: Required<ScryptParameters>;
  readonly salt: Uint8Array;
  readonly length: number;
}

async function derive(password: string, derivation: Derivation): Promise<Uint8Array> {
  if (inWork >= AT_A_TIME + MOST_WAITING) {
    throw new HTTPError(503, {
      headers: { "Retry-After": "10" },
      logMessage: `Cannot hash a password: ${MOST_WAITING} others are waiting; limit how often ` +
        "clients may log in",
    });
  }
  inWork++;
  try {
    turns ??= new Semaphore(AT_A_TIME);
    using _turn = await turns.acquire();
    return await scrypt(prepare(password), derivation);
  } finally {
    inWork--;
  }
}

/** Runs on a thread of the runtime. */
function scrypt(password: string, derivation: Derivation): Promise<Uint8Array> {
  const { parameters, salt, length } = derivation;
  const options = {
    N: 2 ** parameters.ln,
    r: parameters.r,
    p: parameters.p,
    // The runtime's own limit is 32 MiB. Beside the memory of one run, there is that of its blocks.
    maxmem: scryptMemory(parameters) + 256 * parameters.r * (parameters.p + 1),
  };
  return new Promise((resolve, reject) => {
    nodeCrypto().scrypt(password, salt, length, options, (error, key) => {
      // Bun says `undefined` where there is none.
      if (error instanceof Error) reject(error);
      else resolve(key);
    });
  });
}

/** RFC 8265 §4.2.2: spaces, then normalisation. */
function prepare(password: string): string {
  return password.replace(/\p{Zs}/gu, " ").normalize("NFC");
}
