/** The body of a request. */
import {
  type BodyLimits,
  decodeBody,
  limitedStream,
  lingeringReader,
  lingeringStream,
  readBody,
} from "../../http/body/limited_body.ts";
import { mediaTypeOf } from "../../http/fields/content_type.ts";
import { excerpt } from "../../http/excerpt.ts";
import {
  type FieldDecoder,
  type FieldSource,
  LazyFields,
  splitUrlEncoded,
} from "../../http/body/form.ts";
import {
  decodeUtf8,
  HTTPInputError,
  isNestedTooDeep,
  MOST_NESTED,
} from "../../http/input_error.ts";
import type { HTTPFile } from "../../http/body/multipart.ts";
import type { ConnectionInfo } from "../../platform/platform.ts";
import { formHint } from "./body_hint.ts";
import type { IncomingRequest } from "./incoming_request.ts";
import type { MultipartReader } from "./multipart_reader.ts";
import type { FormLimits } from "./settings.ts";

/** What a form holds. */
export interface Form {
  readonly fields: FieldSource;
  readonly files: Record<string, HTTPFile[]>;
}

/** How long a body that was refused is read on. */
const LINGER_MS = 2_000;
const NO_BYTES: Uint8Array = new Uint8Array(0);
const MULTIPART = "multipart/form-data";

/** What reads forms with files: loaded with the first of them. */
let multipart: typeof import("./multipart_reader.ts") | undefined;

/** Reads a body once, whole or as it arrives, within the limits of the server. */
export class RequestBody {
  /** Bytes that the body may have, decoded. */
  maxSize: number;
  /** Whether all of it has been read, or will never be. */
  arrived = false;
  /** How forms are read: their limits. */
  limits: FormLimits | undefined;
  /** How forms are read: the decoder of their text. */
  decode: FieldDecoder | undefined;

  /** Whether it is given in chunks, not read beforehand. */
  isStreamed = false;

  readonly #request: IncomingRequest;
  readonly #onBroken: (cause: unknown) => void;
  #bytes: Uint8Array | undefined;
  #stream: ReadableStream<Uint8Array> | undefined;
  #form: Form | undefined;
  /** What reads it as a form with files, where somebody has looked at it. */
  #reader: MultipartReader | undefined;
  /** The `Content-Type` field; `undefined` if it was not looked at yet. */
  #type: string | null | undefined;

  /** @param onBroken Is called with the reason when the client leaves before all of it was read. */
  constructor(request: IncomingRequest, onBroken: (cause: unknown) => void) {
    this.#request = request;
    this.#onBroken = onBroken;
    this.maxSize = request.server.maxBodySize;
  }

  /** Whether some of it is still on its way. */
  get receiving(): boolean {
    return !this.arrived && this.#request.raw.body !== null;
  }

  /** Reads a header field of its request. */
  header(name: string): string | null {
    return this.#request.header(name);
  }

  /**
   * Reads the whole body.
   *
   * @returns A promise where it is still on its way.
   */
  read(): Promise<void> | undefined {
    if (this.#bytes !== undefined) return undefined;
    const { raw, server } = this.#request;
    const held = this.#encoding === null ? server.platform.bufferedBody(raw) : null;
    if (isThere(held)) {
      this.#checkSize(held.length);
      this.#bytes = held;
      this.arrived = true;
      return this.#loadReader(held);
    }
    this.#checkDeclaredLength();
    const coming = this.#readWhole();
    this.arrived = coming === null;
    return coming?.then((bytes) => {
      this.#bytes = bytes;
      return this.#loadReader(bytes);
    });
  }

  /** `null` if there is no body. */
  #readWhole(): Promise<Uint8Array> | null {
    const { raw, server, connection } = this.#request;
    const isPlain = this.#encoding === null;
    const own = isPlain ? server.platform.bodyReader?.(raw) ?? null : null;
    if (isThere(own)) return readBody(own, this.#plainLimits);
    const { body } = raw;
    if (body === null) return null;
    if (!isPlain || !isRemote(connection)) return this.#open(body, readBody);
    this.checkTransferCoding();
    // What need not be a stream is none: that costs a lot.
    return readBody(lingeringReader(body.getReader(), { lingerMs: LINGER_MS }), this.#plainLimits);
  }

  /** A form is read when it is asked for, and then at once. */
  #loadReader(bytes: Uint8Array): Promise<void> | undefined {
    // JSON is told by its start, so that its content type need not be read.
    const isReady = multipart !== undefined && multipart.lookAhead === undefined;
    if (isReady || beginsJson(bytes)) return undefined;
    const type = this.#contentType ?? "";
    if (!/^[ \t]*multipart/i.test(type)) return undefined;
    return import("./multipart_reader.ts").then(async (loaded) => {
      multipart = loaded;
      this.#reader = await loaded.lookAhead?.(type, bytes, this);
    });
  }

  /** The whole body, once it was read. Empty where there is none. */
  get bytes(): Uint8Array {
    if (this.#bytes !== undefined) return this.#bytes;
    if (this.isStreamed) {
      throw new Error(
        "Cannot read request.body: the handler has streamRequestBody; use request.stream",
      );
    }
    return NO_BYTES;
  }

  /** The body as it arrives; of one that was read already, the whole of it. */
  get stream(): ReadableStream<Uint8Array> {
    return this.#stream ??= this.#openStream();
  }

  #openStream(): ReadableStream<Uint8Array> {
    const { body } = this.#request.raw;
    if (this.#bytes !== undefined || body === null) return streamOf(this.#bytes ?? NO_BYTES);
    this.#checkDeclaredLength();
    return this.#open(body, limitedStream);
  }

  #open<T>(
    body: ReadableStream<Uint8Array>,
    read: (body: ReadableStream<Uint8Array>, limits: BodyLimits) => T,
  ): T {
    this.checkTransferCoding();
    const encoding = this.#encoding;
    const source = !isRemote(this.#request.connection)
      ? body
      : lingeringStream(body, { lingerMs: LINGER_MS });
    return encoding === null
      ? read(source, this.#plainLimits)
      : read(decodeBody(source, encoding), this.#limits);
  }

  /** While a body is on its way, the runtime's own signal says nothing of a client that leaves. */
  get #plainLimits(): BodyLimits {
    return { ...this.#limits, onBroken: this.#onBroken };
  }

  get #limits(): BodyLimits {
    return {
      maxSize: this.maxSize,
      timeout: this.#request.server.bodyTimeout,
      onEnd: () => this.arrived = true,
    };
  }

  /** The content encoding that is to be undone, if any. */
  get #encoding(): string | null {
    return this.#request.server.decompressRequest ? this.#request.header("content-encoding") : null;
  }

  /**
   * A body may only come plain or chunked: anything else is read differently by proxies. A declared
   * length leaves no doubt, since the runtime refuses it together with a transfer coding.
   *
   * @throws {HTTPInputError} (400) If it comes in another transfer coding.
   */
  checkTransferCoding(): void {
    const coding = this.#request.header("transfer-encoding");
    if (coding === null || coding.toLowerCase() === "chunked") return;
    throw new HTTPInputError(`Unsupported Transfer-Encoding ${excerpt(coding)}`);
  }

  #checkDeclaredLength(): void {
    this.#checkSize(Number(this.#request.header("content-length") ?? 0));
  }

  #checkSize(size: number): void {
    if (size <= this.maxSize) return;
    throw new HTTPInputError(`Request body is larger than ${this.maxSize} bytes`, { status: 413 });
  }

