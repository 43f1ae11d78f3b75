import { ByteSearcher } from "./byte_searcher.ts";
import { ByteWindow } from "./byte_window.ts";
import { parseContentType } from "../fields/content_type.ts";
import { excerpt } from "../excerpt.ts";
import {
  checkLimit,
  type FieldDecoder,
  fieldLabel,
  type Fields,
  type FieldSource,
  LazyFields,
} from "./form.ts";
import { malformed } from "./multipart_error.ts";
import { type MultipartPart, parsePart } from "./multipart_part.ts";
import { decodeUtf8 } from "../input_error.ts";

/**
 * A file that was uploaded in a form. Tornado's `httputil.HTTPFile`.
 *
 * @category Requests and responses
 */
export interface HTTPFile {
  /** The name that the client gave. It may hold slashes and dots: never use it as a path. */
  readonly filename: string;
  /** The media type that the client gave, or `application/unknown`. Nobody has checked it. */
  readonly contentType: string;
  /** The content: a view of the request's body, not a copy. */
  readonly body: Uint8Array;
}

/** How much a `multipart/form-data` body may hold. */
export interface MultipartLimits {
  /** The largest number of parts. Default 100. */
  readonly maxParts?: number | undefined;
  /** The largest size of the headers of one part, in bytes. Default 10 KiB. */
  readonly maxPartHeaderBytes?: number | undefined;
}

/** Options of {@linkcode parseMultipart}. */
export interface MultipartOptions extends MultipartLimits {
  /** Turns the bytes of a field into text. Default: strict UTF-8. */
  readonly decode?: FieldDecoder | undefined;
}

/** What a {@linkcode MultipartParser} reports. */
export type MultipartEvent =
  /** A part begins. */
  | { readonly type: "part"; readonly part: MultipartPart }
  /** Some of the part's content. A part without content has no such event. */
  | { readonly type: "data"; readonly data: Uint8Array }
  /** The part is complete. */
  | { readonly type: "partEnd" }
  /** The body is complete; what follows is ignored. */
  | { readonly type: "end" };

const MAX_BOUNDARY = 70;
const BOUNDARY = /^[!-~](?:[ -~]*[!-~])?$/;
const CR = 0x0d;
const CRLF = [CR, 0x0a];
const DASHES = [0x2d, 0x2d];
const UNKNOWN = "application/unknown";
const EMPTY_LINE = [CR, 0x0a, CR, 0x0a];

/**
 * Reads the boundary from the `Content-Type` of a `multipart/form-data` body.
 *
 * @throws {HTTPInputError} (400) If the type is another, or the boundary is missing, longer than 70
 * characters or not printable ASCII (RFC 2046 §5.1.1).
 */
export function multipartBoundary(contentType: string): string {
  const { type, parameters } = parseContentType(contentType);
  const { boundary } = parameters;
  if (type !== "multipart/form-data") throw malformed(`the content type is ${excerpt(type)}`);
  if (!boundary) throw malformed("the boundary is missing");
  if (boundary.length > MAX_BOUNDARY) {
    throw malformed(`the boundary is longer than ${MAX_BOUNDARY} characters`);
  }
  if (!BOUNDARY.test(boundary)) throw malformed("the boundary is not printable ASCII");
  return boundary;
}

/**
 * Reads a whole `multipart/form-data` body (RFC 7578). Tornado's
 * `httputil.parse_multipart_form_data`; the rules are those of {@linkcode MultipartParser}.
 *
 * @param contentType The `Content-Type` of the request, with the boundary.
 * @param body The body.
 * @param options The limits, and how fields are decoded.
 * @returns The fields and the files by name, in objects without a prototype.
 * @throws {HTTPInputError} (400) If the body is malformed, over a limit, or a field is not UTF-8.
 */
export function parseMultipart(
  contentType: string,
  body: Uint8Array,
  options: MultipartOptions = {},
): { fields: Fields; files: Record<string, HTTPFile[]> } {
  const { fields, files } = readMultipart(contentType, body, options);
  return { fields: fields.all, files };
}

/**
 * As {@linkcode parseMultipart}, but a field is decoded when it is asked for.
 *
 * @param contentType The `Content-Type` of the request, with the boundary.
 * @param body The body.
 * @param options The limits, and how fields are decoded.
 * @throws {HTTPInputError} (400) If the body is malformed or over a limit.
 */
