/** `Deno.serve` as the HTTP server of the platform. */
import { blockSocketPath, removeStaleSocket } from "./deno_net.ts";
import { listenAdvice, type ListenErrorCode, listenMessage } from "../listen_error.ts";
import type { Platform, PlatformServeOptions, PlatformServer } from "../platform.ts";

/** See `Platform.serve`. */
export const serve: Platform["serve"] = (options, handler) => {
  if (options.replace && options.path !== undefined) removeStaleSocket(options.path);
  try {
    return open(options, handler);
  } catch (error) {
    throw withCaller(() => explained(error, options));
  }
};

/** The line that listens stands behind many of the library's. */
const FRAMES = 50;

function withCaller<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function open(options: PlatformServeOptions, handler: Parameters<typeof serve>[1]): PlatformServer {
  const { path, port, hostname, cert, key, onError } = options;
  const shared = { onError, onListen: () => {} };
  const server = path !== undefined ? Deno.serve({ ...shared, path }, handler) : Deno.serve({
    ...shared,
    port: port ?? 0,
    ...(hostname === undefined ? {} : { hostname }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  }, handler);
  return {
    addr: server.addr as PlatformServer["addr"],
    finished: server.finished,
    shutdown: () => server.shutdown(),
    withdraw: () => path !== undefined && blockSocketPath(path),
  };
}

/** The runtime says what is wrong, but not where, nor what can be done. */
function explained(error: unknown, place: PlatformServeOptions): unknown {
  const text = (code: ListenErrorCode) => listenMessage(place, listenAdvice(code, place));
  if (error instanceof Deno.errors.AddrInUse) {
    const code = "EADDRINUSE";
    return renamed(new Deno.errors.AddrInUse(text(code), { cause: error }), code);
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    const code = "EADDRNOTAVAIL";
    return renamed(new Deno.errors.AddrNotAvailable(text(code), { cause: error }), code);
  }
  if (error instanceof Deno.errors.NotCapable) {
    return new Deno.errors.NotCapable(listenMessage(place, error.message), { cause: error });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    const code = "EACCES";
    return renamed(new Deno.errors.PermissionDenied(text(code), { cause: error }), code);
  }
  return error;
}

/** Errors of the runtime have the code of the system. */
function renamed<E extends Error>(error: E, code: string): E {
  return Object.assign(error, { code });
}
