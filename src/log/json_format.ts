/** Lines for machines: one JSON object each. */
import { guarded, type LogRecord, messageOf } from "./log_record.ts";

/**
 * A record as a line, with its end: `time` (ISO 8601), `level`, `logger`, `message`, and what else is
 * known, such as `status` and `ms` of a request.
 */
export function formatJson(record: LogRecord): string {
  const { time, severity, logger, properties } = record;
  const { message: _, ...fields } = properties;
  const line = JSON.stringify({
    ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)])),
    time: new Date(time).toISOString(),
    level: severity,
    logger,
    message: messageOf(withoutError(record), guarded(String)),
  });
  return `${line.replace(CONTROL, escape)}\n`;
}

/** The error is a field of its own. */
function withoutError(record: LogRecord): LogRecord {
  return { ...record, template: record.template.replace(/\n\{error\}$/, "") };
}

/**
 * What JSON leaves as it is, and terminals obey: control characters, and those that turn the direction
 * of writing. Some readers take U+2028 and U+2029 for the end of a line.
 */
const CONTROL = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A value that JSON has. */
function plain(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return guardedError(value);
}

function guardedError(value: unknown): unknown {
  try {
    return value instanceof Error ? errorFields(value, MAX_CAUSES) : String(value);
  } catch {
    return "a value that cannot be shown";
  }
}

/** Nothing keeps an error from being its own cause. */
const MAX_CAUSES = 5;

function errorFields({ name, message, stack, cause }: Error, causes: number): object {
  const more = cause instanceof Error && causes > 0
    ? { cause: errorFields(cause, causes - 1) }
    : {};
  return { name: String(name), message: String(message), stack: String(stack), ...more };
}
