/** What a test's client sends: a form, JSON, files, or a body of its own. */

/**
 * A value of a form: text, a number, a list of them.
 *
 * @category Testing
 */
export type FormValue = string | number | boolean | readonly (string | number | boolean)[];

/**
 * The content of a request, in one way of four.
 *
 * @category Testing
 */
export interface RequestContent {
  /** Fields of a form, sent as `application/x-www-form-urlencoded`; with `files`, as `multipart/form-data`. */
  readonly form?: Readonly<Record<string, FormValue>>;
  /** Files of a form by their field, or lists of them. Text and bytes get the name of the field. */
  readonly files?: Readonly<Record<string, FileContent | readonly FileContent[]>>;
  /** Anything that can be JSON. */
  readonly json?: unknown;
  /** A body as `fetch` takes it. */
  readonly body?: BodyInit;
}

/**
 * A file of a form.
 *
 * @category Testing
 */
export type FileContent = Blob | string | Uint8Array;

/** A body, and the content type that goes with it where the runtime does not know. */
export interface Encoded {
  /** The body; `null` for none. */
  readonly body: BodyInit | null;
  /** The content type. */
  readonly type?: string;
  /** Its length in bytes, where it is known. */
  readonly length?: number;
}

/**
 * Writes the content of a request.
 *
 * @param extra Further fields of its form.
 * @throws {TypeError} If there are two contents, or JSON that cannot be.
 */
export function encodeContent(
  content: RequestContent,
  extra: Readonly<Record<string, string>> = {},
): Encoded {
  const { form, files, json, body } = content;
  const ways = [form ?? files, json, body].filter((way) => way !== undefined);
  if (ways.length > 1) {
    throw new TypeError(
      'Cannot send two contents: give one of "form" with "files", "json", "body"',
    );
  }
  if (files !== undefined) return { body: multipart({ ...form, ...extra }, files) };
  if (form !== undefined) {
    const type = "application/x-www-form-urlencoded";
    return withLength(String(new URLSearchParams(pairs({ ...form, ...extra }))), type);
  }
  if (json !== undefined) return withLength(toJson(json), "application/json");
  return { body: body ?? null };
}

/** Whether the content is a form that takes further fields. */
export function isForm({ form, files }: RequestContent): boolean {
  return form !== undefined || files !== undefined;
}

function withLength(text: string, type: string): Encoded {
  const body = new TextEncoder().encode(text);
  return { body, type, length: body.length };
}

function toJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text !== undefined) return text;
  throw new TypeError(`Cannot send ${typeof value} as JSON: there is no text for it`);
}

function pairs(form: Readonly<Record<string, FormValue>>): string[][] {
  return Object.entries(form).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => [name, String(each)])
  );
}

function multipart(
  form: Readonly<Record<string, FormValue>>,
  files: NonNullable<RequestContent["files"]>,
): FormData {
  const data = new FormData();
  for (const [name = "", value = ""] of pairs(form)) data.append(name, value);
  for (const [name, content] of Object.entries(files)) {
    const list: readonly FileContent[] = isList(content) ? content : [content];
    for (const file of list) data.append(name, toFile(file, name));
  }
  return data;
}

function isList(
  content: FileContent | readonly FileContent[],
): content is readonly FileContent[] {
  return Array.isArray(content);
}

function toFile(content: FileContent, name: string): File {
  if (content instanceof File) return content;
  if (content instanceof Blob) return new File([content], name, { type: content.type });
  return new File([typeof content === "string" ? content : new Uint8Array(content)], name);
}
