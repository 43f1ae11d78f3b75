/** How a request of a client fails. */
import { HTTPError } from "../../web/http_error.ts";
import { BrokerError } from "../broker/broker_error.ts";

/** A request that is refused, as the client is told it. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  /** As the statuses of HTTP. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The code for a request that the broker could not serve: the client keeps it, and asks again. */
export const UNAVAILABLE = 503;

/**
 * What a client is told of an exception.
 *
 * @param report Receives what is a fault of the application's.
 */
export function requestErrorOf(error: unknown, report: (error: unknown) => void): RequestError {
  if (error instanceof RequestError) return error;
  if (error instanceof BrokerError) return new RequestError(UNAVAILABLE, "The broker is lost");
  if (error instanceof HTTPError && error.status >= 400 && error.status < 500) {
    return new RequestError(error.status, error.reason ?? "Refused");
  }
  report(error);
  return new RequestError(500, "Internal error");
}
