/** A request of `node:http` as the web's. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Upgrade, UpgradeOptions } from "../platform.ts";
import { KeptHead } from "./kept_head.ts";
import { bodyOf, readerOf } from "./node_body.ts";
import type { EngineRequest } from "./node_engine.ts";
import { takeRealMembers } from "./node_response.ts";
import { NodeWebSocket } from "./node_web_socket.ts";
import type { PendingWebSocket } from "./node_upgrade.ts";

/** Where a request came in. */
export interface RequestPlace {
  readonly scheme: "http" | "https";
  /** Its response; an upgrade has none yet. */
  readonly outgoing?: ServerResponse;
  /** What it can be upgraded with. */
  readonly pending?: PendingWebSocket;
}

/** Where a WebSocket came in, which is all that is left of its place. */
const HTTP: RequestPlace = { scheme: "http" };
const HTTPS: RequestPlace = { scheme: "https" };

/**
 * What a `Request` has, read from an `IncomingMessage` when it is asked for: a real one costs as much as
 * a short request. What is asked for seldom is asked of a real one, which is made then.
 */
export class NodeRequest implements EngineRequest {
  #incoming: IncomingMessage | KeptHead;
  #place: RequestPlace;
  #headers: Headers | undefined;
  #body: ReadableStream<Uint8Array<ArrayBuffer>> | null | undefined;
  /** Whether it is read without a stream. */
  #isRead = false;
  #abort: AbortController | undefined;
  #real: Request | undefined;
  /** What it was upgraded to. */
  socket: NodeWebSocket | undefined;

  static {
    takeRealMembers(this.prototype, () => new Request("http://localhost/"));
  }

  constructor(incoming: IncomingMessage, place: RequestPlace) {
    this.#incoming = incoming;
    this.#place = place;
  }

  /** The same, for those who want a `Request`. */
  asRequest(): Request {
    return this as unknown as Request;
  }

  // ---- what the engine asks

  field(name: string): string | null {
    const incoming = this.#incoming;
    if (incoming instanceof KeptHead) return incoming.field(name);
    const { headers } = incoming;
    const value = headers[name] ?? headers[name.toLowerCase()];
    return value === undefined ? null : typeof value === "string" ? value : value.join(", ");
  }

  get hasLeft(): boolean {
    const { socket } = this.#incoming;
    return socket === null || socket.destroyed || socket.readableEnded;
  }

  bodyReader(): ReturnType<EngineRequest["bodyReader"]> {
    const incoming = this.#incoming;
    const length = Number(this.field("content-length") ?? 0);
    if (!(length > 0) || this.#body !== undefined || this.#place.outgoing === undefined) {
      return null;
    }
    if (incoming instanceof KeptHead) return null;
    this.#isRead = true;
    return readerOf(incoming);
  }

  get isUpgraded(): boolean {
    return this.socket !== undefined;
  }

  upgrade(options: UpgradeOptions): Upgrade {
    const { pending } = this.#place;
    if (pending === undefined || this.socket !== undefined) {
      throw new TypeError(
        "Cannot upgrade the request: it asks for no WebSocket, or is one already",
      );
    }
    const socket = this.socket = new NodeWebSocket(pending.socket, options);
    const response = new Response(null);
    // The constructor refuses this status.
    Object.defineProperty(response, "status", { value: 101 });
    return { socket: socket.asWebSocket(), response };
  }

  /** Keeps what can still be asked for when it is a WebSocket, which may be for hours. */
  release(): void {
    const incoming = this.#incoming;
    if (incoming instanceof KeptHead) return;
    this.#incoming = new KeptHead(incoming);
    this.#place = this.#place.scheme === "https" ? HTTPS : HTTP;
    this.#body ??= null;
  }

  // ---- what a Request has

  get method(): string {
    return this.#incoming.method ?? "GET";
  }

  get url(): string {
    const { url = "/", socket } = this.#incoming;
    if (!url.startsWith("/") && url !== "*") return url;
    const path = url === "*" ? "/*" : url;
    const host = this.field("host") || placeOf(socket);
    return `${this.#place.scheme}://${host}${path}`;
  }

  get headers(): Headers {
    return this.#headers ??= headersOf(this.#incoming.rawHeaders);
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#body !== undefined) return this.#body;
    if (this.#isRead) return this.#body = lockedStream();
    const incoming = this.#incoming;
    const has = this.field("transfer-encoding") !== null ||
      Number(this.field("content-length") ?? 0) > 0;
    // What comes behind an upgrade that is none is not told from the next request.
    const none = !has || this.#place.outgoing === undefined || incoming instanceof KeptHead;
    return this.#body = none ? null : bodyOf(incoming);
  }

  get bodyUsed(): boolean {
    return this.#real?.bodyUsed ?? false;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = this.#abort = new AbortController();
      const { outgoing, pending } = this.#place;
      const end = () => {
        if (outgoing?.writableFinished !== true && this.socket === undefined) abort.abort();
      };
      if (this.hasLeft) abort.abort();
      else (outgoing ?? pending?.socket)?.once("close", end);
    }
    return this.#abort.signal;
  }

  /** A real one, made when it is first needed. */
  get real(): Request {
    return this.#real ??= this.#makeReal();
  }

  #makeReal(): Request {
    const { method, headers, signal } = this;
    const bodiless = method === "GET" || method === "HEAD";
    const body = bodiless ? null : this.body;
    const init = { method, headers, signal, ...body !== null && { body, duplex: "half" } };
    return new Request(this.url, init);
  }
}

/** What stands for a host that was not sent. */
function placeOf({ localPort }: Socket): string {
  return localPort === undefined ? "localhost" : `localhost:${localPort}`;
}

/** Whoever asks for a body that is read elsewhere sees that somebody reads it. */
function lockedStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>();
  stream.getReader();
  return stream;
}

/** Several cookies are one list by semicolons (RFC 9113 §8.2.3), which Deno's `Headers` do not know. */
function append(headers: Headers, name: string, value: string): void {
  const before = name.length === "cookie".length && /^cookie$/i.test(name)
    ? headers.get(name)
    : null;
  if (before === null) headers.append(name, value);
  else headers.set(name, `${before}; ${value}`);
}

function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    try {
      append(headers, raw[i] ?? "", raw[i + 1] ?? "");
    } catch {
      // What the web has no words for.
    }
  }
  return headers;
}
