/** The text of a configuration file. */
import { OptionError } from "./option_error.ts";
import { optionName } from "./option_name.ts";

/**
 * What a configuration is written in.
 *
 * @category Options
 */
export type ConfigFormat = "json" | "toml";

/** A value of a configuration. */
export interface ConfigEntry {
  /** The name of its option; that of a value in a table begins with the table's. */
  readonly name: string;
  /** The name as it is written, those of the tables around it before it, with dots between. */
  readonly written: string;
  /** The value. */
  readonly value: unknown;
  /** The line that it stands in, from 1; `null` if that is not known. */
  readonly line: number | null;
}

/** What opens and closes a nested table: deeper than this is no configuration. */
const MAX_DEPTH = 8;

/**
 * Reads a configuration. A value in a table has the name of the table before its own: `host` of
 * `[mysql]` is `mysql-host`.
 *
 * @param file The file's name, for an error.
 * @throws {OptionError} The promise rejects if the text is malformed.
 */
export async function readConfig(
  text: string,
  { format, file }: { readonly format: ConfigFormat; readonly file: string },
): Promise<ConfigEntry[]> {
  const table = await parse(text.replace(/^\ufeff/, ""), { format, file });
  if (!isTable(table)) {
    throw new OptionError(`Cannot read options from ${file}: expected names and values at the top`);
  }
  const lines = text.split("\n");
  return entriesOf(table, []).map(({ path, value }) => ({
    name: path.map(optionName).join("-"),
    written: path.join("."),
    value,
    line: format === "json" ? lineOfJson(lines, path) : lineOfToml(lines, path),
  }));
}

async function parse(
  text: string,
  { format, file }: { readonly format: ConfigFormat; readonly file: string },
): Promise<unknown> {
  const read = format === "json" ? JSON.parse : (await import("@std/toml")).parse;
  try {
    return read(text);
  } catch (cause) {
    const { message } = cause instanceof Error ? cause : { message: String(cause) };
    const line = lineOfMessage(text, message) ?? lineOfPosition(text, message);
    const place = line === undefined ? file : `line ${line} of ${file}`;
    throw new OptionError(`Cannot read options from ${place}: it is not ${format.toUpperCase()}`, {
      cause,
    });
  }
}

/** A value that is missing is looked for behind the end of its line. */
function lineOfMessage(text: string, message: string): number | undefined {
  const [, line, column] = /line (\d+)(?:, column (\d+))?/.exec(message) ?? [];
  if (line === undefined) return undefined;
  const before = text.split("\n")[Number(line) - 2] ?? "";
  const isMissing = column === "0" && /=\s*$/.test(before);
  return isMissing ? Number(line) - 1 : Number(line);
}

/** An engine may tell the position alone. */
function lineOfPosition(text: string, message: string): number | undefined {
  const [, position] = /position (\d+)/.exec(message) ?? [];
  if (position !== undefined) return text.slice(0, Number(position)).split("\n").length;
  return /end of JSON/.test(message) ? text.split("\n").length : undefined;
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

interface Entry {
  readonly path: readonly string[];
  readonly value: unknown;
}

function entriesOf(table: Readonly<Record<string, unknown>>, path: readonly string[]): Entry[] {
  return Object.entries(table).flatMap(([name, value]) => {
    const inner = [...path, name];
    return isTable(value) && inner.length < MAX_DEPTH
      ? entriesOf(value, inner)
      : [{ path: inner, value }];
  });
}

/** The line of the key, after the lines of those of the tables around it. */
function lineOfJson(lines: readonly string[], path: readonly string[]): number | null {
  let from = 0;
  for (const name of path) {
    const key = JSON.stringify(name);
    const found = lines.findIndex((line, index) => index >= from && hasKey(line, key));
    if (found === -1) return null;
    from = found;
  }
  return from + 1;
}

function hasKey(line: string, key: string): boolean {
  const found = line.indexOf(key);
  return found !== -1 && line.slice(found + key.length).trimStart().startsWith(":");
}

function lineOfToml(lines: readonly string[], path: readonly string[]): number | null {
  const wanted = path.join(".");
  let table = "";
  for (const [index, line] of lines.entries()) {
    const trimmed = line.trim();
    if (trimmed.startsWith("[")) table = `${plain(trimmed.slice(1, trimmed.indexOf("]")))}.`;
    const equals = trimmed.indexOf("=");
    if (equals > 0 && table + plain(trimmed.slice(0, equals)) === wanted) return index + 1;
  }
  return null;
}

/** A key without its quotes and the space around its dots. */
function plain(key: string): string {
  return key.split(".").map((part) => part.trim().replace(/^(["'])(.*)\1$/, "$2")).join(".");
}
