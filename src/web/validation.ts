/** Checking input with validators that follow Standard Schema (https://standardschema.dev). */
import { shown } from "../checks/shown.ts";
import type { Fields } from "../http/body/form.ts";
import { isJson, mediaTypeOf } from "../http/fields/content_type.ts";
import { bodyHint } from "./request/body_hint.ts";
import { HTTPError } from "./http_error.ts";
import type { HTTPServerRequest } from "./request/http_server_request.ts";
import { served } from "./request/served_request.ts";
import type { RequestHandler } from "./request_handler.ts";

/**
 * Which part of a request is checked.
 *
 * @category Requests and responses
 */
export type ValidationSource = "body" | "query" | "path";

/**
 * What is wrong with an input, and where.
 *
 * @category Requests and responses
 */
export interface ValidationIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where: the keys that lead there. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * The part of Standard Schema v1 that is used here.
 *
 * @category Requests and responses
 */
export interface StandardSchema<T> {
  /** The validator's entrance. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
    ) => ValidationResult<T> | Promise<ValidationResult<T>>;
  };
}

/**
 * What a validator gives: a value, or issues.
 *
 * @category Requests and responses
 */
export type ValidationResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly ValidationIssue[] };

/** Issues in one line of the log. */
const MAX_LOGGED = 20;

/**
 * How a {@linkcode ValidationError} is answered and logged.
 *
 * @category Requests and responses
 */
export interface ValidationErrorOptions {
  /** The status of the response: 400 unless given. */
  readonly status?: 400 | 422;
  /** What was given to the validator: what its messages quote of it is left out. */
  readonly input?: unknown;
  /** What the log says of the way out. */
  readonly hint?: string | undefined;
}

/**
 * Input that a validator refused: 400.
 *
 * Clients see the issues, without the values that were refused: in JSON, as `{ status, reason,
 * issues: [{ message, path }] }`, if their `Accept` prefers `application/json` to HTML, or if they
 * sent JSON and have no preference, else as a list on the error page. A `writeError` of your own
 * finds them in `error.issues`.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler, ValidationError } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Order extends RequestHandler {
 *   override post() {
 *     const hats = Number(this.getBodyArgument("hats"));
 *     if (!Number.isInteger(hats)) {
 *       throw new ValidationError([{ message: "Say how many", path: ["hats"] }], { status: 422 });
 *     }
 *     this.write(`${hats} hats`);
 *   }
 * }
 *
 * const app = new Application([["/", Order]]);
 * const response = await app.fetch(
 *   new Request("http://localhost/", {
 *     method: "POST",
 *     headers: { Accept: "application/json" },
 *     body: new URLSearchParams({ hats: "some" }),
 *   }),
 * );
 * assertEquals(await response.json(), {
 *   status: 422,
 *   reason: "Unprocessable Entity",
 *   issues: [{ message: "Say how many", path: ["hats"] }],
 * });
 * ```
 *
 * @category Requests and responses
 */
export class ValidationError extends HTTPError {
  /** The name of the class. */
  override readonly name: string = "ValidationError";
  /** What was refused, and why. */
  readonly issues: readonly InputIssue[];

  /**
   * Makes the exception.
   *
   * @param issues What the validator found.
   * @param options The status, and what the log says.
   */
  constructor(issues: readonly ValidationIssue[], options: ValidationErrorOptions = {}) {
    const { status = 400, input, hint } = options;
    const plain = issues.map((issue) => inputIssue(issue, input));
    super(status, { logMessage: `Invalid input: ${summary(plain)}${hint ? `; ${hint}` : ""}` });
    this.issues = plain;
  }
}

function summary(issues: readonly InputIssue[]): string {
  const more = issues.length > MAX_LOGGED ? `; ${issues.length - MAX_LOGGED} more` : "";
  return issues.slice(0, MAX_LOGGED).map(describeIssue).join("; ") + more;
}

