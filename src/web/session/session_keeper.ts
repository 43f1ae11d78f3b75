/** Where the session of a request comes from, and goes to. */
import { generalLog } from "../../tools/log.ts";
import type { SessionDraft } from "./session_draft.ts";
import type { SessionPolicy } from "./session_options.ts";
import { decodeRecord, type SessionRecord } from "./session_record.ts";

/** Keeps the session of one request: in its cookie, or in a store. */
export interface SessionKeeper {
  /** The session that came with the request, once it is there; `null` if none did. */
  readonly record: SessionRecord | null;
  /** Fetches it, where that takes time. */
  load(): Promise<void> | undefined;
  /** Keeps what the handler made of it. It may set cookies before it returns, and not later. */
  save(draft: SessionDraft): Promise<void> | undefined;
}

/** Reads a record; `null` if it is malformed, which is logged, or its time is over. */
export function currentRecord(text: string, policy: SessionPolicy): SessionRecord | null {
  const record = decodeRecord(text);
  if (record === null) {
    generalLog().warn("Cannot read a session: its record is malformed");
    return null;
  }
  const now = policy.clock();
  const isOver = now - record.renewedAt >= policy.idleTimeout ||
    now - record.startedAt >= policy.lifetime;
  return isOver ? null : record;
}

/** Whether a draft has to be written: for a change, or to push the end of its idle time off. */
export function isDue(draft: SessionDraft, { idleTimeout, clock }: SessionPolicy): boolean {
  if (draft.origin === null) return !draft.isEmpty;
  return draft.isChanged || clock() - draft.origin.renewedAt >= idleTimeout * RENEWED_AFTER;
}

/** The part of the idle time after which it begins anew: a write for each request would be many. */
const RENEWED_AFTER = 0.1;
