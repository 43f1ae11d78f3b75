/** Errors of an application that nobody caught: they are logged, and the process lives. */
import type { Platform, UnhandledError } from "../platform/platform.ts";
import { isOutOfFiles, leaveOutLines } from "../platform/unmapped_stacks.ts";
import { logApplicationError } from "../log.ts";

interface Watch {
  users: number;
  readonly release: () => void;
}

const watches = new WeakMap<Platform, Watch>();
const requests = new WeakMap<object, string>();

/**
 * Remembers which request an error belongs to, for the log.
 *
 * @param error An error that is about to be thrown where nobody may be there to catch it.
 * @param request The request, as it may stand in a log.
 * @returns The error.
 */
export function ofRequest<E extends Error>(error: E, request: { toString(): string }): E {
  requests.set(error, String(request));
  return error;
}

/**
 * Logs what nobody catches, from now on.
 *
 * @returns What ends it, unless others want it too; to be called once.
 */
export function logUnhandledErrors(platform: Platform): () => void {
  let watch = watches.get(platform);
  if (watch === undefined) {
    watches.set(platform, watch = { users: 0, release: platform.onUnhandledError(report) });
  }
  const current = watch;
  current.users++;
  return () => {
    if (--current.users > 0) return;
    watches.delete(platform);
    current.release();
  };
}

function report({ kind, error }: UnhandledError): void {
  if (isOutOfFiles(error)) leaveOutLines();
  const request = Object(error) === error ? requests.get(error as object) : undefined;
  const origin = request === undefined ? "" : ` in ${request}`;
  const call = outermostCall(error);
  const message = kind === "rejection"
    ? `Unhandled rejection${origin}: perhaps an "await" is missing${
      call && ` where ${call}() is called`
    }`
    : `Uncaught error${origin} in a callback that nobody waits for${call && `: ${call}()`}`;
  logApplicationError(message, error);
}

/** The call that nobody waited for: the outermost one of the application's own on the stack, or "". */
function outermostCall(error: unknown): string {
  const stack = stackOf(error);
  const calls = stack.matchAll(/^ {4}at (?:async )?([\w$.#]+) \((?!ext:|node:)/gm);
  return [...calls].at(-1)?.[1] ?? "";
}

/** What is thrown can be anything, a proxy that throws for every look at it included. */
function stackOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.stack) : "";
  } catch {
    return "";
  }
}
