/**
 * What stands in the place of `multipart_reader.ts` in the package, for Workers: their runtime reads forms
 * with files itself, if it is given time.
 */
import { type FieldDecoder, fieldLabel, LazyFields } from "../../http/body/form.ts";
import type { HTTPFile } from "../../http/body/multipart.ts";
import { malformed } from "../../http/body/multipart_error.ts";
import { HTTPInputError } from "../../http/input_error.ts";
import type { LookAhead, MultipartReader } from "./multipart_reader.ts";
import type { Form } from "./request_body.ts";

// deno-lint-ignore no-control-regex -- what a header must not hold
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** None reads them at once. */
export const readMultipart: undefined = undefined;

/** Reads a form. What is wrong with it is an error for who asks for its fields. */
export async function lookAhead(...given: Parameters<LookAhead>): Promise<MultipartReader> {
  try {
    const form = await formOf(...given);
    return () => form;
  } catch (error) {
    return () => {
      throw error instanceof HTTPInputError ? error : malformed(messageOf(error));
    };
  }
}

async function formOf(...[contentType, body, options]: Parameters<LookAhead>): Promise<Form> {
  const { limits: { maxParts = 100 } = {}, decode } = options;
  const form = new RuntimeForm(body, decode);
  const headers = { "content-type": contentType };
  const response = new Response(body as Uint8Array<ArrayBuffer>, { headers });
  let parts = 0;
  for (const [name, value] of await response.formData()) {
    if (++parts > maxParts) throw malformed(`the body has more than ${maxParts} parts`);
    await form.add(name, value);
  }
  return form;
}

/** A form of parts as the runtime gives them. */
class RuntimeForm implements Form {
  readonly fields: LazyFields<string>;
  readonly files: Record<string, HTTPFile[]> = Object.create(null);
  readonly #body: Uint8Array;
  #hasMarks: boolean | undefined;

  constructor(body: Uint8Array, decode: FieldDecoder | undefined) {
    this.#body = body;
    this.fields = new LazyFields<string>((text, name) => {
      this.#checkUtf8(text, fieldLabel(name));
      return decode === undefined ? text : decode(new TextEncoder().encode(text), name);
    });
  }

  /** Adds a part. */
  async add(name: string, value: string | File): Promise<void> {
    this.#checkName(name);
    if (typeof value === "string") {
      this.fields.add(() => name, value);
      return;
    }
    this.#checkName(value.name);
    (this.files[name] ??= []).push({
      filename: value.name,
      contentType: value.type || "application/unknown",
      body: await value.bytes(),
    });
  }

  #checkName(name: string): void {
    if (CONTROL.test(name)) throw malformed("the name of a part contains a control character");
    this.#checkUtf8(name, "the headers of a multipart part");
  }

  /** The runtime puts U+FFFD in the place of what is not UTF-8: so it must have been sent. */
  #checkUtf8(text: string, what: string): void {
    if (!text.includes("\ufffd") || (this.#hasMarks ??= holdsMark(this.#body))) return;
    throw new HTTPInputError(`Invalid unicode in ${what}`);
  }
}

/** Whether there is a U+FFFD in UTF-8. */
function holdsMark(bytes: Uint8Array): boolean {
  for (let i = 2; i < bytes.length; i++) {
    if (bytes[i] === 0xbd && bytes[i - 1] === 0xbf && bytes[i - 2] === 0xef) return true;
  }
  return false;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
