/** The negotiation of a subprotocol (RFC 6455 §1.9). */
import { excerpt } from "../http/excerpt.ts";
import { isToken, trimWhitespace } from "../http/fields/field.ts";

/**
 * The subprotocols that a client offers, in its order of preference. What is not a token is left out.
 *
 * @param field The value of `Sec-WebSocket-Protocol`.
 */
export function parseSubprotocols(field: string | null): string[] {
  return field === null ? [] : field.split(",").map(trimWhitespace).filter(isToken);
}

/**
 * What was selected, if the client offered it.
 *
 * @throws {TypeError} If it did not: a browser would drop the connection (RFC 6455 §4.1).
 */
export function checkSelected(
  selected: string | null | undefined,
  offered: readonly string[],
): string | null {
  if (selected === null || selected === undefined || offered.includes(selected)) {
    return selected ?? null;
  }
  throw new TypeError(
    `Cannot select the subprotocol ${excerpt(String(selected))}: the client did not offer it`,
  );
}
