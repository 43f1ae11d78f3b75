/** The errors of JSON-RPC 2.0 (§5.1). */

/** The codes that the specification defines. */
export const RPCErrorCode = {
  /** The text is not JSON. */
  parse: -32700,
  /** The JSON is no request. */
  invalidRequest: -32600,
  /** There is no such method. */
  methodNotFound: -32601,
  /** The parameters do not fit the method. */
  invalidParams: -32602,
  /** The method failed. */
  internal: -32603,
} as const;

/**
 * An error that the other side is told of. Thrown by a method, its code, message and data go to the
 * client; a rejected {@linkcode JSONRPCHandler.call} has those that came from the client.
 *
 * The codes from -32768 to -32000 belong to the specification: -32602 says that parameters are wrong,
 * and any number outside of that range may have a meaning of the application's own.
 *
 * @example
 * ```ts
 * import { JSONRPCError } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new JSONRPCError(404, "No such room", { room: "attic" });
 * assertEquals([error.code, error.message, error.data], [404, "No such room", { room: "attic" }]);
 * ```
 *
 * @category WebSockets and event streams
 */
export class JSONRPCError extends Error {
  /** Always `"JSONRPCError"`. */
  override readonly name = "JSONRPCError";
  /** The kind of error, a whole number. */
  readonly code: number;
  /** More about it, as JSON; `undefined` if there is none. */
  readonly data: unknown;

  /**
   * Makes the error.
   *
   * @param code A whole number.
   * @param message One sentence. The client sees it.
   * @param data What else the client is told: anything that is JSON.
   * @throws {RangeError} If the code is no whole number.
   */
  constructor(code: number, message: string, data?: unknown) {
    super(message);
    if (!Number.isSafeInteger(code)) {
      throw new RangeError(`Cannot use ${code} as the code of a JSONRPCError: use a whole number`);
    }
    this.code = code;
    this.data = data;
  }
}

/** The error of a request that is not one. */
export function invalidRequest(data?: string): JSONRPCError {
  return new JSONRPCError(RPCErrorCode.invalidRequest, "Invalid Request", data);
}

/** The error of parameters that do not fit. */
export function invalidParams(data: string): JSONRPCError {
  return new JSONRPCError(RPCErrorCode.invalidParams, "Invalid params", data);
}