  /** The body as JSON; see `HTTPServerRequest.json`. */
  json(): unknown {
    try {
      const text = decodeUtf8(this.bytes, "the JSON body");
      // A byte order mark may be ignored (RFC 8259 §8.1).
      if (!isNestedTooDeep(text)) {
        return JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
      }
    } catch (cause) {
      throw malformedJson(formHint(this), { cause });
    }
    throw malformedJson(`arrays and objects are nested more than ${MOST_NESTED} deep`);
  }

  /** The body as a form; without fields if it is none. */
  get form(): Form {
    return this.#form ??= this.#parseForm();
  }

  #parseForm(): Form {
    const header = this.isStreamed ? null : this.#contentType;
    const type = mediaTypeOf(header ?? "");
    const urlEncoded = type === "application/x-www-form-urlencoded";
    if (header === null || !urlEncoded && type !== MULTIPART) return noForm();
    this.#checkDecoded();
    if (urlEncoded) return { ...noForm(), fields: this.parseFields(this.bytes) };
    const { maxArguments: _, ...limits } = this.limits ?? {};
    const reader = this.#reader ?? multipart?.readMultipart;
    if (reader === undefined) throw noMultipart(this.bytes);
    return reader(header, this.bytes, { ...limits, decode: this.decode });
  }

  get #contentType(): string | null {
    return this.#type === undefined ? this.#type = this.header("content-type") : this.#type;
  }

  #checkDecoded(): void {
    const encoding = this.#request.header("content-encoding");
    if (encoding === null || this.#request.server.decompressRequest) return;
    throw new HTTPInputError(`Unsupported Content-Encoding: ${JSON.stringify(encoding)}`);
  }

  /** The fields of a query, or of a url-encoded form. */
  parseFields(source: string | Uint8Array): FieldSource {
    return splitUrlEncoded(source, {
      maxFields: this.limits?.maxArguments,
      decode: this.decode,
    });
  }
}

/** Whether the runtime holds a body, or reads it in a way of its own. */
function isThere<T>(given: T | null): given is T {
  return given !== null;
}

/** Whether a body comes over a connection that may be left with the rest of it under way. */
function isRemote(connection: ConnectionInfo | undefined): boolean {
  return connection?.remoteAddr !== undefined;
}

/** What is wrong with a body that the reader of such forms was not loaded for. */
function noMultipart(bytes: Uint8Array): HTTPInputError {
  const reason = bytes.length === 0
    ? "the final boundary is missing"
    : "the body does not start with the boundary";
  return new HTTPInputError(`Invalid ${MULTIPART}: ${reason}`);
}

/** Whether an object or an array begins, as no form does. */
function beginsJson(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7b || bytes[0] === 0x5b;
}

/** The form of a body that is none. */
function noForm(): Form {
  return { fields: new LazyFields<string>((text) => text), files: Object.create(null) };
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

function malformedJson(reason: string | undefined, options?: ErrorOptions): HTTPInputError {
  const message = "Malformed JSON body";
  return new HTTPInputError(reason === undefined ? message : `${message}: ${reason}`, options);
}
