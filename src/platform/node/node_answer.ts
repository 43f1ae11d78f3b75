/** A web `Response`, sent over `node:http`. */
import type { Buffer } from "node:buffer";
import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from "node:http";
import { isArriving, isUnread } from "./node_body.ts";
import { type Field, NodeResponse } from "./node_response.ts";
import { noteAnswered } from "./response_queue.ts";

/** The response that is to be sent, and where. */
export interface Answering {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Is told what goes wrong; gives what is sent then, if it is not too late. */
  readonly onError: (error: unknown) => Response;
  readonly isClosing: () => boolean;
  /** Connections of which only the end is waited for, and what ends them. */
  readonly lingering: Set<() => void>;
}

interface BufferGlobal {
  readonly Buffer: typeof Buffer;
}

/**
 * Sends a response; what goes wrong is answered as well. Whether a body has come together with the head
 * of its request is told a turn of the loop later.
 */
export function answer(response: Response, answering: Answering): void {
  if (isArriving(answering.incoming)) setImmediate(() => answerNow(response, answering));
  else answerNow(response, answering);
}

function answerNow(response: Response, answering: Answering): void {
  try {
    const sending = send(response, answering);
    if (sending === undefined) return settle(answering);
    sending.catch((error) => answerError(error, answering)).finally(() => settle(answering));
  } catch (error) {
    answerError(error, answering).finally(() => settle(answering));
  }
}

async function answerError(error: unknown, answering: Answering): Promise<void> {
  const { outgoing, onError } = answering;
  if (outgoing.destroyed && !outgoing.headersSent) return;
  const page = onError(error);
  // What was sent before leaves, for which Node 24 waits; and the client sees that the rest is missing.
  if (outgoing.headersSent) {
    return void setImmediate(() => answering.incoming.socket.destroySoon());
  }
  try {
    await send(page, answering);
  } catch {
    outgoing.destroy();
  }
}

/** What has no stream is sent at once. */
function send(response: Response, answering: Answering): Promise<void> | undefined {
  const { incoming, outgoing, isClosing } = answering;
  if (isClosing()) outgoing.shouldKeepAlive = false;
  if (response instanceof NodeResponse && incoming.method !== "HEAD") {
    const text = response.unreadText;
    const { fields } = response;
    if (text !== undefined && !hasLength(fields)) return sendText(text, fields, outgoing);
  }
  const { body } = response;
  if (body !== null && incoming.method !== "HEAD") return pour(body, outgoing, response);
  body?.cancel().catch(() => {});
  const isEmpty = incoming.method !== "HEAD" && response.status !== 204 && response.status !== 304;
  writeHead(outgoing, response, isEmpty ? 0 : undefined);
  outgoing.end();
  return undefined;
}

/** A length that somebody has declared is looked at when the body is poured. */
function hasLength(fields: readonly Field[]): boolean {
  return fields.some(([name]) => name === "content-length");
}

/** As one string with the head, it leaves in one piece. */
function sendText(text: string, given: Field[], outgoing: ServerResponse): undefined {
  const { Buffer } = globalThis as unknown as BufferGlobal;
  const fields = given.length === 1 ? given : given.filter(([name]) => !FRAMING.has(name));
  fields.push(["content-length", String(Buffer.byteLength(text))]);
  writeFields(outgoing, 200, fields);
  outgoing.end(text);
}

/** What says where a response ends, which `node:http` sees to: beside a length it would be told twice. */
const FRAMING: ReadonlySet<string> = new Set(["transfer-encoding", "trailer"]);

function writeHead(outgoing: ServerResponse, response: Response, length?: number): void {
  const fields = [...response.headers].filter(([name]) => !FRAMING.has(name));
  if (length !== undefined && !response.headers.has("content-length")) {
    fields.push(["content-length", String(length)]);
  }
  // The status of an upgrade that is none.
  writeFields(outgoing, response.status === 101 ? 500 : response.status, fields);
}

/** What `node:http` keeps at a response: whether it ends the connection behind it, at once. */
interface LastResponse extends ServerResponse {
  _last: boolean;
}

function writeFields(outgoing: ServerResponse, status: number, fields: Field[]): void {
  const { req } = outgoing;
  // The client is told that this one is the last, but ends the connection itself if it can: see `linger`.
  const lingers = req.httpVersionMinor > 0 && isUnread(req);
  if (lingers) outgoing.shouldKeepAlive = false;
  outgoing.writeHead(status, fields as unknown as OutgoingHttpHeader[]);
  if (lingers) (outgoing as LastResponse)._last = false;
}

