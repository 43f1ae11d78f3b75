/**
 * What the library asks of the runtime beneath it.
 *
 * Only the files of this folder name a runtime. Everything else sees a {@linkcode Platform}, which
 * {@linkcode detectPlatform} chooses at the first use and an application can inject.
 */
import { runtimePlatform } from "./runtime_platform.ts";
import { UnsupportedFeatureError } from "./unsupported_feature_error.ts";

/**
 * What a runtime tells about the connection that a request came in on.
 *
 * @category Servers and runtimes
 */
export interface ConnectionInfo {
  /** The address of the peer: a TCP address, or the path of a Unix socket. */
  readonly remoteAddr?: {
    /** `"tcp"`, `"unix"`, … */
    readonly transport: string;
    /** The address, of TCP. */
    readonly hostname?: string;
    /** The port, of TCP. */
    readonly port?: number;
    /** The path, of a Unix socket. */
    readonly path?: string;
  } | undefined;
  /** Settles when the response has left. */
  readonly completed?: Promise<void> | undefined;
  /** What the server of Bun has instead, which Bun passes in place of all this. */
  readonly requestIP?: ((request: Request) => object | null) | undefined;
  /** The bindings, variables and secrets that Workers hand over with each request. */
  readonly environment?: object | undefined;
  /** Asks the runtime not to stop what the request has begun until a promise settles. */
  waitUntil?(promise: Promise<unknown>): void;
}

/**
 * Where a server listens: a TCP address, or the path of a Unix socket.
 *
 * @category Servers and runtimes
 */
export interface ListenAddress {
  /** `"tcp"`, `"unix"`, … */
  readonly transport: string;
  /** The address, of TCP. */
  readonly hostname?: string;
  /** The port, of TCP. */
  readonly port?: number;
  /** The path, of a Unix socket. */
  readonly path?: string;
}

/**
 * What {@linkcode Platform.serve} needs to know.
 *
 * @category Servers and runtimes
 */
export interface PlatformServeOptions {
  /** TCP port; 0 takes any free one. */
  readonly port?: number;
  /** Address to bind. */
  readonly hostname?: string;
  /** Path of a Unix socket, in place of a port. */
  readonly path?: string;
  /** Certificate chain in PEM form. */
  readonly cert?: string;
  /** Private key in PEM form. */
  readonly key?: string;
  /** Whether what a server of this process has left of a Unix socket makes way. */
  readonly replace?: boolean;
  /** Bytes of the largest WebSocket message, where the runtime takes one limit for a whole server. */
  readonly maxMessageSize?: number;
  /** Is called with what escaped from the request callback. */
  readonly onError: (error: unknown) => Response;
}

/**
 * A server that the runtime runs.
 *
 * @category Servers and runtimes
 */
export interface PlatformServer {
  /** Where it listens. */
  readonly addr: ListenAddress;
  /** Settles when the server has stopped. */
  readonly finished: Promise<void>;
  /** Stops accepting, lets requests in flight finish. */
  shutdown(): Promise<void>;
  /**
   * Lets nobody connect to a Unix socket any more; who has connected is still served. To be called once.
   * Does nothing with a TCP port, which the runtime closes together with its connections.
   */
  withdraw?(): void;
}

/**
 * A WebSocket that has been taken over from a request, and the 101 that answers it.
 *
 * @category Servers and runtimes
 */
export interface Upgrade {
  /** The connection. */
  readonly socket: WebSocket;
  /** What must be answered. */
  readonly response: Response;
  /** Whether messages are compressed as was asked, if the peer can do so. Default `false`. */
  readonly compresses?: boolean;
}

/**
 * How a request becomes a WebSocket.
 *
 * @category Servers and runtimes
 */
export interface UpgradeOptions {
  /** Milliseconds of silence after which the peer is dropped, and half of which it is pinged; 0 for never. */
  readonly idleTimeout: number;
  /** Bytes of the largest message that is received. Without it there is no limit but the runtime's. */
  readonly maxMessageSize?: number;
  /** How messages are to be compressed, where the runtime can. Without it they are not. */
  readonly compression?: { readonly compressionLevel?: number; readonly memLevel?: number };
}

/**
 * What a WebSocket to a server is opened with, besides its URL.
 *
 * @category Servers and runtimes
 */
export interface ClientWebSocketInit {
  /** The subprotocols that are offered. */
  readonly protocols: readonly string[];
  /** Header fields of the handshake. */
  readonly headers: Headers | undefined;
  /** Options of the runtime's own `WebSocket`, which choose the connection beneath. */
  readonly connections: Readonly<Record<string, unknown>> | undefined;
  /** What the caller keeps to in any case; a runtime that knows it need not read more. */
  readonly limits?: {
    /** Bytes of the largest message that is received. */
    readonly maxMessageSize: number;
    /** Milliseconds that the peer has to end the connection. */
    readonly closeTimeout: number;
  };
}

/**
 * A WebSocket that pings when it is told to, and shows what it gets: its events `ping` and `pong` have
 * the bytes as `data`, an `ArrayBuffer`.
 *
 * @category Servers and runtimes
 */
