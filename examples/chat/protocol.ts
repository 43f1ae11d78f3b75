/** What the page and the server say to each other in the topics of the chat. */

/** What was said. It has history, and whoever follows it is in the room. */
export const ROOM = "room";
/** Who writes just now: of interest to those who are there, and to nobody later. */
export const TYPING = "typing";

/** Characters of a name. */
export const MAX_NAME_LENGTH = 24;
/** Characters of a message. */
export const MAX_TEXT_LENGTH = 2_000;
/** Characters of a key. */
const MAX_KEY_LENGTH = 64;

/** Somebody in the room. */
export interface Person {
  /** The session: the same when a connection comes back, another one after the page was loaded anew. */
  readonly id: string;
  readonly name: string;
  /** The address that the connection comes from. */
  readonly address: string;
}

/** What a page publishes to the room. */
export interface Saying {
  /** By which the page knows its own message when it comes back. */
  readonly key: string;
  readonly text: string;
}

/** What the room gets of it. */
export interface Entry extends Saying {
  readonly person: Person;
  /** When, in ISO 8601. */
  readonly time: string;
}

/** What the page of a person is told at each connection, and nobody else. */
export interface Welcome {
  readonly you: Person;
}

/**
 * Reads what a page publishes to the room, or a program, for which the text alone will do.
 *
 * @returns The message, its text cleaned; `null` if it is not one that the page would send.
 */
export function parseSaying(data: unknown): Saying | null {
  if (typeof data === "string") return parseSaying({ key: crypto.randomUUID(), text: data });
  if (!isRecord(data)) return null;
  const { key, text } = data;
  if (typeof key !== "string" || key.length > MAX_KEY_LENGTH) return null;
  if (typeof text !== "string" || text.length > MAX_TEXT_LENGTH) return null;
  const cleaned = cleanText(text);
  return cleaned === "" ? null : { key, text: cleaned };
}

/** Characters that are not to be seen, or that turn the direction of what stands after them. */
const INVISIBLE = /[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** One line without odd spaces. */
export function cleanName(name: string): string {
  return name.replace(/\s+/g, " ").replace(INVISIBLE, "").trim();
}

/** Lines without control characters. */
export function cleanText(text: string): string {
  return text.split(/\r\n|\r|\n/).map((line) => line.replace(INVISIBLE, "").trimEnd())
    .join("\n").trim();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
