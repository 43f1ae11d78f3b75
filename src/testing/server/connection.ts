/** The way from a test's clients to the application. */
import type { OpenWebSocket } from "../../websocket/client/handshake.ts";

/** What a client says of itself. */
export interface Caller {
  /** The address that it has; `undefined` for the usual one. */
  readonly remoteIp: string | undefined;
}

/** Connects clients with an application: in the process, or over a socket. */
export interface Connection {
  /** What URLs begin with, without a slash at the end. */
  readonly origin: string;
  /** Answers a request. No redirect is followed. */
  fetch(request: Request, caller: Caller): Promise<Response>;
  /**
   * What opens WebSockets; `undefined` where the runtime does.
   *
   * @param onResponse Is told what the server has answered, where that can be known.
   */
  opener(caller: Caller, onResponse: (response: Response) => void): OpenWebSocket | undefined;
  /** Certificates in PEM form that clients have to trust. */
  readonly caCerts: readonly string[] | undefined;
  /** Gives up what clients hold open. */
  close(): void;
}
