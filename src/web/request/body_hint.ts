/** What a body is that was taken for something else. */
import { isJson, mediaTypeOf } from "../../http/fields/content_type.ts";
import { excerpt } from "../../http/excerpt.ts";
import type { RequestBody } from "./request_body.ts";

const FORM_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data"];
const WHITE_SPACE = [0x20, 0x09, 0x0a, 0x0d];
/** White space that is skipped in front of JSON: nobody sends more. */
const MAX_INDENT = 100;

/**
 * Why a body gives no arguments, and how to read it: for logs.
 *
 * @returns `undefined` where there is no body, or where it is a form, as far as its start tells.
 */
export function bodyHint(body: RequestBody): string | undefined {
  if (body.isStreamed) return "the handler streams its body, so there is no form to read";
  if (body.bytes.length === 0) return undefined;
  const header = body.header("content-type");
  if (header !== null && isJson(mediaTypeOf(header))) {
    return "the body is JSON, read it with this.request.json()";
  }
  const named = header === null
    ? "it has no Content-Type"
    : `its Content-Type is ${excerpt(header)}`;
  if (looksLikeJson(body.bytes)) {
    return `the body looks like JSON, but ${named}: send it as application/json, or read it with ` +
      "this.request.json()";
  }
  return isForm(header) ? undefined : `the body is not a form, as ${named}`;
}

/**
 * Why a body is no JSON, and how to read it: for logs.
 *
 * @returns `undefined` where it is not sent as a form.
 */
export function formHint(body: RequestBody): string | undefined {
  const header = body.header("content-type");
  if (header === null || !isForm(header) || looksLikeJson(body.bytes)) return undefined;
  return "the body is a form, read it with this.getBodyArgument()";
}

function isForm(header: string | null): boolean {
  return header !== null && FORM_TYPES.includes(mediaTypeOf(header));
}

/** Whether an object or an array begins: a form never does so. */
function looksLikeJson(body: Uint8Array): boolean {
  const first = body.subarray(0, MAX_INDENT).find((byte) => !WHITE_SPACE.includes(byte));
  return first === 0x7b || first === 0x5b;
}
