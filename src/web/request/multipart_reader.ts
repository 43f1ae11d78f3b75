/** What reads forms with files: loaded with the first of them. */
import { readMultipart } from "../../http/body/multipart.ts";
import type { MultipartOptions } from "../../http/body/multipart.ts";
import type { Form } from "./request_body.ts";

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

/** Reads any form; `undefined` where each has to be looked at before somebody asks for its fields. */
export const multipartReader: MultipartReader | undefined = readMultipart;

/** Looks at a form, and gives what will read it. */
export function lookAhead(
  _contentType: string,
  _body: Uint8Array,
): MultipartReader | Promise<MultipartReader> {
  return readMultipart;
}
