/** A request as the life cycle serves it: with what handlers do not see of it. */
import type { FieldDecoder, Fields, FieldSource } from "../../http/body/form.ts";
import type { HTTPFile } from "../../http/body/multipart.ts";
import { parseCookies } from "../../http/fields/cookie.ts";
import { HTTPInputError } from "../../http/input_error.ts";
import type { ConnectionInfo } from "../../platform/platform.ts";
import type { ServerContext } from "../../server/server_context.ts";
import { contextOf, type ServedContext } from "../middleware/served_context.ts";
import type { ArgumentSource } from "./arguments.ts";
import { HTTPServerRequest } from "./http_server_request.ts";
import { acceptHost, IncomingRequest, malformedHost, startOfTarget } from "./incoming_request.ts";
import { RequestBody } from "./request_body.ts";
import type { FormLimits } from "./settings.ts";

/** What every {@linkcode HTTPServerRequest} is in truth. */
export class ServedRequest extends HTTPServerRequest {
  override readonly method: string;
  override readonly path: string;
  override readonly query: string;
  override readonly problem: string | null;
  /** The status of the response, once it is complete or the connection became a WebSocket; else 0. */
  answeredWith = 0;
  /** Why it was refused, for the log. */
  refusal: string | undefined;
  /** The response depends on the visitor's cookies: it says so to caches (RFC 9110 §12.5.5). */
  cookiesRead = false;

  readonly #incoming: IncomingRequest;
  /** What the runtime knows of the connection, or the context of the middleware. */
  readonly #info: ConnectionInfo | undefined;
  #startedAt: number | undefined;
  #body: RequestBody | undefined;
  #client: ClientSignal | undefined;
  #cookies: Record<string, string> | undefined;
  #queryFields: FieldSource | undefined;
  #arguments: Fields | undefined;

  /** Use {@linkcode receive}. */
  constructor(incoming: IncomingRequest, info: ConnectionInfo | undefined, timed: boolean) {
    super();
    this.#incoming = incoming;
    this.#info = info;
    this.#startedAt = timed ? performance.now() : undefined;
    const { raw } = incoming;
    const url = raw.url;
    this.method = ownCopy(raw.method);
    const found = startOfTarget(incoming, url);
    const start = found < 0 ? ~found : found;
    this.problem = found < 0 ? malformedHost(incoming.hostField ?? "") : null;
    let end = url.indexOf("#", start);
    if (end === -1) end = url.length;
    const mark = url.indexOf("?", start);
    if (mark !== -1 && mark < end) {
      this.query = url.slice(mark + 1, end);
      end = mark;
    } else {
      this.query = "";
    }
    this.path = url.charCodeAt(start) === SLASH ? url.slice(start, end) : "/";
  }

  /** Whether the response is complete, or the connection became a WebSocket. */
  get answered(): boolean {
    return this.answeredWith !== 0;
  }

  override get raw(): Request {
    this.#incoming.captureUpgrade();
    return this.#incoming.raw;
  }

  override get headers(): Headers {
    return this.#incoming.headers;
  }

  override header(name: string): string | null {
    return this.#incoming.header(name);
  }

  override get host(): string {
    const { hostField, server } = this.#incoming;
    if (hostField !== null && !acceptHost(server, hostField)) {
      throw new HTTPInputError(malformedHost(hostField));
    }
    return this.#incoming.host;
  }

  override get protocol(): string {
    return this.#incoming.protocol;
  }

  override get remoteIp(): string {
    return this.#incoming.remoteIp;
  }

  override get connection(): ConnectionInfo {
    return this.#info ?? {};
  }

  override get completed(): Promise<void> | undefined {
    return this.#info?.completed;
  }

  override requestTime(): number {
    if (this.#startedAt === undefined) {
      this.server.timed = true;
      this.#startedAt = performance.now();
    }
    return performance.now() - this.#startedAt;
  }

  override get cookies(): Readonly<Record<string, string>> {
    return this.#cookies ??= parseCookies(this.header("cookie") ?? "");
  }

  /** The server that the request came in on. */
  get server(): ServerContext {
    return this.#incoming.server;
  }

