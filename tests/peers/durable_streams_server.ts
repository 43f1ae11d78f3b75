/**
 * Durable Streams over topics: what the conformance suite of that protocol asks, as requests to a
 * `TopicStreamHandler`. A stream is a topic of bytes; PUT names it, POST posts to it, and every read is a
 * GET of the handler, whose answer is put into the protocol's words. Forks, closing, expiry and the
 * protocol's own producers are left out.
 *
 * The suite is `npm:@durable-streams/server-conformance-tests`, which brings vitest and is not a
 * dependency:
 *
 * ```sh
 * deno run --allow-all tests/peers/durable_streams_server.ts 4437
 * npx @durable-streams/server-conformance-tests --run http://127.0.0.1:4437
 * ```
 *
 * @module
 */
import { decodeBase64 } from "../../src/topics/broker/base64.ts";
import { TopicStreamHandler } from "../../src/topics/handlers/topic_stream_handler.ts";
import { Application } from "../../src/web/application.ts";

class Stream extends TopicStreamHandler {
  override canSubscribe() {
    return true;
  }
  override canPublish() {
    return true;
  }
}

/** A stream that was created. */
interface Config {
  readonly topic: string;
  readonly epoch: string;
  readonly contentType: string;
}

/** What a GET of the handler gives. */
interface Found {
  readonly position: string;
  readonly messages: readonly { readonly base64: string }[];
}

const JSON_TYPE = "application/json";
const ALL = 100_000;
/** Milliseconds of a long poll. */
const WAIT = 1_500;
/** Milliseconds for which a cursor stays the same. */
const CURSOR_INTERVAL = 20_000;
const COMMON = {
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "cross-origin",
};

const app = new Application([["/(.*)", Stream]], {
  topics: { "*": { history: ALL, maxBytes: 100 * 1024 * 1024 } },
});
const streams = new Map<string, Config>();

async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const stream = streams.get(url.pathname);
  if (request.method === "PUT") {
    return await create(request, url.pathname, stream);
  }
  if (stream === undefined) return new Response(null, { status: 404 });
  switch (request.method) {
    case "POST":
      return await append(request, stream);
    case "HEAD":
      return respond(200, stream, await read(stream.topic), {
        "cache-control": "no-store",
      });
    case "DELETE":
      streams.delete(url.pathname);
      return new Response(null, { status: 204 });
    default:
      return await get(request, url, stream);
  }
}

// ---- writing

async function create(
  request: Request,
  path: string,
  known?: Config,
): Promise<Response> {
  const contentType = typeOf(request);
  if (known !== undefined) {
    if (known.contentType !== contentType) {
      return new Response(null, { status: 409 });
    }
    return respond(200, known, await read(known.topic));
  }
  const topic = crypto.randomUUID();
  const [epoch = ""] = (await read(topic)).position.split(".");
  const stream = { topic, epoch, contentType };
  streams.set(path, stream);
  for (const message of messagesOf(contentType, await request.bytes()) ?? []) {
    await post(topic, message);
  }
  return respond(201, stream, await read(topic), { location: request.url });
}

async function append(request: Request, stream: Config): Promise<Response> {
  if (typeOf(request) !== stream.contentType) {
    return new Response(null, { status: 409 });
  }
  const messages = messagesOf(stream.contentType, await request.bytes());
  if (messages === null || messages.length === 0) {
    return new Response(null, { status: 400 });
  }
  for (const message of messages) await post(stream.topic, message);
  return respond(204, stream, await read(stream.topic));
}

/** An array of JSON is a message for each of its values; `null` if it is malformed. */
function messagesOf(contentType: string, body: Uint8Array<ArrayBuffer>) {
  if (body.length === 0) return [];
  if (contentType !== JSON_TYPE) return [body];
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.map((each) => new TextEncoder().encode(JSON.stringify(each)));
  } catch {
    return null;
  }
}

async function post(
  topic: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const headers = { "content-type": "application/octet-stream" };
  await call(topic, { method: "POST", headers, body });
}

// ---- reading

async function get(
  request: Request,
  url: URL,
  stream: Config,
): Promise<Response> {
  const live = url.searchParams.get("live");
  const [offset = null, ...others] = url.searchParams.getAll("offset");
  const isKnown = offset === null || /^(?:-1|now|\d{16})$/.test(offset);
  if (others.length > 0 || !isKnown || live !== null && offset === null) {
    return new Response(null, { status: 400 });
  }
  const after = offset === "now"
    ? (await read(stream.topic)).position
    : `${stream.epoch}.${Math.max(Number(offset), 0)}`;
  const cursor = cursorOf(url.searchParams.get("cursor"));
  if (live === "sse") return await follow(request, stream, after, cursor);
  const wait = live === "long-poll" ? WAIT : 0;
  const found = await read(stream.topic, `?after=${after}&wait=${wait}`);
  if (live === null) return conditional(request, stream, found, offset ?? "-1");
  return respond(found.messages.length === 0 ? 204 : 200, stream, found, {
    "cache-control": "no-store",
    "stream-cursor": cursor,
  });
}

