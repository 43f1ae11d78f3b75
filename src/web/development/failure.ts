/** What was thrown, as a page about it shows it. */
import { readExcerpt, type SourceExcerpt } from "./source_excerpt.ts";
import { framesOf, localPath, type StackFrame } from "../../platform/stack_frame.ts";

/** A call, with its source where that can be read. */
export interface FailedCall extends StackFrame {
  /** The lines around. */
  readonly source: SourceExcerpt | null;
}

/** Something that was thrown. */
export interface Failure {
  /** The class of the error. */
  readonly name: string;
  /** What it says. */
  readonly message: string;
  /** The whole stack, as the runtime writes it. */
  readonly stack: string;
  /** The calls, innermost first. */
  readonly calls: readonly FailedCall[];
  /** The place in a template, of an error that tells one. */
  readonly template: { readonly name: string; readonly source: SourceExcerpt } | null;
}

/** Errors of a chain that are shown; nothing keeps an error from being its own cause. */
const MAX_FAILURES = 10;
/** Calls of the application whose source is shown. */
const MAX_SOURCES = 5;
/** Characters of a message. */
const MAX_MESSAGE = 10_000;

/**
 * The error and what caused it, each once.
 *
 * @param templatePath The directory of the templates.
 */
export function failuresOf(error: unknown, templatePath?: string): Failure[] {
  const errors = new Set<unknown>();
  const waiting = [error];
  while (waiting.length > 0 && errors.size < MAX_FAILURES) {
    const next = waiting.shift();
    if (next === undefined || errors.has(next)) continue;
    errors.add(next);
    waiting.push(...causesOf(next));
  }
  return [...errors].map((each) => failureOf(each, templatePath));
}

function causesOf(error: unknown): unknown[] {
  return guarded(() => {
    if (!(error instanceof Error)) return [];
    const several = error instanceof AggregateError ? error.errors.slice(0, MAX_FAILURES) : [];
    return [error.cause, ...several];
  }, []);
}

function failureOf(error: unknown, templatePath: string | undefined): Failure {
  const text = guarded(() => String(error), "an object that cannot be shown");
  const isError = guarded(() => error instanceof Error, false);
  const stack = guarded(() => error instanceof Error ? String(error.stack ?? text) : text, text);
  return {
    name: isError ? guarded(() => nameOf(error), "Error") : `a ${typeof error} that was thrown`,
    message: guarded(() => messageOf(error), text).slice(0, MAX_MESSAGE),
    stack,
    calls: isError ? withSources(framesOf(stack)) : [],
    template: guarded(() => placeInTemplate(error, templatePath), null),
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name || error.constructor.name : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function withSources(frames: readonly StackFrame[]): FailedCall[] {
  let left = MAX_SOURCES;
  return frames.map((frame) => {
    const path = frame.of === "application" && left > 0 ? localPath(frame.file) : null;
    const source = path === null ? null : readExcerpt(path, frame.line);
    if (source !== null) left--;
    return { ...frame, source };
  });
}

/** Errors of templates have the name of a file and a line. */
function placeInTemplate(error: unknown, templatePath: string | undefined): Failure["template"] {
  const { filename: name, line } = Object(error);
  if (templatePath === undefined || typeof name !== "string" || typeof line !== "number") {
    return null;
  }
  if (name.split(/[\\/]/).includes("..")) return null;
  const source = readExcerpt(`${templatePath}/${name}`, line);
  return source === null ? null : { name, source };
}

/** What is thrown can throw for every look at it. */
function guarded<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
