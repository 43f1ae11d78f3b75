/**
 * What stands in the place of `multipart_reader.ts` in the package, for Workers: their runtime reads forms
 * with files itself, if it is given time.
 */
import { fieldLabel, LazyFields } from "../../http/body/form.ts";
import type { HTTPFile, MultipartOptions } from "../../http/body/multipart.ts";
import { malformed } from "../../http/body/multipart_error.ts";
import { HTTPInputError } from "../../http/input_error.ts";
import type { MultipartReader } from "./multipart_reader.ts";
import type { Form } from "./request_body.ts";

/** A part as the runtime gives it: text, or a file. */
type Part = readonly [name: string, value: string | HTTPFile];

// deno-lint-ignore no-control-regex -- what a header must not hold
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** None reads them at once. */
export const readMultipart: undefined = undefined;

/** Reads a form. What is wrong with it is an error for who asks for its fields. */
export async function lookAhead(contentType: string, body: Uint8Array): Promise<MultipartReader> {
  try {
    const parts = await partsOf(contentType, body);
    return (_contentType, body, options) => formOf(parts, body, options);
  } catch (error) {
    return () => {
      throw malformed(error instanceof Error ? error.message : String(error));
    };
  }
}

async function partsOf(contentType: string, body: Uint8Array): Promise<readonly Part[]> {
  const headers = { "content-type": contentType };
  const form = await new Response(body as Uint8Array<ArrayBuffer>, { headers }).formData();
  return await Promise.all(
    Array.from(form, async ([name, value]): Promise<Part> => {
      return [name, typeof value === "string" ? value : await fileOf(value)];
    }),
  );
}

async function fileOf(file: File): Promise<HTTPFile> {
  return {
    filename: file.name,
    contentType: file.type || "application/unknown",
    body: await file.bytes(),
  };
}

function formOf(
  parts: readonly Part[],
  body: Uint8Array,
  { maxParts = 100, decode }: MultipartOptions,
): Form {
  if (parts.length > maxParts) throw malformed(`the body has more than ${maxParts} parts`);
  const fields = new LazyFields<string>((text, name) => {
    checkUtf8(text, body, fieldLabel(name));
    return decode === undefined ? text : decode(new TextEncoder().encode(text), name);
  });
  const files: Record<string, HTTPFile[]> = Object.create(null);
  for (const [name, value] of parts) {
    checkName(name, body);
    if (typeof value === "string") {
      fields.add(() => name, value);
    } else {
      checkName(value.filename, body);
      (files[name] ??= []).push(value);
    }
  }
  return { fields, files };
}

function checkName(name: string, body: Uint8Array): void {
  if (CONTROL.test(name)) throw malformed("the name of a part contains a control character");
  checkUtf8(name, body, "the headers of a multipart part");
}

/** The runtime puts U+FFFD in the place of what is not UTF-8: so it must have been sent. */
function checkUtf8(text: string, body: Uint8Array, what: string): void {
  if (!text.includes("\ufffd")) return;
  // In this encoding each byte is a character.
  const bytes = new TextDecoder("latin1");
  if (bytes.decode(body).includes(bytes.decode(new TextEncoder().encode(text)))) return;
  throw new HTTPInputError(`Invalid unicode in ${what}`);
}