export interface PingableSocket extends WebSocket {
  /** Sends a ping with up to 125 bytes of data. */
  ping(data: string | Uint8Array): void;
}

/**
 * A WebSocket that may keep what it has made of a message for all others that it goes to.
 *
 * @category Servers and runtimes
 */
export interface FrameWebSocket {
  /**
   * Sends a message.
   *
   * @param message Text, or bytes that are taken as they are now.
   * @param shared Where what was made of it is kept.
   */
  send(message: string | Uint8Array, shared?: FrameHolder): void;
}

/**
 * A message that goes to many, as an engine sees it.
 *
 * @category Servers and runtimes
 */
export interface FrameHolder {
  /** What the engine has made of it. */
  frames?: Map<string, Uint8Array>;
}

/**
 * What Bun calls for the WebSockets of a server: the `websocket` of `Bun.serve`, and of a default export
 * that Bun serves. It is passed on as it is.
 *
 * @category Servers and runtimes
 */
export interface BunWebSocketHooks {
  /** Bytes of the largest message. */
  readonly maxPayloadLength: number;
  /** Seconds; 0, as silent peers are looked after by the library. */
  readonly idleTimeout: number;
  /** Bytes; the library keeps limits of its own. */
  readonly backpressureLimit: number;
  /** Whether Bun pings. */
  readonly sendPings: boolean;
  /** How messages are compressed where both sides want it. */
  readonly perMessageDeflate: { readonly compress: "shared"; readonly decompress: "shared" };
  /** The 101 has left. */
  open(socket: object): void;
  /** A message has come. */
  message(socket: object, message: string | ArrayBuffer | Uint8Array): void;
  /** The connection is gone. */
  close(socket: object, code: number, reason: string): void;
  /** The peer has taken some of what was unsent. */
  drain(socket: object): void;
  /** A ping has come, and was answered. */
  ping(socket: object, data: ArrayBuffer | Uint8Array): void;
  /** A pong has come. */
  pong(socket: object, data: ArrayBuffer | Uint8Array): void;
}

/**
 * What answers the requests of a server.
 *
 * @category Servers and runtimes
 */
export type PlatformAnswer = (
  request: Request,
  info?: ConnectionInfo,
) => Response | Promise<Response>;

/**
 * What a file is, as far as serving it needs to know.
 *
 * @category Servers and runtimes
 */
export interface FileStat {
  /** Whether it is a regular file. */
  readonly isFile: boolean;
  /** Whether it is a directory. */
  readonly isDirectory: boolean;
  /** Bytes. */
  readonly size: number;
  /** Time of the last change, milliseconds since the epoch; `null` where unknown. */
  readonly mtime: number | null;
  /**
   * Time of the last change of content or attributes, milliseconds since the epoch, perhaps in whole
   * seconds. Unlike `mtime` it cannot be set. `null` where unknown.
   */
  readonly ctime: number | null;
  /** What tells a file from the one that stood in its place before; `null` where unknown. */
  readonly ino: number | null;
}

/**
 * Read access to files. Paths are absolute, or start at the working directory. A missing file gives
 * `null`; one that may not be read is an error whose `code` is `"EACCES"`.
 *
 * @category Servers and runtimes
 */
export interface FileSystem {
  /** What the path leads to, through symbolic links. */
  stat(path: string): FileStat | null;
  /** The absolute path with every symbolic link resolved. */
  realPath(path: string): string | null;
  /** The whole file. */
  readFile(path: string): Promise<Uint8Array>;
  /** The whole file, at once: for small ones. */
  readFileSync(path: string): Uint8Array;
  /**
   * The bytes from `start` up to, not including, `end`. The file is open from the first read to the
   * last, or until the stream is cancelled.
   */
  readRange(path: string, start: number, end: number): ReadableStream<Uint8Array>;
  /** Whether `\` separates the parts of a path, and device names are reserved. */
  readonly windows: boolean;
}

/**
 * Who runs the program: what is shown to them, and what they have said before it started. Nobody is
 * asked for a permission; what may not be known is absent.
 *
 * @category Servers and runtimes
 */
export interface PlatformConsole {
  /** Whether the standard error is a terminal. */
  isTerminal(): boolean;
  /** Whether colours are unwanted there (https://no-color.org). */
  noColor(): boolean;
  /** Writes to the standard error, at once where the runtime can. Never throws. */
  write(text: string): void;
  /** A value as text, without colours: of an error its stack and its causes. Throws what a look throws. */
  inspect(value: unknown): string;
  /** A variable of the environment; `undefined` where there is none, or it may not be read. */
  variable(name: string): string | undefined;
}

/**
 * An error that nobody caught.
 *
 * @category Servers and runtimes
 */
export interface UnhandledError {
  /** Whether a promise rejected, or a callback threw. */
  readonly kind: "rejection" | "exception";
  /** What it rejected with, or threw. */
  readonly error: unknown;
}

/**
 * The capabilities of a runtime.
 *
 * @category Servers and runtimes
 */
