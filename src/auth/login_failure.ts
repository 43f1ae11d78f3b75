/** What the library and the client say of a failure, as the one exception that handlers see. */
import * as oauth from "oauth4webapi";
import { HTTPNoResponseError, HTTPTimeoutError } from "../client/client_error.ts";
import { excerpt } from "../http/excerpt.ts";
import { AuthError } from "./auth_error.ts";

/**
 * Runs a step of a log-in.
 *
 * What fails in it holds tokens and codes in its fields, so nothing of it is passed on but the text.
 *
 * @param action What is attempted, such as `"log in"`.
 * @throws {AuthError} Whatever the step threw.
 */
export async function attempt<T>(action: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw toAuthError(error, `Cannot ${action}`);
  }
}

function toAuthError(error: unknown, what: string): AuthError {
  if (error instanceof AuthError) return error;
  if (error instanceof oauth.AuthorizationResponseError) {
    return refused(what, Object.fromEntries(error.cause));
  }
  if (error instanceof oauth.ResponseBodyError) return refused(what, error.cause, error.status);
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    return new AuthError(`${what}: the provider refused the credentials (${error.status})`, {
      kind: "refused",
      providerStatus: error.status,
    });
  }
  if (error instanceof HTTPNoResponseError) return unreachable(what, error);
  return unsound(what, error);
}

function refused(
  what: string,
  said: { readonly [name: string]: unknown },
  providerStatus?: number,
): AuthError {
  const error = String(said.error);
  return new AuthError(`${what}: the provider answered ${excerpt(error)}`, {
    kind: "refused",
    error,
    errorDescription: textOf(said.error_description),
    errorUri: textOf(said.error_uri),
    providerStatus,
  });
}

function unreachable(what: string, error: HTTPNoResponseError): AuthError {
  const status = error instanceof HTTPTimeoutError ? 504 : 502;
  const message = `${what}: the provider gave no answer (${error.name}: ${error.message})`;
  return new AuthError(message, { kind: "unreachable", status });
}

/** The texts of the library are fixed ones. Those of others may quote what they choked on. */
function unsound(what: string, error: unknown): AuthError {
  const isKnown = error instanceof oauth.OperationProcessingError ||
    error instanceof oauth.UnsupportedOperationError;
  const { cause } = isKnown ? error : {};
  // GitHub sends its errors with the status 200.
  const body = isRecord(cause) && isRecord(cause.body) ? cause.body : {};
  if (typeof body.error === "string") return refused(what, body);
  const why = isKnown ? error.message : `what the provider sent is malformed (${nameOf(error)})`;
  return new AuthError(`${what}: ${why}`, {
    kind: "response",
    ...(cause instanceof Response ? { providerStatus: cause.status } : {}),
  });
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