function conditional(
  request: Request,
  stream: Config,
  found: Found,
  offset: string,
): Response {
  const etag = `"${stream.topic}:${offset}:${offsetOf(found.position)}"`;
  const headers = offset === "now" ? { "cache-control": "no-store" } : { etag };
  const isFresh = request.headers.get("if-none-match") === etag;
  return respond(isFresh ? 304 : 200, stream, found, headers);
}

function respond(
  status: number,
  { contentType }: Config,
  { position, messages }: Found,
  headers: Record<string, string> = {},
): Response {
  const all = {
    "content-type": contentType,
    "stream-next-offset": offsetOf(position),
  };
  const body = status === 200 ? bodyOf(contentType, messages) : null;
  return new Response(body, {
    status,
    headers: { ...COMMON, ...all, "stream-up-to-date": "true", ...headers },
  });
}

function bodyOf(contentType: string, messages: Found["messages"]): Blob {
  const parts = messages.map(({ base64 }) => bytesOf(base64));
  if (contentType !== JSON_TYPE) return new Blob(parts);
  return new Blob([
    `[${parts.map((part) => new TextDecoder().decode(part)).join(",")}]`,
  ]);
}

async function follow(
  request: Request,
  stream: Config,
  after: string,
  cursor: string,
): Promise<Response> {
  const headers = { accept: "text/event-stream" };
  const { signal } = request;
  const { body } = await call(
    stream.topic,
    { headers, signal },
    `?after=${after}`,
  );
  const isText = stream.contentType === JSON_TYPE ||
    stream.contentType.startsWith("text/");
  const events = body?.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventTranslation(stream.contentType, isText, cursor))
    .pipeThrough(new TextEncoderStream());
  return new Response(events ?? null, {
    headers: {
      ...COMMON,
      "content-type": "text/event-stream",
      "cache-control": "no-cache",
      ...isText ? {} : { "stream-sse-data-encoding": "base64" },
    },
  });
}

/** The events of a `TopicStreamHandler` as those of the protocol: data, and where the client is. */
class EventTranslation extends TransformStream<string, string> {
  constructor(contentType: string, isText: boolean, streamCursor: string) {
    let rest = "";
    const control = (id: string, upToDate: boolean) => {
      const data = {
        streamNextOffset: offsetOf(id),
        streamCursor,
        ...upToDate && { upToDate },
      };
      return `event: control\ndata:${JSON.stringify(data)}\n\n`;
    };
    const data = (base64: string) => {
      const text = isText ? new TextDecoder().decode(bytesOf(base64)) : base64;
      const lines = (contentType === JSON_TYPE ? `[${text}]` : text).split(
        /\r\n|\r|\n/,
      );
      return `event: data\n${lines.map((line) => `data:${line}\n`).join("")}\n`;
    };
    super({
      transform(chunk, output) {
        const blocks = (rest + chunk).split("\n\n");
        rest = blocks.pop() ?? "";
        const events = blocks.map(fieldsOf).filter(hasId);
        const texts = events.flatMap(
          ({ event, id = "", data: base64 = "" }, i) => {
            const isLast = i === events.length - 1;
            if (event === "bytes") return [data(base64), control(id, isLast)];
            return isLast ? [control(id, true)] : [];
          },
        );
        if (texts.length > 0) output.enqueue(texts.join(""));
      },
    });
  }
}

function fieldsOf(block: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    block.split("\n").map((line) => {
      const at = line.indexOf(": ");
      return [line.slice(0, at), line.slice(at + 2)];
    }),
  );
}

function hasId({ id }: Readonly<Record<string, string>>): boolean {
  return id !== undefined;
}

// ---- the handler

async function read(topic: string, query = ""): Promise<Found> {
  return await (await call(topic, {}, query)).json();
}

async function call(
  topic: string,
  init: RequestInit,
  query = "",
): Promise<Response> {
  const response = await app.fetch(
    new Request(`http://localhost/${topic}${query}`, init),
  );
  if (response.ok) return response;
  throw new Error(`Cannot ask the handler: ${response.status}`);
}

function typeOf(request: Request): string {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase() || "application/octet-stream";
}

/** Offsets of the protocol are compared as text. */
function offsetOf(position: string): string {
  return position.slice(position.indexOf(".") + 1).padStart(16, "0");
}

/** Grows with time, and is above the one that came. */
function cursorOf(given: string | null): string {
  const now = Math.floor(Date.now() / CURSOR_INTERVAL);
  return String(Math.max(now, Number(given ?? -1) + 1));
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(decodeBase64(base64) ?? []);
}

if (import.meta.main) {
  const port = Number(Deno.args[0] ?? 4437);
  Deno.serve({ hostname: "127.0.0.1", port }, answer);
}
