/** The calls that led to an error, as its stack tells them. */

/** A call. */
export interface StackFrame {
  /** The function, or `""`. */
  readonly call: string;
  /** The module: a URL, or what the runtime calls it. */
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
  /** The column, from 1. */
  readonly column: number;
  /** Whose code it is. */
  readonly of: "application" | "framework" | "runtime" | "dependency";
}

/** Calls that are looked at; a stack has ten unless it was made longer. */
const MAX_FRAMES = 50;
/** Characters of a stack, of which a message may be most. */
const MAX_STACK = 100_000;
/** Characters of a line: what is longer is no call, and would be slow to search. */
const MAX_LINE = 2_000;

const FRAME = /^\s*at (?:async )?(?:(.+) \()?([^()\s]+):(\d+):(\d+)\)?$/;

/** The calls, innermost first. */
export function framesOf(stack: string): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const line of stack.slice(0, MAX_STACK).split("\n")) {
    const found = line.length > MAX_LINE ? null : FRAME.exec(line);
    if (found === null) continue;
    const [, call = "", file = "", number, column] = found;
    frames.push({ call, file, line: Number(number), column: Number(column), of: ownerOf(file) });
    if (frames.length === MAX_FRAMES) break;
  }
  return frames;
}

/** What people call a module: its path, if it has one. */
export function shownPath(file: string): string {
  return localPath(file) ?? file;
}

/** The path of a module; `null` if it is not a file. */
export function localPath(file: string): string | null {
  if (file.startsWith("/")) return file;
  const url = URL.parse(file);
  if (url?.protocol !== "file:") return null;
  try {
    const path = decodeURIComponent(url.pathname);
    return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
  } catch {
    return null;
  }
}

function ownerOf(file: string): StackFrame["of"] {
  if (/^(?:ext|node|deno|internal|native):/.test(file) || file === "<anonymous>") return "runtime";
  if (file.startsWith(house())) return "framework";
  return file.includes("/node_modules/") || /^(?:https?|npm|jsr):/.test(file)
    ? "dependency"
    : "application";
}

/** Where the framework's own modules are: `src/`, or the folder of what was built of it. */
function house(): string {
  const own = import.meta.url;
  return new URL(own.endsWith("/src/platform/stack_frame.ts") ? "../" : "./", own).href;
}