  /** Reads what could not be read once the response has left. */
  capture(): void {
    this.#incoming.capture();
    this.context?.capture();
  }

  // ---- the middleware

  /** What the middleware around the request knows of it; `null` where there is none. */
  get context(): ServedContext | null {
    return contextOf(this.#info);
  }

  override get requestId(): string | null {
    return this.context?.requestId ?? null;
  }

  override get user(): unknown {
    return this.context?.user ?? null;
  }

  // ---- the arguments

  override get queryArguments(): Readonly<Fields> {
    return this.#query.all;
  }

  get #query(): FieldSource {
    return this.#queryFields ??= this.content.parseFields(this.query);
  }

  override get bodyArguments(): Readonly<Fields> {
    return this.content.form.fields.all;
  }

  override get files(): Readonly<Record<string, HTTPFile[]>> {
    return this.content.form.files;
  }

  override get arguments(): Readonly<Fields> {
    return this.#arguments ??= merge(this.queryArguments, this.bodyArguments);
  }

  /**
   * The values of one argument. What else was sent is not decoded, and so need not be text.
   *
   * @throws {HTTPInputError} If one is not text, or the form is malformed.
   */
  valuesOf(name: string, source: ArgumentSource): readonly string[] {
    if (source === "query") return this.#query.get(name);
    if (source === "body") return this.content.form.fields.get(name);
    if (this.#arguments !== undefined) return this.#arguments[name] ?? [];
    const query = this.#query.find(name);
    const body = this.content.form.fields.find(name);
    if (body.length > 0) return query.length === 0 ? body : [...query, ...body];
    // A name that could not be read may be the one asked for.
    return query.length > 0
      ? query
      : [...this.#query.get(name), ...this.content.form.fields.get(name)];
  }

  // ---- the body

  override get body(): Uint8Array {
    return this.content.bytes;
  }

  override json(): unknown {
    return this.content.json();
  }

  override get stream(): ReadableStream<Uint8Array> {
    return this.content.stream;
  }

  override get maxBodySize(): number {
    return this.content.maxSize;
  }

  override setMaxBodySize(bytes: number): void {
    if (!(bytes >= 0)) {
      throw new RangeError(`Cannot set the largest body to ${bytes} bytes: it must be at least 0`);
    }
    this.content.maxSize = bytes;
  }

  /** What reads the body. Most requests have none, and need nothing that could read one. */
  get content(): RequestBody {
    return this.#body ??= new RequestBody(
      this.#incoming,
      (cause) => this.clientSignal.abort(cause),
    );
  }

  /** Whether the body is given in chunks, not read beforehand. */
  get streamed(): boolean {
    return this.content.isStreamed;
  }

  set streamed(streamed: boolean) {
    if (streamed) this.content.isStreamed = true;
  }

  /** Whether a body is still on its way. */
  get receiving(): boolean {
    return this.method !== "GET" && this.method !== "HEAD" && this.content.receiving;
  }

  /**
   * Reads the body before the handler runs.
   *
   * @returns A promise where the body is still on its way.
   */
  readBody(): Promise<void> | undefined {
    return this.content.read();
  }

  /** How the form of this request is read: its limits, and the decoder of its text. */
  setParsing(limits: FormLimits | undefined, decode: FieldDecoder | undefined): void {
    this.content.limits = limits;
    this.content.decode = decode;
  }

  /** Refuses a body that nobody would decode, for those who do not read it here. */
  checkTransferCoding(): void {
    this.content.checkTransferCoding();
  }

  // ---- the client

  override get signal(): AbortSignal {
    return this.clientSignal.signal;
  }

  /** Whether the client waits. */
  get clientSignal(): ClientSignal {
    return this.#client ??= new ClientSignal(this.#incoming.raw, () => this.answered);
  }

  /** The client is gone, or has been given up. */
  disconnect(reason: unknown): void {
    this.clientSignal.abort(reason);
  }

  /**
   * Is called when {@linkcode signal} is aborted, ahead of those who come later; it does not make the
   * runtime look out for the client.
   */
  onLeave(callback: () => void): void {
    this.clientSignal.onLeave(callback);
  }

  /** Whether the client is known to be gone. */
  get disconnected(): boolean {
    return this.#client?.aborted ?? false;
  }

  /**
   * Whether an error is the reason of {@linkcode signal}: of something that waited for the client, and
   * was told that it is gone.
   */
  isReasonOfLeaving(error: unknown): boolean {
    return this.#client?.isReason(error) ?? false;
  }
}

/** The runtime makes a new string every time, which is slow to compare and to look up. */
function ownCopy(method: string): string {
  return method === "GET" ? "GET" : method === "POST" ? "POST" : method;
}

const SLASH = 0x2f;

function merge(first: Readonly<Fields>, second: Readonly<Fields>): Fields {
  const merged: Fields = Object.assign(Object.create(null), first);
  for (const name in second) merged[name] = [...merged[name] ?? [], ...second[name] ?? []];
  return merged;
}

/**
 * A request for a handler. Where middleware stands around it, what that has read of it counts.
 *
 * @param info What the runtime knows of the connection, or the context of the middleware.
 * @param server The server it came in on.
 * @param timed Read the clock: somebody will ask for the request time.
 */
export function receive(
  raw: Request,
  info: ConnectionInfo | undefined,
  server: ServerContext,
  timed: boolean,
): ServedRequest {
  const incoming = contextOf(info)?.incomingOf(raw) ?? new IncomingRequest(raw, info, server);
  return new ServedRequest(incoming, info, timed);
}

/** Keeps why a request is refused, for the log, in place of what was known. */
export function setRefusal(request: HTTPServerRequest, reason: string): void {
  served(request).refusal = reason;
}

/** Keeps why a request is refused, for the log, unless that is known. */
export function keepRefusal(request: HTTPServerRequest, reason: string | undefined): void {
  served(request).refusal ??= reason;
}

/** The inner side of the request that a handler has. */
export function served(request: HTTPServerRequest): ServedRequest {
  if (request instanceof ServedRequest) return request;
  throw new TypeError("Cannot serve a request that no application has made");
}

/** The signal of a request, made when somebody asks for it, or when the client has left. */
export class ClientSignal {
  readonly #raw: Request;
  readonly #isAnswered: () => boolean;
  #controller: AbortController | undefined;
  #onLeave: (() => void) | undefined;

