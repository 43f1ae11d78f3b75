/** What the page and the server say to each other over the WebSocket, as JSON. */

/** Characters of a name. */
export const MAX_NAME_LENGTH = 24;
/** Characters of a message. */
export const MAX_TEXT_LENGTH = 2_000;

/** Somebody in the room. */
export interface Person {
  /** Is another one at every visit. */
  readonly id: string;
  readonly name: string;
  /** The address that the connection comes from. */
  readonly address: string;
}

/** Something that happened in the room. */
export interface Entry {
  readonly id: string;
  readonly kind: "joined" | "left" | "said";
  readonly person: Person;
  /** When, in ISO 8601. */
  readonly time: string;
  /** What was said; empty for the other kinds. */
  readonly text: string;
}

/** From the page: to come in, and to say something. */
export type ClientMessage =
  | { readonly type: "join"; readonly name: string }
  | { readonly type: "say"; readonly text: string };

/** From the server. */
export type ServerMessage =
  | {
    /** You are in: this is who you are, who is here, and what was said before. */
    readonly type: "welcome";
    readonly you: Person;
    readonly people: readonly Person[];
    readonly history: readonly Entry[];
  }
  | { readonly type: "entry"; readonly entry: Entry }
  | {
    /** A message was not passed on; the page may give it back to its author. */
    readonly type: "refused";
    readonly reason: string;
    readonly text: string;
  };

/**
 * Reads a message of a page.
 *
 * @returns The message, its text cleaned; `null` if it is not one that the page would send.
 */
export function parseClientMessage(message: string | Uint8Array): ClientMessage | null {
  const value = parseObject(message);
  if (value?.type === "join") return withText(value.name, MAX_NAME_LENGTH, cleanName, toJoin);
  if (value?.type === "say") return withText(value.text, MAX_TEXT_LENGTH, cleanText, toSay);
  return null;
}

const toJoin = (name: string): ClientMessage => ({ type: "join", name });
const toSay = (text: string): ClientMessage => ({ type: "say", text });

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

function withText(
  value: unknown,
  maxLength: number,
  clean: (text: string) => string,
  result: (text: string) => ClientMessage,
): ClientMessage | null {
  if (typeof value !== "string" || value.length > maxLength) return null;
  const text = clean(value);
  return text === "" ? null : result(text);
}

function parseObject(message: string | Uint8Array): Record<string, unknown> | null {
  if (typeof message !== "string") return null;
  try {
    const value: unknown = JSON.parse(message);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
