/** Responses that the library did not make itself. */
import { shown } from "../../checks/shown.ts";
import { RESET_CONTENT } from "../http_error.ts";
import { hasUnsafeFieldValue } from "../../http/fields/field.ts";

/**
 * Checks a `Response` that comes from a method, a middleware or a mounted application.
 *
 * A control character in a header value would end the process (see CONTRIBUTING.md), and the web's
 * `Headers` lets it through.
 *
 * @param wayOut What to add where there is no response.
 * @throws {TypeError} If it cannot be sent.
 */
export function checkForeignResponse(
  response: unknown,
  wayOut = "",
): asserts response is Response {
  checkIsResponse(response, wayOut);
  const unsafe = hasUnsafeFieldValue(response.headers);
  if (unsafe !== null) {
    throw new TypeError(
      `Cannot send the Response: its header ${JSON.stringify(unsafe)} has a control character`,
    );
  }
}

/** Why a 101 that answers no upgrade cannot be sent. */
export function noUpgrade(): TypeError {
  return new TypeError(
    "Cannot send a Response of status 101: the request was not upgraded; use a WebSocketHandler",
  );
}

/**
 * Checks what can be told without reading the header fields.
 *
 * @param wayOut What to add where there is no response.
 * @throws {TypeError} If it cannot be sent.
 */
export function checkIsResponse(response: unknown, wayOut = ""): asserts response is Response {
  if (!(response instanceof Response)) {
    // The text itself may be a whole page.
    const given = typeof response === "string" ? "a string" : shown(response);
    throw new TypeError(`Cannot send ${given}: expected a Response${wayOut}`);
  }
  // Bun calls a 101 an error, too.
  if (response.type === "error" && response.status !== 101) {
    throw new TypeError("Cannot send Response.error()");
  }
  if (response.status === 205) {
    throw new TypeError(`Cannot send a Response of status 205: ${RESET_CONTENT}`);
  }
  if (response.bodyUsed) throw new TypeError("Cannot send a Response whose body was used");
}
