/** What clients send in the subprotocol `gustnado.v1.json`. */
import type { Chunk } from "../../http/body/chunk.ts";
import { isNestedTooDeep, MOST_NESTED } from "../../http/input_error.ts";
import { decodeBase64 } from "../broker/base64.ts";
import { parsePosition, type Position } from "../broker/position.ts";
import { problemOfTopic } from "./client_topic.ts";

/** The first line of a connection. */
export interface Hello {
  readonly type: "hello";
  /** What an earlier connection of the session was given. */
  readonly token: string | null;
}

/** Asks for a topic. */
export interface SubscribeRequest {
  readonly type: "subscribe";
  readonly id: number;
  readonly topic: string;
  readonly after?: Position;
  readonly last?: number;
  /** Whether to tell who is there. */
  readonly presence: boolean;
}

/** Gives a topic up. */
export interface UnsubscribeRequest {
  readonly type: "unsubscribe";
  readonly id: number;
  readonly topic: string;
}

/** Publishes. */
export interface PublishRequest {
  readonly type: "publish";
  readonly id: number;
  readonly topic: string;
  readonly data: string | Uint8Array | object;
}

/** Is for the handler itself. */
export interface MessageRequest {
  readonly type: "message";
  readonly id: number;
  readonly data: unknown;
}

/** A line that asks for something, but cannot be understood. */
export interface MalformedRequest {
  readonly type: "malformed";
  readonly id: number;
  readonly code: 400 | 404;
  readonly message: string;
}

/** What has an `id`, and gets an answer. */
export type ClientRequest =
  | SubscribeRequest
  | UnsubscribeRequest
  | PublishRequest
  | MessageRequest
  | MalformedRequest;

/** One line of a client's. */
export type ClientLine = Hello | ClientRequest | { readonly type: "ping" };

type Fields = Readonly<Record<string, unknown>>;

/**
 * Takes a frame apart.
 *
 * @param maxLines How many lines it may have.
 * @throws {SyntaxError} If a line is malformed, and nobody would know which request was refused.
 */
export function parseFrame(frame: Chunk, maxLines: number): ClientLine[] {
  if (typeof frame !== "string") throw new SyntaxError("Expected a text frame, got bytes");
  const lines = frame.split("\n", maxLines + 1);
  if (lines.length > maxLines) throw new SyntaxError(`A frame has more than ${maxLines} lines`);
  return lines.map(parseLine);
}

function parseLine(line: string): ClientLine {
  const fields = parseObject(line);
  const { type, id } = fields;
  if (type === "ping") return { type };
  if (type === "hello") return parseHello(fields);
  if (!isRequestId(id)) throw new SyntaxError("A line has no id that is a whole number from 1");
  try {
    return parseRequest(fields, id);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { type: "malformed", id, code: error.code, message: error.message };
  }
}

function parseObject(line: string): Fields {
  if (isNestedTooDeep(line)) {
    throw new SyntaxError(`A line is nested more than ${MOST_NESTED} deep`);
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new SyntaxError("A line is not JSON");
  }
  if (isFields(value)) return value;
  throw new SyntaxError("A line is not a JSON object");
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseHello({ token }: Fields): Hello {
  return { type: "hello", token: typeof token === "string" ? token : null };
}

function isRequestId(id: unknown): id is number {
  return typeof id === "number" && Number.isSafeInteger(id) && id >= 1;
}

function parseRequest(fields: Fields, id: number): ClientRequest {
  switch (fields.type) {
    case "subscribe":
      return parseSubscribe(fields, id);
    case "unsubscribe":
      return { type: "unsubscribe", id, topic: topicOf(fields) };
    case "publish":
      return { type: "publish", id, topic: topicOf(fields), data: publishableOf(fields) };
    case "message":
      return { type: "message", id, data: dataOf(fields) };
    default:
      throw new Refused("The type is unknown", 404);
  }
}

function parseSubscribe(fields: Fields, id: number): SubscribeRequest {
  const { after = null, last = null, presence } = fields;
  return {
    type: "subscribe",
    id,
    topic: topicOf(fields),
    ...after === null ? {} : { after: positionOf(after) },
    ...last === null ? {} : { last: countOf(last) },
    presence: presence === true,
  };
}

function topicOf({ topic }: Fields): string {
  const problem = problemOfTopic(topic);
  if (problem !== null || typeof topic !== "string") throw new Refused(problem ?? "");
  return topic;
}

function positionOf(after: unknown): Position {
  const position = typeof after === "string" ? parsePosition(after) : null;
  if (position === null) throw new Refused('The position "after" is malformed');
  return position;
}

function countOf(last: unknown): number {
  if (typeof last === "number" && Number.isSafeInteger(last) && last >= 0) return last;
  throw new Refused('"last" must be a whole number from 0');
}

function publishableOf(fields: Fields): string | Uint8Array | object {
  const data = dataOf(fields);
  if (typeof data === "string" || typeof data === "object" && data !== null) return data;
  throw new Refused('"data" must be a string, an object or an array');
}

function dataOf({ data, base64 }: Fields): unknown {
  if (base64 === undefined) {
    if (data !== undefined) return data;
    throw new Refused('There is neither "data" nor "base64"');
  }
  const bytes = typeof base64 === "string" ? decodeBase64(base64) : null;
  if (bytes === null) throw new Refused('"base64" is malformed');
  return bytes;
}

/** What is thrown within this file for a request that is told so. */
class Refused extends Error {
  readonly code: 400 | 404;

  constructor(message: string, code: 400 | 404 = 400) {
    super(message);
    this.code = code;
  }
}
