/** What a stream answers to a publication. */
import type { Msg } from "@nats-io/transport-node";
import { BrokerError } from "../broker/broker_error.ts";

/** The answer to a publication. */
export type Acknowledgement =
  | { readonly kind: "stored"; readonly sequence: number; readonly duplicate: boolean }
  /** The stream does not take it. */
  | { readonly kind: "refused"; readonly code: number; readonly reason: string }
  /** No stream takes the subject. */
  | { readonly kind: "nobody" };

/** A publication expected a subject without messages, and there are some (`JSStreamWrongLastSequenceErrF`). */
export const WRONG_LAST_SEQUENCE = 10071;

/** What a stream writes. */
interface Answer {
  readonly seq?: unknown;
  readonly duplicate?: unknown;
  readonly error?: { readonly err_code?: unknown; readonly description?: unknown };
}

/** Reads an answer; `null` if it is none. */
export function readAcknowledgement(message: Msg): Acknowledgement | null {
  if (message.headers?.code === 503) return { kind: "nobody" };
  const { seq, duplicate, error } = parse(message);
  if (typeof seq === "number" && seq > 0 && error === undefined) {
    return { kind: "stored", sequence: seq, duplicate: duplicate === true };
  }
  if (typeof error !== "object" || error === null) return null;
  const { err_code: code, description } = error;
  return { kind: "refused", code: Number(code), reason: String(description) };
}

/** @throws {BrokerError} If the stream did not take it. */
export function expectStored(
  answer: Acknowledgement,
): Extract<Acknowledgement, { kind: "stored" }> {
  if (answer.kind === "stored") return answer;
  const why = answer.kind === "refused" ? answer.reason : "no stream takes it";
  throw new BrokerError(`Cannot publish over NATS: ${why}`);
}

function parse(message: Msg): Answer {
  try {
    return message.json<Answer | null>() ?? {};
  } catch {
    return {};
  }
}