async function pour(
  body: ReadableStream<Uint8Array>,
  outgoing: ServerResponse,
  response: Response,
): Promise<void> {
  const reader = body.getReader();
  const onClose = () => void reader.cancel(new Error("The client has left")).catch(() => {});
  outgoing.once("close", onClose);
  if (outgoing.destroyed) onClose();
  try {
    await pourFrom(reader, outgoing, response);
  } catch (error) {
    if (!outgoing.destroyed) throw error;
  } finally {
    outgoing.off("close", onClose);
  }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function pourFrom(reader: Reader, outgoing: ServerResponse, response: Response) {
  // The head must not wait for the first piece of a stream, but leaves together with one that is there.
  const timer = setImmediate(() => {
    if (outgoing.headersSent) return;
    try {
      writeHead(outgoing, response);
      outgoing.flushHeaders();
    } catch {
      // It is written once more, where somebody waits.
    }
  });
  try {
    const first = await piece(reader);
    let next: Promise<Uint8Array | undefined> | undefined;
    if (!outgoing.headersSent) {
      next = piece(reader);
      next.catch(() => {});
      const isWhole = first === undefined || await isOver(next);
      if (!outgoing.headersSent) {
        writeHead(outgoing, response, isWhole ? first?.length ?? 0 : undefined);
      }
    }
    clearImmediate(timer);
    let left = declaredLength(response);
    for (let chunk = first; chunk !== undefined && !outgoing.destroyed;) {
      // What is longer than it says would be taken for the next response.
      if (chunk.length > left) {
        outgoing.end(chunk.subarray(0, left));
        return void reader.cancel().catch(() => {});
      }
      left -= chunk.length;
      if (!outgoing.write(chunk)) await drained(outgoing);
      chunk = await (next ?? piece(reader));
      next = undefined;
    }
    if (left > 0 && left !== Infinity && !outgoing.destroyed) {
      throw new RangeError("Cannot send a body that is shorter than its Content-Length");
    }
    if (!outgoing.destroyed) outgoing.end();
  } finally {
    clearImmediate(timer);
  }
}

function declaredLength({ headers }: Response): number {
  const field = headers.get("content-length");
  return field === null ? Infinity : Number(field);
}

/** Whether nothing more comes, as far as that shows at once: a body that was there as a whole. */
async function isOver(next: Promise<Uint8Array | undefined>): Promise<boolean> {
  let over = false;
  next.then((chunk) => over = chunk === undefined, () => {});
  for (let i = 0; i < LOOKS && !over; i++) await undefined;
  return over;
}

/** Turns of the microtasks that the end of a body takes, which differ between runtimes. */
const LOOKS = 8;

async function piece(reader: Reader): Promise<Uint8Array | undefined> {
  const { done, value } = await reader.read();
  if (done) return undefined;
  if (!(value instanceof Uint8Array)) throw new TypeError("Cannot send a piece that is no bytes");
  return value;
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      outgoing.off("drain", end).off("close", end);
      resolve();
    };
    outgoing.on("drain", end).on("close", end);
    if (outgoing.destroyed) end();
  });
}

/** Milliseconds for which a client may go on to send that has its answer: it reads that only then. */
const LINGER = 2_000;

/** A client that still sends when it has its answer does not get another on this connection. */
function settle({ incoming, outgoing, isClosing, lingering }: Answering): void {
  const end = () => {
    const arrives = isArriving(incoming);
    if (arrives) tellOfEnd(incoming);
    if (isClosing()) incoming.socket.destroySoon();
    else if (arrives) linger(incoming, lingering);
  };
  if (outgoing.writableFinished) end();
  else outgoing.once("finish", end);
}

/** Of a request that has its answer, `node:http` does not tell when the client leaves. */
function tellOfEnd(incoming: IncomingMessage): void {
  const { socket } = incoming;
  const end = () => void incoming.destroy();
  if (socket.destroyed) end();
  else socket.once("close", end);
}

function linger(incoming: IncomingMessage, lingering: Set<() => void>): void {
  const { socket } = incoming;
  const end = () => {
    clearTimeout(timer);
    lingering.delete(end);
    incoming.off("end", end);
    socket.off("close", end);
    socket.destroySoon();
  };
  const timer = setTimeout(end, LINGER);
  incoming.on("end", end);
  socket.on("close", end);
  lingering.add(end);
  noteAnswered(socket);
  incoming.resume();
}
