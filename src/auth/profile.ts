/** Who a user is, where there is no ID token to say it. */
import { AuthError } from "./auth_error.ts";

/**
 * What a provider says of a user.
 *
 * @category Log-in
 */
export interface Profile {
  /** What the provider knows the user by: it stays the same, and is never given to anyone else. */
  readonly id: string | number;
  /** Anything else. */
  readonly [field: string]: unknown;
}

/**
 * Checks that an answer says who the user is.
 *
 * @param provider The provider's name, for the error.
 * @throws {AuthError} If it does not.
 */
export function profileOf(answer: unknown, provider: string): Profile {
  if (isProfile(answer)) return answer;
  throw new AuthError(`Cannot log in: ${provider} did not say who the user is`, {
    kind: "response",
  });
}

function isProfile(answer: unknown): answer is Profile {
  if (typeof answer !== "object" || answer === null || !("id" in answer)) return false;
  return typeof answer.id === "number" || typeof answer.id === "string" && answer.id !== "";
}
