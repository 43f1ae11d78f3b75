/** Forms whose files are too large to hold. */
import { reportRejection } from "../../concurrent/coroutine/promise_like.ts";
import { ByteWindow } from "../../http/body/byte_window.ts";
import type { Fields } from "../../http/body/form.ts";
import {
  multipartBoundary,
  type MultipartEvent,
  MultipartParser,
} from "../../http/body/multipart.ts";
import type { MultipartPart } from "../../http/body/multipart_part.ts";
import { excerpt } from "../../http/excerpt.ts";
import { HTTPInputError } from "../../http/input_error.ts";
import { logApplicationError } from "../../log.ts";
import { HTTPError } from "../http_error.ts";
import { formLimits } from "../request/settings.ts";
import { served } from "../request/served_request.ts";
import type { RequestHandler } from "../request_handler.ts";
import { decodeText } from "../request/arguments.ts";
import { checkSink, type UploadOptions, type UploadRules, uploadRules } from "./upload_options.ts";
import { directorySink, isDiskFull, type UploadHead, type UploadSink } from "./upload_sink.ts";

/**
 * A file that has arrived.
 *
 * @category Requests and responses
 */
export interface ReceivedFile extends UploadHead {
  /** Its bytes. */
  readonly size: number;
  /** Where it is: what the sink says; `null` if it says nothing. */
  readonly path: string | null;
}

/**
 * A form that has arrived.
 *
 * @category Requests and responses
 */
export interface ReceivedForm {
  /** The fields that are no files, in an object without a prototype. */
  readonly fields: Readonly<Fields>;
  /** The files, in the order in which they came. They are the application's to keep or remove. */
  readonly files: readonly ReceivedFile[];
}

/**
 * Receives a `multipart/form-data` body, and hands the content of its files on as it arrives, at the
 * pace at which it is taken. What is held is a piece of it, and the fields that are no files.
 *
 * If the form does not come to its end, nothing of it stays: because the client leaves, it is
 * malformed (400), larger than allowed (413) or too slow (408), or a sink fails. A disk that is full is
 * answered with 507.
 *
 * The handler must have `streamRequestBody`, and no `dataReceived`. The form is not read before
 * `checkXsrfCookie`: with `xsrfCookies` the token has to come in a header, or in the query.
 *
 * @param handler The handler that the form was sent to.
 * @param options Where the files go, and how much there may be.
 * @returns The form, when all of it has arrived.
 * @throws {HTTPInputError} The promise rejects if the body is malformed (400), too large (413) or too
 *   slow (408).
 * @throws {HTTPError} (507) The promise rejects if there is no space left.
 * @throws {TypeError} The promise rejects if an option is unknown or ill-typed.
 *
 * @example
 * ```ts
 * import { Application, receiveUploads, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const directory = await Deno.makeTempDir();
 *
 * class Upload extends RequestHandler {
 *   static override readonly streamRequestBody = true;
 *
 *   override async post() {
 *     const { fields, files } = await receiveUploads(this, { directory, maxFileSize: 1024 ** 3 });
 *     this.write({ title: fields["title"], sizes: files.map(({ size }) => size) });
 *   }
 * }
 *
 * const app = new Application([["/upload", Upload]]);
 * const body = new FormData();
 * body.set("title", "Storm");
 * body.set("film", new File(["x".repeat(100_000)], "storm.mp4"));
 * const response = await app.fetch(new Request("http://localhost/upload", { method: "POST", body }));
 * assertEquals(await response.json(), { title: ["Storm"], sizes: [100_000] });
 * ```
 *
 * @category Requests and responses
 */
export async function receiveUploads(
  handler: RequestHandler,
  options: UploadOptions,
): Promise<ReceivedForm> {
  const rules = uploadRules(options, directorySink);
  const request = served(handler.request);
  if (!request.streamed) {
    throw new Error(
      `Cannot receiveUploads() in ${handler.constructor.name}: its body is held already; write ` +
        "static override readonly streamRequestBody = true",
    );
  }
  if (options.maxTotalSize !== undefined) request.setMaxBodySize(options.maxTotalSize);
  const receiver = new UploadReceiver(handler, rules);
  const progress = new Progress(handler, options.onProgress);
  try {
    for await (const chunk of request.stream) {
      // Who has been given up need not send the rest.
      if (request.disconnected) throw request.signal.reason;
      await receiver.take(chunk);
      progress.add(chunk.length);
    }
    return receiver.finish();
  } catch (error) {
    await receiver.discard(error);
    throw isDiskFull(error) ? noSpace(error) : error;
  }
}

function noSpace(cause: unknown): HTTPError {
  return new HTTPError(507, { logMessage: "There is no space left for an upload", cause });
}

/** Tells how far the body is. */
class Progress {
  readonly #report: UploadOptions["onProgress"];
  readonly #total: number | null;
  #received = 0;

