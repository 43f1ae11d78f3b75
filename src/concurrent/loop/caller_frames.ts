/** What runs a coroutine, as it shows in a stack trace. */
const MACHINERY =
  /\b(?:callerFrames|runGenerator|resume|runCoroutine)\b|\.next \(<anonymous>\)|\/coroutine\/(?:coroutine|runner)\./;

/** How many frames of a caller are enough to find it. */
const MOST_FRAMES = 5;

/** How long a trace may grow on its way through many coroutines. */
const LONGEST_TRACE = 50;

/** The stack frames of whoever called the coroutine that is starting now. */
export function callerFrames(): readonly string[] {
  const frames = new Error().stack?.split("\n").slice(1) ?? [];
  return frames.filter((frame) => !isMachinery(frame)).slice(0, MOST_FRAMES);
}

/**
 * Adds the frames of a coroutine's caller to the trace of an error that the coroutine ends with, in
 * place of those of the machinery. A generator that is resumed by the loop has lost its caller, as an
 * async function would not have.
 */
export function appendCaller(error: unknown, frames: readonly string[]): void {
  if (!(error instanceof Error) || typeof error.stack !== "string") return;
  const trace = error.stack.split("\n");
  if (trace.length > LONGEST_TRACE) return;
  const known = new Set(trace.map(place));
  const missing = frames.filter((frame) => !known.has(place(frame))).map(asAsync);
  const lastMachinery = trace.findLastIndex(isMachinery);
  const split = lastMachinery < 0 ? trace.length : lastMachinery;
  const inner = trace.slice(0, split).filter((frame) => !isMachinery(frame));
  setStack(error, [...inner, ...missing, ...trace.slice(split + 1)].join("\n"));
}

function setStack(error: Error, stack: string): void {
  try {
    error.stack = stack;
  } catch {
    // A frozen error keeps the trace it has.
  }
}

function isMachinery(line: string): boolean {
  return line.startsWith("    at ") && MACHINERY.test(line);
}

/** A frame without its column, and without the `async` that the runtime may have put there. */
function place(frame: string): string {
  return frame.trim().replace(/^at (?:async )?/, "").replace(/:\d+(\)?)$/, "$1");
}

function asAsync(frame: string): string {
  return frame.replace(/^(\s*at )(?:async )?/, "$1async ");
}
