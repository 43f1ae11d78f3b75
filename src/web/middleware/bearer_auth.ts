/** Tokens of programs, in place of passwords of people. */
import { isPromiseLike } from "../../concurrent/coroutine/promise_like.ts";
import {
  type BearerProblem,
  formatBearerChallenge,
  isScope,
  parseBearerToken,
} from "../../http/fields/bearer_credentials.ts";
import { nodeCrypto } from "../../platform/node_builtins.ts";
import {
  checkOptions,
  FUNCTION,
  OBJECT,
  type OptionType,
  STRING,
} from "../../checks/option_check.ts";
import { shown } from "../../checks/shown.ts";
import { type Middleware, type Next, setsSafeFields } from "./middleware.ts";
import type { RequestContext } from "./request_context.ts";
import { refuse } from "./served_context.ts";

/**
 * Decides on a token: `false` or `null` refuses, any object is the user, and `true` lets in without
 * telling who it is. It throws an {@linkcode InsufficientScopeError} for a token that is good, but not
 * for this request.
 *
 * @category Middleware
 */
export type BearerAuthVerifier = (
  token: string,
  context: RequestContext,
) => boolean | object | null | Promise<boolean | object | null>;

/**
 * Who is let in. Either `tokens` or `verify`.
 *
 * @category Middleware
 */
export interface BearerAuthOptions {
  /** Tokens by user: for few that are known when the program starts, from its secrets. */
  readonly tokens?: Readonly<Record<string, string>>;
  /**
   * Decides by itself, such as by the signature of the token, or by its hash in a database. What it is
   * compared with should be a hash, or the time tells how much of a guess is right.
   */
  readonly verify?: BearerAuthVerifier;
  /** What the challenge calls the place. Default `"Restricted"`. */
  readonly realm?: string;
}

/**
 * A token is good, but does not allow what is asked for: 403 (RFC 6750 §3.1). For `verify` of
 * {@linkcode bearerAuth} to throw.
 *
 * @example
 * ```ts
 * import { Application, bearerAuth, InsufficientScopeError } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const readers = new Set(["a-token-of-a-reader"]);
 * const app = new Application([], {
 *   middleware: [
 *     bearerAuth({
 *       verify(token, { raw }) {
 *         if (raw.method !== "GET") throw new InsufficientScopeError("write");
 *         return readers.has(token);
 *       },
 *     }),
 *   ],
 * });
 * const headers = { Authorization: "Bearer a-token-of-a-reader" };
 * const response = await app.fetch(
 *   new Request("http://localhost/", { method: "DELETE", headers }),
 * );
 * assertEquals(response.status, 403);
 * ```
 *
 * @category Middleware
 */
export class InsufficientScopeError extends Error {
  /** The name of the class. */
  override readonly name = "InsufficientScopeError";
  /** The scopes that are needed, with spaces between them; `undefined` if the client is not told. */
  readonly scope: string | undefined;

  /**
   * Makes the exception, to be thrown.
   *
   * @param scope The scopes that are needed, with spaces between them. The client is told.
   * @throws {TypeError} If that is no list of scopes.
   */
  constructor(scope?: string) {
    if (scope !== undefined && !isScope(scope)) {
      throw new TypeError(
        `Cannot ask for the scope ${shown(scope)}: expected words with single spaces between them`,
      );
    }
    super(`Insufficient scope${scope === undefined ? "" : `: ${scope} is needed`}`);
    this.scope = scope;
  }
}

const OPTIONS: Readonly<Record<keyof BearerAuthOptions, OptionType>> = {
  // Checked by itself, as the message about an option repeats its value.
  tokens: { name: "tokens", test: () => true },
  verify: FUNCTION,
  realm: {
    name: "printable text in ASCII",
    test: (value) => typeof value === "string" && /^[ -~]*$/.test(value),
  },
};

const MALFORMED: BearerProblem = {
  error: "invalid_request",
  description: "The token is malformed",
};
const INVALID: BearerProblem = {
  error: "invalid_token",
  description: "The token is unknown, expired or revoked",
};

/**
 * Asks for a bearer token (RFC 6750), and answers 401 without a right one, 400 to a malformed one, and
 * 403 to one that does not suffice. `WWW-Authenticate` says which.
 *
 * Who was let in is `context.user`, and `this.currentUser` of handlers, unless they override
 * `getCurrentUser`. Nothing of a token is logged. Tokens in a query or a form are not looked at: they
 * would stand in the logs of every proxy. Tokens are found by a hash with a key that nobody knows, in
 * a time that tells nothing of them.
 *
 * Whoever sees a token can use it: send it over https only.
 *
 * @throws {TypeError} If an option is unknown or ill-typed, or there is not one of `tokens` and
 *   `verify`.
 *
 * @example
 * ```ts
 * import { Application, bearerAuth, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Deploys extends RequestHandler {
 *   override get() {
 *     this.write(`Hello, ${this.currentUser}`);
 *   }
 * }
 *
 * const app = new Application([["/", Deploys]], {
 *   middleware: [bearerAuth({ tokens: { robot: "mF_9.B5f-4.1JqM" } })],
 * });
 * const headers = { Authorization: "Bearer mF_9.B5f-4.1JqM" };
 * const response = await app.fetch(new Request("http://localhost/", { headers }));
 * assertEquals(await response.text(), "Hello, robot");
 * assertEquals((await app.fetch(new Request("http://localhost/"))).status, 401);
 * ```
 *
 * @category Middleware
 */