  /** @param isAnswered Whether the response is complete: what the runtime says then is no news. */
  constructor(raw: Request, isAnswered: () => boolean) {
    this.#raw = raw;
    this.#isAnswered = isAnswered;
  }

  /** See `HTTPServerRequest.signal`. From now on the runtime looks out for the client. */
  get signal(): AbortSignal {
    return (this.#controller ??= this.#watch()).signal;
  }

  #watch(): AbortController {
    const controller = this.#newController();
    const { signal } = this.#raw;
    if (signal.aborted) controller.abort(signal.reason);
    signal.addEventListener("abort", () => {
      if (!this.#isAnswered()) controller.abort(signal.reason);
    }, { once: true });
    return controller;
  }

  #newController(): AbortController {
    const controller = new AbortController();
    if (this.#onLeave !== undefined) listenOnce(controller, this.#onLeave);
    return controller;
  }

  /** The client is gone, or has been given up. */
  abort(reason: unknown): void {
    (this.#controller ??= this.#newController()).abort(reason);
  }

  /**
   * Is called when the signal is aborted, ahead of those who come later; it does not make the runtime
   * look out for the client.
   */
  onLeave(callback: () => void): void {
    if (this.#controller === undefined) this.#onLeave = callback;
    else listenOnce(this.#controller, callback);
  }

  /** Whether the client is known to be gone. */
  get aborted(): boolean {
    return this.#controller?.signal.aborted ?? false;
  }

  /** Whether an error is what the signal was aborted with. */
  isReason(error: unknown): boolean {
    const signal = this.#controller?.signal;
    return signal !== undefined && signal.aborted && signal.reason === error;
  }
}

function listenOnce({ signal }: AbortController, callback: () => void): void {
  signal.addEventListener("abort", callback, { once: true });
}
