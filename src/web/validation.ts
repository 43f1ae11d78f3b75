/** Checking input with validators that follow Standard Schema (https://standardschema.dev). */
import type { Fields } from "../http/form.ts";
import { isJson, parseContentType } from "../http/content_type.ts";
import { HTTPError } from "./http_error.ts";
import type { RequestHandler } from "./request_handler.ts";

/** Which part of a request is checked. */
export type ValidationSource = "body" | "query" | "path";

/** What is wrong with an input, and where. */
export interface ValidationIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where: the keys that lead there. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The part of Standard Schema v1 that is used here. */
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

/** What a validator gives: a value, or issues. */
export type ValidationResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly ValidationIssue[] };

/** Input that a validator refused: 400. */
export class ValidationError extends HTTPError {
  /** The name of the class. */
  override readonly name: string = "ValidationError";
  /** What was refused, and why. */
  readonly issues: readonly ValidationIssue[];

  /**
   * Makes the exception.
   *
   * @param issues What the validator found.
   */
  constructor(issues: readonly ValidationIssue[]) {
    super(400, { logMessage: `Invalid input: ${issues.map(describe).join("; ")}` });
    this.issues = issues;
  }
}

/** See `RequestHandler.validate`. */
export async function validate<T>(
  schema: StandardSchema<T>,
  handler: RequestHandler,
  source: ValidationSource,
): Promise<T> {
  const result = await schema["~standard"].validate(inputOf(handler, source));
  if (result.issues !== undefined) throw new ValidationError(result.issues);
  return result.value;
}

function inputOf(handler: RequestHandler, source: ValidationSource): unknown {
  const { request } = handler;
  if (source === "path") return { ...handler.pathKwargs };
  if (source === "query") return flatten(request.queryArguments);
  const type = request.header("content-type");
  return type !== null && isJson(parseContentType(type).type)
    ? request.json()
    : flatten(request.bodyArguments);
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

function describe(issue: ValidationIssue): string {
  const path = (issue.path ?? []).map((step) => String(typeof step === "object" ? step.key : step));
  return path.length === 0 ? issue.message : `${path.join(".")}: ${issue.message}`;
}
