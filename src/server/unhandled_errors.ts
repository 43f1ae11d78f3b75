/** Errors of an application that nobody caught: they are logged, and the process lives. */
import { logApplicationError } from "../log.ts";
import type { Platform, UnhandledError } from "../platform/platform.ts";
import { isOutOfFiles, leaveOutLines } from "../platform/unmapped_stacks.ts";
import { framesOf } from "../platform/stack_frame.ts";

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
 * @param request The request, as it may stand in a log, and the status that it was answered with.
 * @returns The error.
 */
export function ofRequest<E extends Error>(
  error: E,
  request: { readonly answeredWith: number; toString(): string },
): E {
  requests.set(error, `${request}, after its answer of ${request.answeredWith}`);
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
    ? `Unhandled rejection${origin}: perhaps an "await" is missing${whereOf(call)}`
    : `Uncaught error${origin} in a callback that nobody waits for${call && `: ${call.name}()`}`;
  logApplicationError(message, error);
}

/** A call of the application's own. */
interface OwnCall {
  readonly name: string;
  /** Whether the framework has called it. It takes care of what it is given. */
  readonly isCalledByUs: boolean;
}

/** The outermost call of the application's own on the stack, which nobody waited for; `""` if none. */
function outermostCall(error: unknown): OwnCall | "" {
  const frames = framesOf(stackOf(error));
  const index = frames.findLastIndex(({ of, call }) => of === "application" && call !== "");
  const frame = frames[index];
  if (frame === undefined) return "";
  const isCalledByUs = frames.slice(index).some(({ of }) => of === "framework");
  return { name: frame.call, isCalledByUs };
}

function whereOf(call: OwnCall | ""): string {
  if (call === "") return "";
  return call.isCalledByUs ? ` in ${call.name}()` : ` where ${call.name}() is called`;
}

/** What is thrown can be anything, a proxy that throws for every look at it included. */
function stackOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.stack) : "";
  } catch {
    return "";
  }
}

/** What a streamed response fails with once the reason has been logged. */
export class BrokenOffError extends Error {
  override readonly name = "BrokenOffError";

  constructor(cause: unknown) {
    super("The response was broken off", { cause });
  }
}
