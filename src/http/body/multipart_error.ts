import { HTTPInputError } from "../input_error.ts";

/** The error for a body that breaks the rules of `multipart/form-data`. */
export function malformed(reason: string): HTTPInputError {
  return new HTTPInputError(`Invalid multipart/form-data: ${reason}`);
}
