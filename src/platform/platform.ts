/**
 * What the library asks of the runtime beneath it.
 *
 * Only the files of this folder name a runtime. Everything else sees a {@linkcode Platform}, which
 * {@linkcode detectPlatform} chooses at the first use and an application can inject.
 */
import { denoPlatform } from "./deno.ts";
import { standardPlatform } from "./standard.ts";
import { isWorkers, workersPlatform } from "./workers.ts";

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
}

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
   * A response with status 200, and no header field but the content type, which is not checked: it has
   * to be a valid field value.
   */
  textResponse(body: string, contentType: string): Response;
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
  calledByRuntimeServer(): boolean;
  /** Takes a WebSocket over; `idleTimeout` in milliseconds, 0 for none. */
  upgradeWebSocket(request: Request, options: { idleTimeout: number }): Upgrade;
  /**
   * Whether a 101 answers an upgrade of the request, and is not just a response of that status, for
   * the end of which clients would wait.
   */
  isUpgrade(request: Request, response: Response): boolean;
  /** Drops a socket whose peer no longer answers, where the runtime can. */
  terminate(socket: WebSocket): void;
  /** Its files. */
  readonly files: FileSystem;
  /** A built-in module of Node, loaded when it is first needed. */
  builtin(name: string): unknown;
}

let detected: Platform | undefined;

/** The platform of the runtime that this code runs in. */
export function detectPlatform(): Platform {
  return detected ??= choosePlatform();
}

function choosePlatform(): Platform {
  if ("Deno" in globalThis) return denoPlatform();
  return isWorkers() ? workersPlatform() : standardPlatform();
}
