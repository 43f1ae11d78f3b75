/** Why a server cannot listen, in words that name the way out: the same on every runtime. */
import type { PlatformServeOptions } from "./platform.ts";

/** The codes of the system that have a way out. */
export type ListenErrorCode = "EADDRINUSE" | "EADDRNOTAVAIL" | "EACCES";

/** What a server is told of the place where it cannot listen. */
export type ListenPlace = Pick<PlatformServeOptions, "path" | "port" | "hostname">;

/** The message of an error of listening. */
export function listenMessage(place: ListenPlace, reason: string): string {
  const { path, port, hostname = "0.0.0.0" } = place;
  const where = path === undefined ? `${hostname}:${port ?? 0}` : JSON.stringify(path);
  return `Cannot listen on ${where}: ${reason}`;
}

/** What a code of the system means there, and what can be done. */
export function listenAdvice(code: ListenErrorCode, { path }: ListenPlace): string {
  if (code === "EADDRNOTAVAIL") return NOT_HERE;
  if (code === "EACCES") return PRIVILEGED;
  return path === undefined ? PORT_IN_USE : PATH_IN_USE;
}

/** Whether a code is one of those. */
export function isListenErrorCode(code: unknown): code is ListenErrorCode {
  return code === "EADDRINUSE" || code === "EADDRNOTAVAIL" || code === "EACCES";
}

const PORT_IN_USE =
  "another server has the port; end that one, or take another port (0 takes any that is free)";
const PATH_IN_USE =
  "something is there already; if a server that is gone has left it behind, remove it";
const NOT_HERE = "the address is none of this machine's; 0.0.0.0 takes all of them";
const PRIVILEGED = "the system does not allow it; ports below 1024 are often reserved";