  constructor({ request }: RequestHandler, report: UploadOptions["onProgress"]) {
    this.#report = report;
    const length = request.header("content-length");
    const isPlain = request.header("content-encoding") === null;
    this.#total = length === null || !isPlain ? null : Number(length);
  }

  add(bytes: number): void {
    this.#received += bytes;
    const result: unknown = this.#report?.(this.#received, this.#total);
    reportRejection(result, (error) => {
      logApplicationError("Exception in onProgress of receiveUploads()", error);
    });
  }
}

/** A file on its way. */
interface OpenFile {
  readonly head: UploadHead;
  readonly sink: UploadSink;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  size: number;
}

/** A field on its way. */
interface OpenField {
  readonly name: string;
  readonly content: ByteWindow;
}

/** Puts the parts of a form where they belong. */
class UploadReceiver {
  readonly #handler: RequestHandler;
  readonly #rules: UploadRules;
  readonly #parser: MultipartParser;
  readonly #maxFields: number;
  readonly #fields: Fields = Object.create(null);
  readonly #files: ReceivedFile[] = [];
  readonly #sinks: UploadSink[] = [];
  #file: OpenFile | null = null;
  #field: OpenField | null = null;
  #fieldCount = 0;
  #fieldsSize = 0;

  constructor(handler: RequestHandler, rules: UploadRules) {
    const limits = formLimits(handler.settings);
    const boundary = multipartBoundary(handler.request.header("content-type") ?? "");
    this.#handler = handler;
    this.#rules = rules;
    this.#maxFields = limits.maxArguments ?? MAX_FIELDS;
    this.#parser = new MultipartParser(boundary, limits);
  }

  /** Takes a piece of the body. The next one waits until the sinks have it. */
  async take(chunk: Uint8Array): Promise<void> {
    for (const event of this.#parser.push(chunk)) await this.#handle(event);
  }

  /** All has come. */
  finish(): ReceivedForm {
    this.#parser.finish();
    return { fields: this.#fields, files: this.#files };
  }

  /** Takes all back. It never fails: what cannot be taken back is logged. */
  async discard(reason: unknown): Promise<void> {
    // An aborted writer may reject with the error that is on its way already.
    await this.#file?.writer.abort(reason).catch(() => {});
    for (const sink of this.#sinks) {
      try {
        await sink.discard?.();
      } catch (error) {
        logApplicationError("Cannot discard an upload that has failed", error);
      }
    }
  }

  async #handle(event: MultipartEvent): Promise<void> {
    switch (event.type) {
      case "part":
        return await this.#begin(event.part);
      case "data":
        return this.#file === null ? this.#hold(event.data) : await this.#write(event.data);
      case "partEnd":
        return await this.#end();
    }
  }

  async #begin({ name, filename, contentType }: MultipartPart): Promise<void> {
    if (filename === null) return this.#beginField(name);
    const { maxFiles, sink: makeSink } = this.#rules;
    if (this.#sinks.length >= maxFiles) {
      throw new HTTPInputError(`The form has more than ${maxFiles} files`);
    }
    const head = { name, filename, contentType: contentType ?? "application/unknown" };
    const sink: unknown = await makeSink(head);
    checkSink(sink);
    this.#sinks.push(sink);
    const writer = sink.writable.getWriter();
    // Its errors come out of the writes.
    writer.closed.catch(() => {});
    this.#file = { head, sink, writer, size: 0 };
  }

  #beginField(name: string): void {
    if (++this.#fieldCount > this.#maxFields) {
      throw new HTTPInputError(`The form has more than ${this.#maxFields} fields`);
    }
    this.#field = { name, content: new ByteWindow() };
  }

  #hold(data: Uint8Array): void {
    this.#fieldsSize += data.length;
    const { maxFieldsSize } = this.#rules;
    if (this.#fieldsSize > maxFieldsSize) {
      throw new HTTPInputError(`The fields of the form are larger than ${maxFieldsSize} bytes`, {
        status: 413,
      });
    }
    this.#field?.content.append(data);
  }

  async #write(data: Uint8Array): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    file.size += data.length;
    const { maxFileSize } = this.#rules;
    if (file.size > maxFileSize) {
      const name = excerpt(file.head.filename);
      throw new HTTPInputError(`The file ${name} is larger than ${maxFileSize} bytes`, {
        status: 413,
      });
    }
    await file.writer.write(data);
  }

  async #end(): Promise<void> {
    const { head, sink, writer, size } = this.#file ?? {};
    if (head !== undefined && size !== undefined) {
      await writer?.close();
      this.#files.push({ ...head, size, path: sink?.path ?? null });
    } else if (this.#field !== null) {
      const { name, content } = this.#field;
      (this.#fields[name] ??= []).push(decodeText(this.#handler, content.bytes, name));
    }
    this.#file = null;
    this.#field = null;
  }
}

/** As for forms that are held. */
const MAX_FIELDS = 1_000;
