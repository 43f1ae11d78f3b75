/** A request as it came in: what the runtime knows of it and of its connection, read once. */
import { packedHeader, unpackHeaders } from "../../http/fields/packed_headers.ts";
import type { ConnectionInfo } from "../../platform/platform.ts";
import { protocolOf, remoteIpOf, type RequestSource } from "../../server/client_address.ts";
import type { ServerContext } from "../../server/server_context.ts";

/**
 * What middleware and the handler of one request read. There is one for both, so that nothing is read
 * twice, and what one of them has read before the response left, the other has too.
 */
export class IncomingRequest implements RequestSource {
  // Private, so that who prints a context does not print the headers.
  readonly #raw: Request;
  readonly #connection: ConnectionInfo | undefined;
  readonly #server: ServerContext;
  /** The `Host` field; `undefined` if it was not looked at yet. */
  #hostField: string | null | undefined;
  #remoteIp: string | undefined;
  /** The header fields of a request that may outlive its response: thousands of sockets may wait. */
  #packed: string | null = null;

  /** Nothing is read yet. */
  constructor(raw: Request, connection: ConnectionInfo | undefined, server: ServerContext) {
    this.#raw = raw;
    this.#connection = connection;
    this.#server = server;
  }

  /** The web `Request` beneath. */
  get raw(): Request {
    return this.#raw;
  }

  /** What the runtime tells of the connection; nothing of a `Request` made in the process. */
  get connection(): ConnectionInfo | undefined {
    return this.#connection;
  }

  /** The server that it came in on. */
  get server(): ServerContext {
    return this.#server;
  }

  /** The URL. */
  get url(): string {
    return this.#raw.url;
  }

  /** The header fields; once the response has left, a copy of them that is made anew each time. */
  get headers(): Headers {
    return this.#packed === null ? this.#raw.headers : unpackHeaders(this.#packed);
  }

  /**
   * Reads one header field, without the others.
   *
   * @param name Its name, in lower case.
   * @returns Its value, several joined with `", "`; `null` if it was not sent.
   */
  header(name: string): string | null {
    if (this.#packed !== null) return packedHeader(this.#packed, name);
    return this.#server.platform.requestHeader(this.#raw, name);
  }

  /**
   * The `Host` field, which nobody has checked yet; `null` if there is none. The runtime takes an empty
   * one for none: so do we, or the two would see different URLs.
   */
  get hostField(): string | null {
    return this.#hostField === undefined
      ? this.#hostField = this.header("host") || null
      : this.#hostField;
  }

  /** The host that was asked for, with its port: of the field, else of the URL. Not checked yet. */
  get host(): string {
    return this.hostField ?? new URL(this.#raw.url).host;
  }

  /** The client's address; see {@linkcode remoteIpOf}. */
  get remoteIp(): string {
    return this.#remoteIp ??= remoteIpOf(this);
  }

  /** The scheme; see {@linkcode protocolOf}. */
  get protocol(): "http" | "https" {
    return protocolOf(this);
  }

  /** Reads what could not be read once the response has left. */
  capture(): void {
    try {
      this.#packed ??= this.#server.platform.packHeaders(this.#raw);
      void this.remoteIp;
    } catch {
      // It has left: what nobody has read until now is gone.
    }
  }

  /** Who makes a WebSocket of it ends the request, and it is logged after that. */
  captureUpgrade(): void {
    if (this.#packed !== null) return;
    try {
      if (this.header("upgrade") !== null) this.capture();
    } catch {
      // The response has left: there is nothing to capture.
    }
  }
}
