/** Where the session of a request comes from, and goes to. */
import type { SessionDraft } from "./session_draft.ts";
import type { SessionRecord } from "./session_record.ts";

/** Keeps the session of one request: in its cookie, or in a store. */
export interface SessionKeeper {
  /** The session that came with the request, once it is there; `null` if none did. */
  readonly record: SessionRecord | null;
  /** Fetches it, where that takes time. */
  load?(): Promise<void> | undefined;
  /** Keeps what the handler made of it. It may set cookies before it returns, and not later. */
  save(draft: SessionDraft): Promise<void> | undefined;
}
