/** Lines for people: time, level, what happened. */
import { detectPlatform } from "../platform/platform.ts";
import { guarded, type LogRecord, messageOf, type Severity } from "./log_record.ts";

/** How lines look. */
export interface TextStyle {
  /** Whether they have colours. */
  readonly colors: boolean;
  /** Whether they have the time of the day alone, that of this place; else date and time in UTC. */
  readonly short: boolean;
}

/** A record as a line, with its end. Whatever clients sent in it is printable. */
export function formatText(record: LogRecord, style: TextStyle): string {
  const paint: Paint = style.colors ? painted : (text) => text;
  const time = paint(
    style.short ? timeOfDay(record.time) : new Date(record.time).toISOString(),
    DIM,
  );
  const letter = paint(record.severity.charAt(0).toUpperCase(), SEVERITY_COLORS[record.severity]);
  const text = record.logger === "access" ? accessText(record, paint) : plainText(record, paint);
  return `${time} ${letter} ${text}\n`;
}

type Paint = (text: string, color: number) => string;

const [DIM, RED, GREEN, YELLOW, CYAN] = [2, 31, 32, 33, 36] as const;

const SEVERITY_COLORS: Readonly<Record<Severity, number>> = {
  debug: DIM,
  info: GREEN,
  warning: YELLOW,
  error: RED,
};

function painted(text: string, color: number): string {
  return `\x1b[${color}m${text}\x1b[0m`;
}

function timeOfDay(time: number): string {
  const date = new Date(time);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** A longer URI is cut: a client chooses how long it is. */
const LONGEST_URI = 200;

/** Status, method, path, duration, and why. An application's own line is shown as it is. */
function accessText(record: LogRecord, paint: Paint): string {
  const { status, method, uri, remoteIp, ms, reason, requestId } = record.properties;
  if (typeof status !== "number" || typeof ms !== "number") return plainText(record, paint);
  const path = String(uri);
  const shown = path.length > LONGEST_URI ? `${path.slice(0, LONGEST_URI)}…` : path;
  const client = isOwn(remoteIp) ? "" : ` ${printable(String(remoteIp))}`;
  const name = requestId === undefined ? "" : ` ${printable(String(requestId))}`;
  const why = reason === undefined ? "" : `: ${printable(String(reason))}`;
  return paint(String(status), statusColor(status)) +
    ` ${printable(`${method} ${shown}`)}` +
    paint(`${client}${name} ${ms.toFixed(2)}ms`, DIM) + why;
}

/** This machine's own requests, and those without a connection, need no address. */
function isOwn(remoteIp: unknown): boolean {
  return typeof remoteIp !== "string" || /^(127\.|0\.0\.0\.0$|::1$|$)/.test(remoteIp);
}

function statusColor(status: number): number {
  if (status >= 500) return RED;
  if (status >= 400) return YELLOW;
  return status >= 300 ? CYAN : GREEN;
}

/** An exception has many lines; those behind the first stand in, where no line of a log begins. */
function plainText(record: LogRecord, paint: Paint): string {
  const isError = record.logger === "application";
  const show = guarded(isError ? valueWithStack : (value) => printable(String(value)));
  const [first = "", ...rest] = messageOf(record, show).split(/\r\n|[\r\n]/).map(printable);
  const indented = rest.map((line) => `\n    ${paint(line, DIM)}`).join("");
  return (record.severity === "error" ? paint(first, RED) : first) + indented;
}

function valueWithStack(value: unknown): string {
  return typeof value === "string" ? value : detectPlatform().console.inspect(value);
}

/** Control characters, and those that turn the direction of writing or break a line unseen. */
const CONTROL = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Text that does nothing to a terminal: control characters are written as escapes. */
export function printable(text: string): string {
  return text.replace(CONTROL, escape);
}

function escape(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
}
