/** The lines that servers send in the subprotocol `gustnado.v1.json`. */
import { toBase64 } from "../../http/byte_text.ts";
import { formatPosition, type Position } from "../broker/position.ts";
import type { PresenceMember } from "../feed/topic_subscriber.ts";

/** Characters of a frame that several lines are joined into. */
const FRAME_SIZE = 65_536;

/** The answer to a `ping`. */
export const PONG = '{"type":"pong"}';

/** What a client is told of its session. */
export interface Welcome {
  readonly session: string;
  /** What it comes back with. */
  readonly token: string;
  readonly resumed: boolean;
  /** Milliseconds of silence after which the client should ask whether the connection is alive. */
  readonly pingInterval: number;
}

/** How a subscription begins. */
export interface Subscribed {
  /** The request; none if the server subscribed the client. */
  readonly id?: number | undefined;
  readonly topic: string;
  /** Where messages begin; none of a plain topic. */
  readonly position?: Position | undefined;
  /** Whether all that was missed follows; `null` if nobody asked. */
  readonly recovered?: boolean | null;
  readonly members?: readonly PresenceMember[] | undefined;
}

/** The answer to `hello`. */
export function formatWelcome(welcome: Welcome): string {
  return JSON.stringify({ type: "welcome", ...welcome });
}

/** A new token, in place of the one before. */
export function formatToken(token: string): string {
  return JSON.stringify({ type: "token", token });
}

/** The answer to `subscribe`. */
export function formatSubscribed(
  { id, topic, position, recovered, members }: Subscribed,
): string {
  return JSON.stringify({
    type: "subscribed",
    id,
    topic,
    position: position && formatPosition(position),
    recovered: recovered ?? undefined,
    members,
  });
}

/** What came of a request. */
export function formatAck(
  id: number,
  result: { position?: Position; data?: unknown } = {},
): string {
  const { position, data } = result;
  const head = `{"type":"ack","id":${id}`;
  if (position !== undefined) return `${head},"position":"${formatPosition(position)}"}`;
  return data === undefined ? `${head}}` : `${head},${formatData(data)}}`;
}

/** Why a request was refused; without an `id`, what else went wrong. */
export function formatError(code: number, message: string, id?: number): string {
  return JSON.stringify({ type: "error", id, code, message });
}

/** A message to one client. */
export function formatDirect(data: unknown): string {
  return `{"type":"message",${formatData(data)}}`;
}

/** Something before the position was lost. */
export function formatLost(topic: string, position: Position): string {
  return JSON.stringify({ type: "lost", topic, position: formatPosition(position) });
}

/** All that are there. */
export function formatPresent(
  topic: string,
  members: readonly PresenceMember[],
  position: Position,
): string {
  return JSON.stringify({ type: "present", topic, members, position: formatPosition(position) });
}

/** What was told last of a member: all who watch are told the same, one after another. */
interface Told {
  readonly type: "joined" | "left";
  readonly member: PresenceMember;
  readonly position: Position;
  readonly line: string;
}

let latest: Told | undefined;

/** That somebody came or left. */
export function formatMember(
  type: "joined" | "left",
  topic: string,
  member: PresenceMember,
  position: Position,
): string {
  const isSame = latest?.type === type && latest.member === member && latest.position === position;
  if (latest !== undefined && isSame) return latest.line;
  const line = JSON.stringify({ type, topic, member, position: formatPosition(position) });
  latest = { type, member, position, line };
  return line;
}

/**
 * The member of a line that has a message.
 *
 * @throws {TypeError} If it cannot be JSON.
 */
export function formatData(data: unknown): string {
  if (data instanceof Uint8Array) return `"base64":"${toBase64(data)}"`;
  const json = JSON.stringify(data);
  if (json !== undefined) return `"data":${json}`;
  throw new TypeError(`Cannot send a ${typeof data}: expected bytes, or what can be JSON`);
}

/** Lines as frames of up to 64 KiB; a longer line is a frame by itself. */
export function* joinLines(lines: Iterable<string>): Generator<string> {
  let frame = "";
  for (const line of lines) {
    if (frame !== "" && frame.length + line.length >= FRAME_SIZE) {
      yield frame;
      frame = line;
    } else frame = frame === "" ? line : `${frame}\n${line}`;
  }
  if (frame !== "") yield frame;
}
