/** The body of a request on its way out. */
import type { BodyWriter, HTTPRequest, RequestBody } from "./http_request.ts";

/** A piece of a body that has to be told about as it leaves. */
const PIECE = 64 * 1024;

/** A body as `fetch` takes it, and what went wrong while it was made. */
export interface OutgoingBody {
  /** What is sent. */
  readonly content: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** What the application's producer or stream has thrown: `fetch` keeps only its text. */
  readonly failure: () => { readonly error: unknown } | undefined;
}

/** Whether a body can be sent a second time. */
export function isRepeatable(body: RequestBody | null): boolean {
  return body === null || typeof body === "string" || body instanceof Uint8Array;
}

/**
 * Prepares the body of a request.
 *
 * @param onTaken Is called when the connection takes a first piece.
 * @returns `null` if the request has none.
 */
export function outgoingBody(request: HTTPRequest, onTaken: () => void): OutgoingBody | null {
  const { body, options: { bodyProducer, uploadProgress } } = request;
  if (bodyProducer !== undefined) return streamed(produced(bodyProducer), { request, onTaken });
  if (body === null) return null;
  if (typeof body === "string" || body instanceof Uint8Array) {
    if (uploadProgress !== undefined) return streamed(pieces(body), { request, onTaken });
    // The type asks for an ArrayBuffer beneath; what is shared is copied just the same.
    return { content: body as string | Uint8Array<ArrayBuffer>, failure: () => undefined };
  }
  return streamed(body, { request, onTaken });
}

function streamed(
  source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array>,
  { request, onTaken }: { readonly request: HTTPRequest; readonly onTaken: () => void },
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
        const chunk = typeof value === "string" ? new TextEncoder().encode(value) : value;
        // An empty chunk would end a body in chunked coding.
        controller.enqueue(chunk);
        sent += chunk.length;
        request.options.uploadProgress?.(sent, total);
      } catch (error) {
        failure = { error };
        controller.error(error);
      }
    },
    async cancel() {
      await chunks.return?.();
    },
  }, { highWaterMark: 0 });
  return { content, failure: () => failure };
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
async function* produced(
  producer: (write: BodyWriter) => void | PromiseLike<void>,
): AsyncGenerator<Uint8Array | string, void, void> {
  const channel = new TransformStream<Uint8Array | string, Uint8Array | string>(
    undefined,
    undefined,
    { highWaterMark: 0 },
  );
  const writer = channel.writable.getWriter();
  const producing = (async () => {
    await producer((chunk) => writer.write(chunk));
    await writer.close();
  })();
  producing.catch((error) => writer.abort(error).catch(() => {}));
  yield* channel.readable;
}
