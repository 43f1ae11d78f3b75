/** User and password, asked for by the browser itself. */
import { toHex } from "../../http/byte_text.ts";
import { isPromiseLike } from "../../concurrent/coroutine/promise_like.ts";
import { parseBasicCredentials } from "../../http/fields/basic_credentials.ts";
import { nodeCrypto } from "../../platform/node_builtins.ts";
import {
  checkOptions,
  FUNCTION,
  OBJECT,
  type OptionType,
  STRING,
} from "../../checks/option_check.ts";
import { type Middleware, type Next, setsSafeFields } from "./middleware.ts";
import type { RequestContext } from "./request_context.ts";
import { refuse } from "./served_context.ts";

/**
 * Decides on a user and a password: `false` or `null` refuses, `true` lets in under that name, and
 * any object is the user.
 *
 * @category Middleware
 */
export type BasicAuthVerifier = (
  username: string,
  password: string,
) => boolean | object | null | Promise<boolean | object | null>;

/**
 * Who is let in. Either `users` or `verify`.
 *
 * @category Middleware
 */
export interface BasicAuthOptions {
  /** Passwords by user: for few that are known when the program starts, from its secrets. */
  readonly users?: Readonly<Record<string, string>>;
  /**
   * Decides by itself, such as by a hash in a database; what it gets is in NFC. It should take equally
   * long for a user that there is and one that there is not.
   */
  readonly verify?: BasicAuthVerifier;
  /** What the browser's prompt calls the place. Default `"Restricted"`. */
  readonly realm?: string;
}

const OPTIONS: Readonly<Record<keyof BasicAuthOptions, OptionType>> = {
  // Checked by itself, as the message about an option repeats its value.
  users: { name: "passwords", test: () => true },
  verify: FUNCTION,
  realm: {
    name: "printable text in ASCII",
    test: (value) => typeof value === "string" && /^[ -~]*$/.test(value),
  },
};

/**
 * Asks for a user and a password (RFC 7617), and answers 401 without the right ones.
 *
 * Who was let in is `context.user`, and `this.currentUser` of handlers, unless they override
 * `getCurrentUser`. Missing, malformed and wrong credentials are answered alike, and nothing of them
 * is logged. Names and passwords are compared in NFC (RFC 7617 §2.1) and by their hashes, in a time
 * that does not tell which of the two is wrong.
 *
 * The password travels in every request as good as in the clear: use it over https only. To keep
 * strangers from guessing, put `rateLimit` in front of it.
 *
 * @throws {TypeError} If an option is unknown or ill-typed, or there is not one of `users` and
 *   `verify`.
 *
 * @example
 * ```ts
 * import { Application, basicAuth, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Admin extends RequestHandler {
 *   override get() {
 *     this.write(`Hello, ${this.currentUser}`);
 *   }
 * }
 *
 * const app = new Application([["/", Admin]], {
 *   middleware: [basicAuth({ users: { dorothy: "no place like home" } })],
 * });
 * const headers = { Authorization: `Basic ${btoa("dorothy:no place like home")}` };
 * const response = await app.fetch(new Request("http://localhost/", { headers }));
 * assertEquals(await response.text(), "Hello, dorothy");
 * assertEquals((await app.fetch(new Request("http://localhost/"))).status, 401);
 * ```
 *
 * @category Middleware
 */
export function basicAuth(options: BasicAuthOptions): Middleware {
  checkOptions(options, OPTIONS, "option of basicAuth()");
  const { users, verify, realm = "Restricted" } = options;
  if (users !== undefined && !isPasswordTable(users)) {
    throw new TypeError(
      'Cannot use "users" of basicAuth(): expected an object of passwords by user',
    );
  }
  if ((users === undefined) === (verify === undefined)) {
    throw new TypeError('Cannot make basicAuth(): set "users" or "verify", one of them');
  }
  const decide = verify ?? passwordTable(users ?? {});
  const challenge = `Basic realm="${realm.replace(/["\\]/g, "\\$&")}", charset="UTF-8"`;
  const turnAway = (context: RequestContext, why: string) =>
    refuse(context, 401, { why, headers: { "WWW-Authenticate": challenge } });
  const admit = (decision: unknown, name: string, next: Next, context: RequestContext) => {
    const isAdmitted = decision === true || typeof decision === "object" && decision !== null;
    if (!isAdmitted) return turnAway(context, whyNot(decision));
    context.user = decision === true ? name : decision;
    return next();
  };
  return setsSafeFields((_request, next, context) => {
    const credentials = parseBasicCredentials(context.header("authorization"));
    if (credentials === null) return turnAway(context, whyUnread(context));
    const { username, password } = credentials;
    const decision = decide(username, password);
    // Not only of a promise: taken for the user, what can be awaited would let everybody in.
    return isPromiseLike(decision)
      ? Promise.resolve(decision)
        .then((decision) => admit(decision, username, next, context))
      : admit(decision, username, next, context);
  });
}

function isPasswordTable(users: unknown): boolean {
  return OBJECT.test(users) && Object.values(Object(users)).every(STRING.test);
}

function whyUnread(context: RequestContext): string {
  return context.header("authorization") === null
    ? "no user and password sent"
    : "basicAuth() cannot read the user and password";
}

/** Who has forgotten a `return`, or returns a name, would search for long. */
function whyNot(decision: unknown): string {
  return decision === false || decision === null
    ? "basicAuth() knows no such user and password"
    : `"verify" of basicAuth() gave ${kindOf(decision)}: expected an object, true, false or null`;
}

function kindOf(value: unknown): string {
  return value === undefined ? "undefined" : `a ${typeof value}`;
}

/**
 * Compares hashes that nobody can compute beforehand: their lengths are equal, and what they have in
 * common says nothing about the texts.
 */
function passwordTable(users: Readonly<Record<string, string>>): BasicAuthVerifier {
  let table: PasswordTable | undefined;
  return (username, password) => {
    const { key, hashes } = table ??= hashAll(users);
    const expected = hashes.get(toHex(hmac(key, username)));
    // A user that there is not takes as long as one that there is.
    const isRight = nodeCrypto().timingSafeEqual(hmac(key, password), expected ?? key);
    return isRight && expected !== undefined;
  };
}

interface PasswordTable {
  /** As long as a hash, so that it can stand in for one. */
  readonly key: Uint8Array;
  /** The hash of a password by the one of its user, in hexadecimal. */
  readonly hashes: ReadonlyMap<string, Uint8Array>;
}

function hashAll(users: Readonly<Record<string, string>>): PasswordTable {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const hashes = new Map<string, Uint8Array>();
  for (const [username, password] of Object.entries(users)) {
    // What a client sends has been brought into it too.
    hashes.set(toHex(hmac(key, username.normalize("NFC"))), hmac(key, password.normalize("NFC")));
  }
  return { key, hashes };
}

function hmac(key: Uint8Array, text: string): Uint8Array {
  return nodeCrypto().createHmac("sha256", key).update(text, "utf8").digest();
}
