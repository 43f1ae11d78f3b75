/**
 * Stack traces without source maps: Deno panics where it has to read one and there is no file
 * descriptor left.
 */

/** What V8 tells of a frame without a look into a source map. */
interface Frame {
  getFunctionName(): string | null;
  getScriptNameOrSourceURL(): string | null;
}

/** The constructor of errors, in V8. */
interface PreparedErrors {
  prepareStackTrace?(error: Error, frames: readonly Frame[]): unknown;
}

type Prepare = PreparedErrors["prepareStackTrace"];

/** For how long a process that had no descriptors left may have none again, in milliseconds. */
const WHILE = 10_000;

const OUT_OF_FILES = /\bE[MN]FILE\b|too many open files/i;

let until = -Infinity;
let usual: Prepare;

/** Whether there are no file descriptors left: an error, or what caused it, says so, or it shows. */
export function isOutOfFiles(error: unknown): boolean {
  return saysSo(error) || cannotReadMemory();
}

/** On Linux the runtime reads it from a file, and without a descriptor tells that it is nothing. */
function cannotReadMemory(): boolean {
  try {
    return typeof Deno !== "undefined" && Deno.build.os === "linux" &&
      Deno.memoryUsage().rss === 0;
  } catch {
    return false;
  }
}

function saysSo(error: unknown): boolean {
  try {
    if (!(error instanceof Error)) return false;
    return OUT_OF_FILES.test(error.message) || error !== error.cause && saysSo(error.cause);
  } catch {
    // An error of an application's own may throw for a look at it.
    return false;
  }
}

/** From now on stack traces name functions and files, but no lines, until there may be descriptors. */
export function leaveOutLines(): void {
  until = performance.now() + WHILE;
  const errors: PreparedErrors = Error;
  if (errors.prepareStackTrace === prepareForAWhile) return;
  usual = errors.prepareStackTrace;
  errors.prepareStackTrace = prepareForAWhile;
}

/** The stack of who calls, without its lines. */
export function stackWithoutLines(): string {
  const errors: PreparedErrors = Error;
  const before = errors.prepareStackTrace;
  errors.prepareStackTrace = withoutLines;
  try {
    return new Error().stack ?? "";
  } finally {
    restore(before);
  }
}

function prepareForAWhile(error: Error, frames: readonly Frame[]): unknown {
  if (performance.now() < until) return withoutLines(error, frames);
  restore(usual);
  return usual?.(error, frames) ?? [text(error), ...frames].join("\n    at ");
}

function withoutLines(error: Error, frames: readonly Frame[]): string {
  return [text(error), ...frames.map(nameOf)].join("\n    at ");
}

function restore(prepare: Prepare): void {
  if (prepare === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
  else Object.assign(Error, { prepareStackTrace: prepare });
}

function nameOf(frame: Frame): string {
  const script = frame.getScriptNameOrSourceURL() ?? "<anonymous>";
  const name = frame.getFunctionName();
  return name === null ? script : `${name} (${script})`;
}

function text(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "Error";
  }
}
