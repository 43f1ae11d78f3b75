/** Requests over a real port of this machine. */
import { type ConnectionPool, openConnectionPool } from "../../platform/connection_pool.ts";
import type { Caller, Connection } from "./connection.ts";

/** The way to a server that listens. */
export class SocketConnection implements Connection {
  readonly origin: string;
  readonly caCerts: readonly string[] | undefined;
  readonly #pool: ConnectionPool | undefined;

  /**
   * @param origin What URLs begin with.
   * @param caCerts Certificates that are trusted, in PEM form.
   */
  constructor(origin: string, caCerts?: readonly string[]) {
    this.origin = origin;
    this.caCerts = caCerts;
    this.#pool = caCerts === undefined ? undefined : openConnectionPool({ caCerts });
  }

  /** See {@linkcode Connection}. */
  fetch(request: Request, caller: Caller): Promise<Response> {
    checkCaller(caller);
    return fetch(request, { redirect: "manual", ...this.#pool?.init });
  }

  /** The runtime opens them. */
  opener(caller: Caller): undefined {
    checkCaller(caller);
  }

  /** Closes connections that are kept for another request. */
  close(): void {
    this.#pool?.close();
  }
}

/** @throws {TypeError} If the client is to have an address of its own. */
function checkCaller({ remoteIp }: Caller): void {
  if (remoteIp === undefined) return;
  throw new TypeError(
    `Cannot send a request from ${remoteIp} over a socket: leave out "socket", or "remoteIp"`,
  );
}
