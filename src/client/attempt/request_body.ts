/** The body of a request on its way out. */
import { generalLog, logApplicationError } from "../../log.ts";
import type { BodyWriter, HTTPRequest, RequestBody } from "../http_request.ts";

/** A piece of a body that has to be told about as it leaves. */
const PIECE = 64 * 1024;

/** A body as `fetch` takes it, and what went wrong while it was made. */
export interface OutgoingBody {
  /** What is sent. */
  readonly content: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** What the application's producer or stream has thrown: `fetch` keeps only its text. */
  readonly failure: () => { readonly error: unknown } | undefined;
}

/** Who is told about a body on its way. */
export interface BodyHooks {
  /** Is called when the connection takes a first piece. */
  readonly onTaken: () => void;
  /** Looks at what a callback has returned, which may be a promise. */
  readonly watch: (result: unknown) => void;
}

/** Whether a body can be sent a second time. */
export function isRepeatable(body: RequestBody | null): boolean {
  return body === null || typeof body === "string" || body instanceof Uint8Array;
}

/**
 * Prepares the body of a request.
 *
 * @param hooks Who is told about it.
 * @returns `null` if the request has none.
 */
export function outgoingBody(request: HTTPRequest, hooks: BodyHooks): OutgoingBody | null {
  const { body, options: { bodyProducer, uploadProgress } } = request;
  if (bodyProducer !== undefined) return streamed(produced(bodyProducer), request, hooks);
  if (body === null) return null;
  if (typeof body === "string" || body instanceof Uint8Array) {
    if (uploadProgress !== undefined) return streamed(pieces(body), request, hooks);
    // The type asks for an ArrayBuffer beneath; what is shared is copied just the same.
    return { content: body as string | Uint8Array<ArrayBuffer>, failure: () => undefined };
  }
  return streamed(body, request, hooks);
}

function streamed(
  source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array>,
  request: HTTPRequest,
  { onTaken, watch }: BodyHooks,
): OutgoingBody {
  let failure: { readonly error: unknown } | undefined;
  let sent = 0;
  const total = totalOf(request.body);
  const chunks = Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
  const content = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next();
        if (sent > 0 || done) onTaken();
        if (done === true) return controller.close();
        const chunk = toBytes(value);
        // An empty chunk would end a body in chunked coding.
        controller.enqueue(chunk);
        sent += chunk.length;
        watch(request.options.uploadProgress?.(sent, total));
      } catch (error) {
        failure = { error };
        controller.error(error);
      }
    },
    async cancel() {
      try {
        await chunks.return?.();
      } catch (error) {
        logApplicationError("Exception in the body of a request that nobody needs any more", error);
      }
    },
  }, { highWaterMark: 0 });
  return { content, failure: () => failure };
}

function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === "string") return new TextEncoder().encode(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError(
    `Cannot send ${typeof chunk} as a piece of a body: it must be a string or a Uint8Array`,
  );
}

function totalOf(body: RequestBody | null): number | null {
  if (typeof body === "string") return new TextEncoder().encode(body).length;
  return body instanceof Uint8Array ? body.length : null;
}

function* pieces(body: string | Uint8Array): Generator<Uint8Array, void, void> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  for (let start = 0; start < bytes.length; start += PIECE) {
    yield bytes.subarray(start, start + PIECE);
  }
}

/** Turns a producer that writes into a source that is read: `write` settles when its chunk is taken. */
function produced(
  producer: (write: BodyWriter) => void | PromiseLike<void>,
): AsyncIterable<Uint8Array | string> {
  const channel = new TransformStream<Uint8Array | string, Uint8Array | string>(
    undefined,
    undefined,
    { highWaterMark: 0 },
  );
  const writer = channel.writable.getWriter();
  void produce(producer, writer);
  return { [Symbol.asyncIterator]: () => chunksOf(channel.readable.getReader()) };
}

async function produce(
  producer: (write: BodyWriter) => void | PromiseLike<void>,
  writer: WritableStreamDefaultWriter<Uint8Array | string>,
): Promise<void> {
  let hasReturned = false;
  const write: BodyWriter = (chunk) => {
    const written = hasReturned ? Promise.reject(tooLate()) : writer.write(chunk);
    // Who does not await it would end the process; it fails with the whole body anyway.
    written.catch(ignore);
    return written;
  };
  try {
    await producer(write);
    hasReturned = true;
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(ignore);
  }
}

/** Unlike a generator, it can be ended while its next piece is waited for. */
function chunksOf(
  reader: ReadableStreamDefaultReader<Uint8Array | string>,
): AsyncIterator<Uint8Array | string> {
  return {
    next: () => reader.read() as Promise<IteratorResult<Uint8Array | string>>,
    async return() {
      await reader.cancel(new Error("Cannot write to the body: the request is over"));
      return { done: true, value: undefined };
    },
  };
}

function tooLate(): Error {
  const message = "Cannot write to the body: its producer has returned; await every write() in it";
  generalLog()?.warn(message);
  return new Error(message);
}

function ignore(): void {}
