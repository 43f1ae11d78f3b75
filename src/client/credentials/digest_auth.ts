/** Digest authentication (RFC 7616). */
import { toHex } from "../../http/byte_text.ts";
import { nodeCrypto } from "../../platform/node_builtins.ts";
import type { Credentials } from "./credentials.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";

/** What an answer is made from. */
export interface DigestInput extends Credentials {
  /** The method of the request. */
  readonly method: string;
  /** Its URL. */
  readonly url: string;
  /** A value that the server has not seen yet; random unless given. */
  readonly cnonce?: string;
}

/** Algorithms, the best first, and what `node:crypto` calls them. */
const HASHES: Readonly<Record<string, string>> = {
  "SHA-256": "sha256",
  "SHA-512-256": "sha512-256",
  "MD5": "md5",
};
/** Each answer has a nonce count of its own: one, as no challenge is answered twice. */
const COUNT = "00000001";

/**
 * Answers the best challenge of a `WWW-Authenticate` field.
 *
 * @returns The value of `Authorization`; `null` if there is none that can be answered: another
 * scheme, an unknown algorithm, or protection of the body alone (`qop="auth-int"`).
 */
export function answerChallenge(header: string | null, input: DigestInput): string | null {
  const challenges = parseChallenges(header ?? "").filter(({ scheme }) => scheme === "digest");
  for (const name of Object.keys(HASHES)) {
    const challenge = challenges.find((candidate) => algorithmOf(candidate) === name);
    if (challenge !== undefined && isAnswerable(challenge)) return answer(challenge, input);
  }
  return null;
}

/** Without `-sess`; MD5 where none is named (RFC 7616 §3.3). */
function algorithmOf({ parameters }: Challenge): string {
  return (parameters.algorithm ?? "MD5").toUpperCase().replace(/-SESS$/, "");
}

function isAnswerable({ parameters }: Challenge): boolean {
  const { realm, nonce, qop } = parameters;
  return realm !== undefined && nonce !== undefined && (qop === undefined || offersAuth(qop));
}

function offersAuth(qop: string): boolean {
  return qop.split(",").some((option) => option.trim().toLowerCase() === "auth");
}

function answer(challenge: Challenge, input: DigestInput): string {
  const { realm = "", nonce = "", opaque, qop, algorithm, userhash } = challenge.parameters;
  const hash = hasher(algorithmOf(challenge));
  const { pathname, search } = new URL(input.url);
  const uri = pathname + search;
  const cnonce = input.cnonce ?? toHex(crypto.getRandomValues(new Uint8Array(16)));
  const isSession = /-sess$/i.test(algorithm ?? "");
  const secret = hash(`${input.username}:${realm}:${input.password}`);
  const a1 = isSession ? hash(`${secret}:${nonce}:${cnonce}`) : secret;
  const a2 = hash(`${input.method}:${uri}`);
  const middle = qop === undefined ? nonce : `${nonce}:${COUNT}:${cnonce}:auth`;
  const isHashed = userhash?.toLowerCase() === "true";
  const username = isHashed ? hash(`${input.username}:${realm}`) : input.username;
  return [
    `Digest ${userField(username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${hash(`${a1}:${middle}:${a2}`)}"`,
    ...algorithm === undefined ? [] : [`algorithm=${algorithm}`],
    ...opaque === undefined ? [] : [`opaque=${quote(opaque)}`],
    ...qop === undefined && !isSession ? [] : [`cnonce="${cnonce}"`],
    ...qop === undefined ? [] : ["qop=auth", `nc=${COUNT}`],
    ...isHashed ? ["userhash=true"] : [],
  ].join(", ");
}

function hasher(algorithm: string): (text: string) => string {
  const name = HASHES[algorithm] ?? "";
  return (text) => nodeCrypto().createHash(name).update(text).digest("hex");
}

/** A name beyond ASCII goes percent-encoded (RFC 7616 §3.4). */
function userField(username: string): string {
  return /^[ -~]*$/.test(username)
    ? `username=${quote(username)}`
    : `username*=UTF-8''${encodeURIComponent(username)}`;
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