export function readMultipart(
  contentType: string,
  body: Uint8Array,
  options: MultipartOptions = {},
): { fields: FieldSource; files: Record<string, HTTPFile[]> } {
  const { decode = (bytes, name) => decodeUtf8(bytes, fieldLabel(name)), ...limits } = options;
  const parser = new MultipartParser(multipartBoundary(contentType), limits);
  const fields = new LazyFields<Uint8Array>(decode);
  const files: Record<string, HTTPFile[]> = Object.create(null);
  for (const { part, content } of wholeParts(parser.push(body))) {
    const { name, filename, contentType } = part;
    if (filename === null) fields.add(() => name, content);
    else {(files[name] ??= []).push({
        filename,
        contentType: contentType ?? UNKNOWN,
        body: content,
      });}
  }
  parser.finish();
  return { fields, files };
}

/**
 * Reads `multipart/form-data` as it comes, without any input or output of its own: push chunks,
 * get events.
 *
 * It is strict where parsers are known to disagree. Lines end with CR LF and nothing else; a
 * delimiter is CR LF, two dashes and the boundary, directly followed by CR LF or two dashes, and
 * anything like it is content. Nothing but one CR LF may precede the first delimiter; what follows
 * the last is ignored. It is linear, however the body is cut into chunks.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const parser = new MultipartParser("b");
 * const body = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n';
 * const events = [...parser.push(new TextEncoder().encode(body))];
 * parser.finish();
 * assertEquals(events.map((event) => event.type), ["part", "data", "partEnd", "end"]);
 * ```
 */
export class MultipartParser {
  readonly #delimiter: Uint8Array;
  readonly #searcher: ByteSearcher;
  readonly #maxParts: number;
  readonly #maxPartHeaderBytes: number;
  readonly #window: ByteWindow = new ByteWindow();
  #state: "start" | "headers" | "content" | "end" = "start";
  #parts = 0;
  /** How many bytes in front of the window are not content, but may begin a delimiter. */
  #lead = 0;
  /** Up to where the window was searched for the end of the headers. */
  #searched = 0;

  /**
   * Starts a body.
   *
   * @param boundary The boundary, as {@linkcode multipartBoundary} gives it.
   * @param limits How much to read.
   * @throws {TypeError} If a limit is no number.
   */
  constructor(boundary: string, limits: MultipartLimits = {}) {
    const { maxParts = 100, maxPartHeaderBytes = 10 * 1024 } = limits;
    checkLimit("maxParts", maxParts);
    checkLimit("maxPartHeaderBytes", maxPartHeaderBytes);
    this.#delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
    this.#searcher = new ByteSearcher(this.#delimiter);
    this.#maxParts = maxParts;
    this.#maxPartHeaderBytes = maxPartHeaderBytes;
  }

  /**
   * Reads the next bytes of the body. What is left unfinished is kept, never more than the headers
   * of one part or a delimiter.
   *
   * @param chunk The bytes. Views of them are handed out, so they must not be changed afterwards.
   * @returns What they bring, in order. The content of a part that lies within one chunk comes in one
   * event.
   * @throws {HTTPInputError} (400) If the body is malformed or over a limit; the parser is of no use
   * afterwards.
   */
  push(chunk: Uint8Array): MultipartEvent[] {
    const events: MultipartEvent[] = [];
    this.#window.append(chunk);
    while (this.#step(events));
    return events;
  }

  /**
   * Ends the body.
   *
   * @throws {HTTPInputError} (400) If the last delimiter has not come.
   */
  finish(): void {
    if (this.#state !== "end") throw malformed("the final boundary is missing");
  }

  /** Does one thing, and tells whether there may be another to do with the bytes at hand. */
  #step(events: MultipartEvent[]): boolean {
    switch (this.#state) {
      case "start":
        return this.#readStart(events);
      case "headers":
        return this.#readHeaders(events);
      case "content":
        return this.#readContent(events);
      case "end":
        this.#window.consume(this.#window.bytes.length);
        return false;
    }
  }

  #readStart(events: MultipartEvent[]): boolean {
    const { bytes } = this.#window;
    if (bytes.length === 0) return false;
    const delimiter = this.#delimiter.subarray(bytes[0] === CRLF[0] ? 0 : 2);
    if (bytes.length < delimiter.length + 2) return false;
    if (!startsWith(bytes, delimiter, 0) || !this.#passDelimiter(delimiter.length, events)) {
      throw malformed("the body does not start with the boundary");
    }
    return true;
  }