/** See `RequestHandler.validate`. */
export async function validate<T>(
  schema: StandardSchema<T>,
  handler: RequestHandler,
  source: ValidationSource,
): Promise<T> {
  checkSchema(schema);
  const input = inputOf(handler, source);
  const result = await schema["~standard"].validate(input);
  if (result.issues === undefined) return result.value;
  const sentJson = source !== "body" || isJsonRequest(handler.request);
  const hint = sentJson ? undefined : bodyHint(served(handler.request).content);
  throw new ValidationError(result.issues, { input, hint });
}

function checkSchema(schema: unknown): void {
  const standard: unknown = Object(schema)["~standard"];
  if (typeof Object(standard).validate === "function") return;
  throw new TypeError(
    `Cannot validate by ${shown(schema)}: expected a schema of Zod, Valibot, ArkType or another ` +
      "validator that follows Standard Schema",
  );
}

function inputOf(handler: RequestHandler, source: ValidationSource): unknown {
  const { request } = handler;
  if (source === "path") return { ...handler.pathKwargs };
  if (source === "query") return flatten(request.queryArguments);
  return isJsonRequest(request) ? request.json() : flatten(request.bodyArguments);
}

function isJsonRequest(request: HTTPServerRequest): boolean {
  const type = request.header("content-type");
  return type !== null && isJson(mediaTypeOf(type));
}

/** A field that came once is its value; one that came several times is an array. */
function flatten(fields: Readonly<Fields>): Record<string, string | string[]> {
  const input: Record<string, string | string[]> = Object.create(null);
  for (const name in fields) {
    const values = fields[name] ?? [];
    const [only] = values;
    input[name] = values.length === 1 && only !== undefined ? only : values;
  }
  return input;
}

/**
 * What is wrong with an input, and where, in a form that can be shown and sent.
 *
 * @category Requests and responses
 */
export interface InputIssue {
  /** What is wrong. What the validator quotes of the rejected value is replaced by `…`. */
  readonly message: string;
  /** The keys that lead there; `[]` for the input as a whole. */
  readonly path: readonly (string | number)[];
}

/** The part of an issue of Standard Schema that is used here. */
export interface FoundIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

const MAX_MESSAGE = 500;
/** A word of fewer letters is no secret, and would be found in every message. */
const SHORTEST_WORD = 4;

/**
 * Keeps of an issue what may be shown: validators quote the value, or carry it along.
 *
 * @param issue What the validator found.
 * @param input What it was given; `undefined` where that is not known.
 */
export function inputIssue(issue: FoundIssue, input: unknown): InputIssue {
  const path = (issue.path ?? []).map((step) =>
    plainKey(typeof step === "object" ? step.key : step)
  );
  const message = withoutValue(String(issue.message), valueAt(input, path));
  return { message: message.slice(0, MAX_MESSAGE), path };
}

/** An issue on one line: `name: too short`. */
export function describeIssue({ message, path }: InputIssue): string {
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}

function plainKey(key: PropertyKey): string | number {
  return typeof key === "symbol" ? String(key) : key;
}

function valueAt(input: unknown, path: readonly (string | number)[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return value;
}

function withoutValue(message: string, value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint") {
    return withoutLast(message, String(value));
  }
  if (typeof value !== "string" || value === "") return message;
  const [json, bare] = [JSON.stringify(value), value];
  const quoted = [json, `"${bare}"`, `'${bare}'`, `\`${bare}\``]
    .reduce((text, quote) => text.replaceAll(quote, '"…"'), message);
  return value.length < SHORTEST_WORD ? quoted : withoutLast(quoted, value);
}

/** Only the last: before it stands what was expected, which may be the same. */
function withoutLast(message: string, value: string): string {
  const at = message.lastIndexOf(value);
  if (at === -1) return message;
  const end = at + value.length;
  const within = isWord(message[at - 1]) && isWord(value[0]) ||
    isWord(message[end]) && isWord(value.at(-1));
  return within ? message : `${message.slice(0, at)}…${message.slice(end)}`;
}

function isWord(character = ""): boolean {
  return /[\p{L}\p{N}_]/u.test(character);
}
