/** What reads forms with files: loaded with the first of them. */
import type { MultipartOptions } from "../../http/body/multipart.ts";
import type { Form, RequestBody } from "./request_body.ts";

/**
 * Reads a form.
 *
 * @throws {HTTPInputError} (400) If it is malformed, or over a limit.
 */
export type MultipartReader = (
  contentType: string,
  body: Uint8Array,
  options: MultipartOptions,
) => Form;

/**
 * Looks at a form, and gives what will read it.
 *
 * @param options The limits, and how fields are decoded.
 */
export type LookAhead = (
  contentType: string,
  body: Uint8Array,
  options: Pick<RequestBody, "limits" | "decode">,
) => Promise<MultipartReader>;

export { readMultipart } from "../../http/body/multipart.ts";

/** `undefined`, as nobody has to look at a form before somebody asks for its fields. */
export const lookAhead: LookAhead | undefined = undefined;