  #readHeaders(events: MultipartEvent[]): boolean {
    const { bytes } = this.#window;
    const limit = this.#maxPartHeaderBytes;
    const end = indexOfEmptyLine(bytes, this.#searched);
    if (end > limit || (end === -1 && bytes.length - 3 > limit)) {
      throw malformed(`the headers of a part are larger than ${limit} bytes`);
    }
    if (startsWith(bytes, CRLF, 0)) throw malformed("a part has no headers");
    if (end === -1) {
      this.#searched = Math.max(0, bytes.length - 3);
      return false;
    }
    events.push({ type: "part", part: parsePart(bytes.subarray(0, end)) });
    // The empty line stays, as it may be the line end that a delimiter begins with.
    this.#window.consume(end + 2);
    this.#lead = 2;
    this.#state = "content";
    return true;
  }

  #readContent(events: MultipartEvent[]): boolean {
    const { bytes } = this.#window;
    let found = this.#searcher.search(bytes, 0);
    while (found !== -1 && found + this.#delimiter.length + 2 <= bytes.length) {
      const end = found + this.#delimiter.length;
      if (isDelimiterEnd(bytes, end)) {
        this.#passContent(found, events);
        events.push({ type: "partEnd" });
        return this.#passDelimiter(this.#delimiter.length, events);
      }
      found = this.#searcher.search(bytes, found + 1);
    }
    this.#passContent(found === -1 ? this.#possibleDelimiter() : found, events);
    return false;
  }

  /** Where in the window a delimiter may begin whose end has not come. */
  #possibleDelimiter(): number {
    const { bytes } = this.#window;
    const index = bytes.indexOf(CR, Math.max(0, bytes.length - this.#delimiter.length + 1));
    return index === -1 ? bytes.length : index;
  }

  #passContent(end: number, events: MultipartEvent[]): void {
    const { bytes } = this.#window;
    if (end > this.#lead) events.push({ type: "data", data: bytes.subarray(this.#lead, end) });
    this.#window.consume(end);
    this.#lead = Math.max(0, this.#lead - end);
  }

  /** Goes on behind a delimiter of so many bytes, if it is one. */
  #passDelimiter(length: number, events: MultipartEvent[]): boolean {
    const { bytes } = this.#window;
    if (startsWith(bytes, DASHES, length)) {
      this.#state = "end";
      events.push({ type: "end" });
    } else if (startsWith(bytes, CRLF, length)) {
      this.#beginPart();
    } else {
      return false;
    }
    this.#window.consume(length + 2);
    return true;
  }

  #beginPart(): void {
    if (++this.#parts > this.#maxParts) {
      throw malformed(`the body has more than ${this.#maxParts} parts`);
    }
    this.#state = "headers";
    this.#searched = 0;
  }
}

interface WholePart {
  readonly part: MultipartPart;
  readonly content: Uint8Array;
}

/** Puts parts together from the events of a body that was pushed in one piece. */
function wholeParts(events: readonly MultipartEvent[]): WholePart[] {
  const parts: WholePart[] = [];
  let content: Uint8Array = new Uint8Array(0);
  let part: MultipartPart | null = null;
  for (const event of events) {
    if (event.type === "part") {
      part = event.part;
      content = new Uint8Array(0);
    } else if (event.type === "data") {
      content = event.data;
    } else if (part !== null) {
      parts.push({ part, content });
      part = null;
    }
  }
  return parts;
}

function indexOfEmptyLine(bytes: Uint8Array, from: number): number {
  let index = bytes.indexOf(CR, from);
  while (index !== -1 && !startsWith(bytes, EMPTY_LINE, index)) {
    index = bytes.indexOf(CR, index + 1);
  }
  return index;
}

function isDelimiterEnd(bytes: Uint8Array, index: number): boolean {
  return startsWith(bytes, CRLF, index) || startsWith(bytes, DASHES, index);
}

function startsWith(bytes: Uint8Array, prefix: ArrayLike<number>, from: number): boolean {
  for (let index = 0; index < prefix.length; index++) {
    if (bytes[from + index] !== prefix[index]) return false;
  }
  return true;
}
