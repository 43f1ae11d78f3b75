/** A request as the life cycle serves it: what handlers do not see of it. */
import type { FieldDecoder } from "../../http/body/form.ts";
import type { ConnectionInfo } from "../../platform/platform.ts";
import type { ServerContext } from "../../server/server_context.ts";
import { contextOf, type ServedContext } from "../middleware/served_context.ts";
import type { ArgumentSource } from "./arguments.ts";
import type { ClientSignal } from "./client_signal.ts";
import { HTTPServerRequest } from "./http_server_request.ts";
import { IncomingRequest } from "./incoming_request.ts";
import type { FormLimits, RequestBody } from "./request_body.ts";

/**
 * What every {@linkcode HTTPServerRequest} is in truth. It has no fields and no constructor of its own:
 * they would cost each request more than the methods do.
 */
export class ServedRequest extends HTTPServerRequest {
  /** The server that the request came in on. */
  get server(): ServerContext {
    return this.incoming.server;
  }

  /** What the middleware around the request knows of it; `null` where there is none. */
  get context(): ServedContext | null {
    return contextOf(this.info);
  }

  /** Reads what could not be read once the response has left. */
  capture(): void {
    this.incoming.capture();
    this.context?.capture();
  }

  /** The response depends on the visitor's cookies: it says so to caches (RFC 9110 §12.5.5). */
  get cookiesRead(): boolean {
    return this.readsCookies;
  }

  set cookiesRead(cookiesRead: boolean) {
    this.readsCookies = cookiesRead;
  }

  // ---- the body

  /** Its body. */
  override get content(): RequestBody {
    return super.content;
  }

  /** Whether the body is given in chunks, not read beforehand. */
  get streamed(): boolean {
    return this.content.streamed;
  }

  set streamed(streamed: boolean) {
    // Most requests have no body, and need nothing that could read one.
    if (streamed) this.content.streamed = true;
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

  /**
   * The values of one argument. What else was sent is not decoded, and so need not be text.
   *
   * @throws {HTTPInputError} If one is not text, or the form is malformed.
   */
  override valuesOf(name: string, source: ArgumentSource): readonly string[] {
    return super.valuesOf(name, source);
  }

  // ---- the client

  /** Whether the client waits. */
  override get client(): ClientSignal {
    return super.client;
  }

  /** The response is complete, or the connection became a WebSocket. */
  get answered(): boolean {
    return this.isAnswered;
  }

  set answered(answered: boolean) {
    this.isAnswered = answered;
  }

  /** The client is gone, or has been given up. */
  disconnect(reason: unknown): void {
    this.client.abort(reason);
  }

  /**
   * Is called when {@linkcode signal} is aborted, ahead of those who come later; it does not make the
   * runtime look out for the client.
   */
  onLeave(callback: () => void): void {
    this.client.onLeave(callback);
  }

  /** Whether the client is known to be gone. */
  get disconnected(): boolean {
    return this.client.aborted;
  }

  /**
   * Whether an error is the reason of {@linkcode signal}: of something that waited for the client, and
   * was told that it is gone.
   */
  isReasonOfLeaving(error: unknown): boolean {
    return this.client.isReason(error);
  }
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

/** The inner side of the request that a handler has. */
export function served(request: HTTPServerRequest): ServedRequest {
  if (request instanceof ServedRequest) return request;
  throw new TypeError("Cannot serve a request that no application has made");
}
