/** The lines around a place in a file. */
import { mayRead } from "../../platform/file_watch.ts";
import { sourceFiles } from "../../platform/source_files.ts";

/** Some lines of a file. */
export interface SourceExcerpt {
  /** The number of the first of them, from 1. */
  readonly first: number;
  /** The number of the one that matters. */
  readonly marked: number;
  /** The lines. */
  readonly lines: readonly string[];
}

/** Lines before and after. */
const AROUND = 5;
/** Characters of a line: one that was made by a program may have all of it. */
const MAX_LINE = 400;
/** Bytes of a file that is looked at. */
const MAX_FILE = 2 * 1024 * 1024;

/**
 * Reads the lines around one.
 *
 * @param path The file.
 * @param line The line that matters, from 1.
 * @returns `null` if the file cannot be read, or has no such line.
 */
export function readExcerpt(path: string, line: number): SourceExcerpt | null {
  const text = read(path);
  if (text === null) return null;
  const all = text.split(/\r?\n/);
  if (line < 1 || line > all.length) return null;
  const first = Math.max(1, line - AROUND);
  const lines = all.slice(first - 1, line + AROUND).map((each) => each.slice(0, MAX_LINE));
  return { first, marked: line, lines };
}

function read(path: string): string | null {
  try {
    if (!mayRead(path)) return null;
    const bytes = sourceFiles("showing source").read(path);
    return bytes === null || bytes.length > MAX_FILE ? null : new TextDecoder().decode(bytes);
  } catch {
    return null;
  }
}