export function bearerAuth(options: BearerAuthOptions): Middleware {
  checkOptions(options, OPTIONS, "option of bearerAuth()");
  const { tokens, verify, realm = "Restricted" } = options;
  if (tokens !== undefined) checkTokens(tokens);
  if ((tokens === undefined) === (verify === undefined)) {
    throw new TypeError('Cannot make bearerAuth(): set "tokens" or "verify", one of them');
  }
  const find = verify ?? tokenTable(tokens ?? {});
  const gate = new Gate(realm);
  return setsSafeFields((_request, next, context) => {
    const credentials = parseBearerToken(context.header("authorization"));
    if (credentials === null) return gate.refuse(context, null);
    if (credentials === "malformed") return gate.refuse(context, MALFORMED);
    try {
      const user = find(credentials.token, context);
      // Not only of a promise: taken for the user, what can be awaited would let everybody in.
      if (!isPromiseLike(user)) return gate.admit(user, next, context);
      return Promise.resolve(user).then(
        (user) => gate.admit(user, next, context),
        (error) => gate.fail(error, context),
      );
    } catch (error) {
      return gate.fail(error, context);
    }
  });
}

/** What becomes of a request. */
class Gate {
  readonly #realm: string;

  constructor(realm: string) {
    this.#realm = realm;
  }

  /** Anything that is neither `true` nor an object refuses, such as the 0 of a careless `verify`. */
  admit(user: unknown, next: Next, context: RequestContext): Response | Promise<Response> {
    const isAdmitted = user === true || typeof user === "object" && user !== null;
    if (!isAdmitted) return this.refuse(context, INVALID, whyNot(user));
    context.user = user instanceof Named ? user.name : user;
    return next();
  }

  refuse(
    context: RequestContext,
    problem: BearerProblem | null,
    why: string = problem?.description ?? "No bearer token was sent",
  ): Response | Promise<Response> {
    const headers = { "WWW-Authenticate": formatBearerChallenge(this.#realm, problem) };
    return refuse(context, STATUSES[problem?.error ?? "invalid_token"], { why, headers });
  }

  fail(error: unknown, context: RequestContext): Response | Promise<Response> {
    if (!(error instanceof InsufficientScopeError)) throw error;
    const description = "The token does not allow this";
    return this.refuse(context, {
      error: "insufficient_scope",
      description,
      scope: error.scope,
    });
  }
}

/** Who has forgotten a `return`, or returns a name, would search for long. */
function whyNot(user: unknown): string {
  return user === false || user === null
    ? "bearerAuth() knows no such token"
    : `"verify" of bearerAuth() gave ${kindOf(user)}: expected an object, true, false or null`;
}

function kindOf(value: unknown): string {
  return value === undefined ? "undefined" : `a ${typeof value}`;
}

/** RFC 6750 §3.1. */
const STATUSES = { invalid_request: 400, invalid_token: 401, insufficient_scope: 403 } as const;

/** Errors show nothing of the tokens. */
function checkTokens(tokens: unknown): void {
  const isTable = OBJECT.test(tokens) && !Array.isArray(tokens);
  const values: unknown[] = isTable ? Object.values(Object(tokens)) : [];
  if (!isTable || !values.every(STRING.test)) {
    throw new TypeError(
      'Cannot use "tokens" of bearerAuth(): expected an object of tokens by user',
    );
  }
  if (values.every((token) => parseBearerToken(`Bearer ${token}`) !== "malformed")) return;
  throw new TypeError(
    'Cannot use "tokens" of bearerAuth(): a token has letters, digits and - . _ ~ + / only, ' +
      "and perhaps = at its end (RFC 6750 §2.1)",
  );
}

/** A user of the table: a name may not be taken for what an application's `verify` gives. */
class Named {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Looks for hashes that nobody can compute beforehand: what they have in common tells nothing. */
function tokenTable(tokens: Readonly<Record<string, string>>): BearerAuthVerifier {
  let key: Uint8Array | undefined;
  const users = new Map<string, Named>();
  return (token) => {
    if (key === undefined) {
      key = crypto.getRandomValues(new Uint8Array(32));
      for (const [name, each] of Object.entries(tokens)) {
        users.set(hmac(key, each), new Named(name));
      }
    }
    return users.get(hmac(key, token)) ?? null;
  };
}

function hmac(key: Uint8Array, text: string): string {
  return nodeCrypto().createHmac("sha256", key).update(text, "utf8").digest("hex");
}
