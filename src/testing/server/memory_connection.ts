/** Requests that never leave the process. */
import type { OpenWebSocket } from "../../websocket/client/handshake.ts";
import type { Caller, Connection } from "./connection.ts";
import type { MemoryServer } from "./memory_server.ts";

const LOOPBACK = "127.0.0.1";

/** The way to a server in memory. */
export class MemoryConnection implements Connection {
  readonly origin: string;
  readonly caCerts: undefined;
  readonly #server: MemoryServer;

  /** @param origin What URLs begin with. */
  constructor(server: MemoryServer, origin: string) {
    this.#server = server;
    this.origin = origin;
  }

  /** See {@linkcode Connection}. A client that leaves gets no response. */
  fetch(request: Request, { remoteIp = LOOPBACK }: Caller): Promise<Response> {
    const answer = this.#server.fetch(request, remoteIp);
    const { signal } = request;
    if (signal.aborted) return left(answer, signal);
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const leave = () => left(answer, signal).catch(reject);
    signal.addEventListener("abort", leave, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
    return promise;
  }

  /** See {@linkcode Connection}. */
  opener(
    { remoteIp = LOOPBACK }: Caller,
    onResponse: (response: Response) => void,
  ): OpenWebSocket {
    return this.#server.opener({ remoteIp, onResponse });
  }

  /** Nothing is held open. */
  close(): void {}
}

/** Nobody reads what comes now. */
function left(answer: Promise<Response>, signal: AbortSignal): Promise<never> {
  answer.then((response) => response.body?.cancel()).catch(() => {});
  return Promise.reject(signal.reason);
}