export interface Platform {
  /** The runtime's name, for error messages. */
  readonly name: string;
  /**
   * The header field in which the runtime itself tells the address of the client, where it tells it in no
   * other way; in lower case.
   */
  readonly clientAddressField?: string;
  /** One request header, without materialising the others. `name` is in lower case. */
  requestHeader(request: Request, name: string): string | null;
  /**
   * The header fields as one text, a line each for name and value, where the runtime forgets them once
   * the response has left; `null` where they can be read from the request at any time.
   */
  packHeaders(request: Request): string | null;
  /**
   * The whole body where the runtime already holds it; `null` where it must be read, or has come in a
   * transfer coding that is perhaps not `chunked`.
   */
  bufferedBody(request: Request): Uint8Array | null;
  /**
   * What reads a body of declared length without a stream, where that costs the runtime less; `null`
   * where there is none, or only a stream. Nothing else may read the body then. Default: always `null`.
   */
  bodyReader?(
    request: Request,
  ): Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel"> | null;
  /**
   * A response with status 200, and no header field but the content type, which is not checked: it has
   * to be a valid field value.
   */
  textResponse(body: string, contentType: string): Response;
  /**
   * The same body, of which exactly so many bytes come, where the runtime sends a declared length only if
   * it is told of it here. A body of another length fails. Default: the body as it is.
   *
   * @param length Bytes.
   */
  bodyOfLength?(body: ReadableStream<Uint8Array>, length: number): ReadableStream<Uint8Array>;
  /**
   * Runs an HTTP server.
   *
   * @throws {Error} If it cannot listen; the message names the address and the way out.
   */
  serve(
    options: PlatformServeOptions,
    handler: (request: Request, info: ConnectionInfo) => Response | Promise<Response>,
  ): PlatformServer;
  /** Ends the process. */
  exit(code: number): void;
  /** Calls back on `SIGTERM` and `SIGINT` with the signal's number; the result stops listening. */
  onStopSignal(callback: (signal: number) => void): () => void;
  /**
   * Calls back with every error that nobody caught, unless the application has a listener of its own
   * that sees to it; the process goes on. An error of the main module ends it all the same. The result
   * stops listening.
   */
  onUnhandledError(callback: (unhandled: UnhandledError) => void): () => void;
  /** Whether the code that asks is called by a server that the runtime itself has made. */
  calledByRuntimeServer(): boolean | Promise<boolean>;
  /**
   * What is to answer the requests of a server that the library has not made, where such a server calls
   * with something else than what is known of the connection.
   */
  joinable?(answer: PlatformAnswer): PlatformAnswer;
  /**
   * Stops the server that the runtime itself has made, where it does not by itself when a signal comes:
   * what is in flight is still answered. Settles when that has left.
   */
  stopRuntimeServer?(): Promise<void>;
  /**
   * What a server that the library has not made needs for its WebSockets, where it needs anything.
   *
   * @param maxMessageSize Bytes.
   */
  webSocketHooks?(maxMessageSize: number): BunWebSocketHooks;
  /**
   * Whether the client of a request has left, as far as the runtime can tell. It is asked before an upgrade
   * only: of a request that is answered otherwise, Deno then prints a notice.
   */
  hasLeft(request: Request): Promise<boolean>;
  /**
   * The same runtime, whose servers are those of `node:http`; absent where there are none.
   *
   * @param own This platform, with all that was changed of it.
   */
  nodeEngine?(own: Platform): Platform;
  /** Takes a WebSocket over. */
  upgradeWebSocket(request: Request, options: UpgradeOptions): Upgrade;
  /**
   * Whether a 101 answers an upgrade of the request, and is not just a response of that status, for
   * the end of which clients would wait.
   */
  isUpgrade(request: Request, response: Response): boolean;
  /**
   * Opens a WebSocket to a server, where the runtime's own is missing or can do less; its events tell what
   * becomes of it.
   */
  openWebSocket?(url: string, init: ClientWebSocketInit): WebSocket;
  /** Drops a socket whose peer no longer answers, where the runtime can. */
  terminate(socket: WebSocket): void;
  /** Its files. */
  readonly files: FileSystem;
  /** Its standard error and its environment. */
  readonly console: PlatformConsole;
  /**
   * The IPv4 addresses of this machine, its own for itself included; none where they may not be known.
   * Nobody is asked for a permission.
   */
  localAddresses(): readonly string[];
}

let detected: Platform | undefined;

/** The platform of the runtime that this code runs in. */
export function detectPlatform(): Platform {
  return detected ??= runtimePlatform();
}

/** Those that were made: errors that nobody caught and signals are looked after once for each. */
const engines = new WeakMap<Platform, Platform>();

/**
 * A platform on another engine.
 *
 * @param engine Its own unless given.
 * @throws {UnsupportedFeatureError} If the runtime does not have it.
 */
export function engineOf(platform: Platform, engine: "native" | "node" = "native"): Platform {
  if (engine === "native") return platform;
  const made = engines.get(platform) ?? platform.nodeEngine?.(platform);
  if (made === undefined) {
    throw new UnsupportedFeatureError('the engine "node"', "Deno or Node");
  }
  engines.set(platform, made);
  return made;
}
