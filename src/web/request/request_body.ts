/** The body of a request. */
import {
  type BodyLimits,
  decodeBody,
  limitedStream,
  readBody,
} from "../../http/body/limited_body.ts";
import { parseContentType } from "../../http/fields/content_type.ts";
import { excerpt } from "../../http/excerpt.ts";
import { type FieldDecoder, type FieldSource, splitUrlEncoded } from "../../http/body/form.ts";
import { HTTPInputError } from "../../http/input_error.ts";
import { lingeringStream } from "../../http/body/lingering_stream.ts";
import { LazyFields } from "../../http/body/lazy_fields.ts";
import { type HTTPFile, readMultipart } from "../../http/body/multipart.ts";
import { decodeUtf8 } from "../../http/utf8_input.ts";
import { formHint } from "./body_hint.ts";
import type { IncomingRequest } from "./incoming_request.ts";
import type { FormLimits } from "./settings.ts";

/** What a form holds. */
export interface Form {
  readonly fields: FieldSource;
  readonly files: Record<string, HTTPFile[]>;
}

/** How long a body that was refused is read on. */
const LINGER_MS = 2_000;
const NO_BYTES: Uint8Array = new Uint8Array(0);

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
  streamed = false;

  readonly #request: IncomingRequest;
  readonly #onBroken: (cause: unknown) => void;
  #bytes: Uint8Array | undefined;
  #stream: ReadableStream<Uint8Array> | undefined;
  #form: Form | undefined;

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
    if (held !== null) {
      this.#checkSize(held.length);
      this.#bytes = held;
      this.arrived = true;
      return undefined;
    }
    this.#checkDeclaredLength();
    this.arrived = raw.body === null;
    if (raw.body === null) return undefined;
    return this.#open(raw.body, readBody).then((bytes) => {
      this.#bytes = bytes;
    });
  }

  /** The whole body, once it was read. Empty where there is none. */
  get bytes(): Uint8Array {
    if (this.#bytes !== undefined) return this.#bytes;
    if (this.streamed) {
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
    const source = this.#request.connection?.remoteAddr === undefined
      ? body
      : lingeringStream(body, { lingerMs: LINGER_MS });
    const limits = {
      maxSize: this.maxSize,
      timeout: this.#request.server.bodyTimeout,
      onEnd: () => this.arrived = true,
    };
    return encoding === null
      // While a body is on its way, the runtime's own signal says nothing of a client that leaves.
      ? read(source, { ...limits, onBroken: this.#onBroken })
      : read(decodeBody(source, encoding), limits);
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
      return JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
    } catch (cause) {
      const hint = formHint(this);
      throw new HTTPInputError(`Malformed JSON body${hint === undefined ? "" : `: ${hint}`}`, {
        cause,
      });
    }
  }

  /** The body as a form; without fields if it is none. */
  get form(): Form {
    return this.#form ??= this.#parseForm();
  }

  #parseForm(): Form {
    const header = this.streamed ? null : this.#request.header("content-type");
    const { type } = parseContentType(header ?? "");
    const urlEncoded = type === "application/x-www-form-urlencoded";
    if (header === null || !urlEncoded && type !== "multipart/form-data") return noForm();
    this.#checkDecoded();
    if (urlEncoded) return { ...noForm(), fields: this.parseFields(this.bytes) };
    const { maxArguments: _, ...limits } = this.limits ?? {};
    return readMultipart(header, this.bytes, { ...limits, decode: this.decode });
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
