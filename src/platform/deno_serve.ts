/** `Deno.serve` as the HTTP server of the platform. */
import { removeStaleSocket } from "./deno_net.ts";
import type { Platform, PlatformServeOptions, PlatformServer } from "./platform.ts";

/** See `Platform.serve`. */
export const serve: Platform["serve"] = (options, handler) => {
  if (options.replace && options.path !== undefined) removeStaleSocket(options.path);
  try {
    return open(options, handler);
  } catch (error) {
    throw explained(error, options);
  }
};

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
  };
}

/** The runtime says what is wrong, but not where, nor what can be done. */
function explained(
  error: unknown,
  { path, port, hostname = "0.0.0.0" }: PlatformServeOptions,
): unknown {
  const place = path === undefined ? `${hostname}:${port ?? 0}` : JSON.stringify(path);
  const text = (reason: string) => `Cannot listen on ${place}: ${reason}`;
  if (error instanceof Deno.errors.AddrInUse) {
    return renamed(
      new Deno.errors.AddrInUse(text(path === undefined ? PORT_IN_USE : PATH_IN_USE), {
        cause: error,
      }),
      "EADDRINUSE",
    );
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return renamed(
      new Deno.errors.AddrNotAvailable(text(NOT_HERE), { cause: error }),
      "EADDRNOTAVAIL",
    );
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return renamed(new Deno.errors.PermissionDenied(text(PRIVILEGED), { cause: error }), "EACCES");
  }
  return error;
}

const PORT_IN_USE =
  "another server has the port; end that one, or take another port (0 takes any that is free)";
const PATH_IN_USE =
  "something is there already; if a server that is gone has left it behind, remove it";
const NOT_HERE = "the address is none of this machine's; 0.0.0.0 takes all of them";
const PRIVILEGED = "the system does not allow it; ports below 1024 are often reserved";

/** Errors of the runtime have the code of the system. */
function renamed<E extends Error>(error: E, code: string): E {
  return Object.assign(error, { code });
}
