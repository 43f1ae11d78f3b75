import { toBase64 } from "../../http/byte_text.ts";
import { nodeCrypto } from "../../platform/node_builtins.ts";
import { generalLog } from "../../log.ts";
import type { RequestHandler } from "../request_handler.ts";
import { SessionCookie, timeLeft } from "./session_cookie.ts";
import type { SessionDraft } from "./session_draft.ts";
import type { SessionKeeper } from "./session_keeper.ts";
import type { SessionPolicy } from "./settings.ts";
import { currentRecord, encodeRecord, type SessionRecord } from "./session_record.ts";
import type { SessionStore } from "./session_store.ts";

const ID_BYTES = 32;
const ID = /^[A-Za-z0-9_-]{43}$/;
/** So many requests of one session may write at the same time: at every attempt one of them does. */
const MOST_ATTEMPTS = 64;

/** What the store has: under which id and key, and the record as it is there. */
interface Found {
  readonly id: string;
  readonly key: string;
  readonly text: string;
}

/** A session in a store. Its cookie holds the id; the store knows it by the hash of the id. */
export class StoredSession implements SessionKeeper {
  readonly #policy: SessionPolicy;
  readonly #store: SessionStore;
  readonly #cookie: SessionCookie;
  /** The session that came with the request. */
  #found: Found | undefined;
  #record: SessionRecord | null | undefined;

  constructor(handler: RequestHandler, policy: SessionPolicy, store: SessionStore) {
    this.#policy = policy;
    this.#store = store;
    this.#cookie = new SessionCookie(handler, policy);
  }

  get record(): SessionRecord | null {
    if (this.#record !== undefined) return this.#record;
    throw new Error(
      "Cannot use the session: it is not loaded yet; it is from getCurrentUser() and prepare() on",
    );
  }

  load(): Promise<void> | undefined {
    const id = this.#cookie.value;
    if (id !== null && ID.test(id)) return this.#find(id);
    this.#record = null;
  }

  async #find(id: string): Promise<void> {
    const key = keyOf(id);
    const text = await attempt("load", () => this.#store.load(key));
    this.#record = text === null ? null : currentRecord(text, this.#policy);
    // An id that the store does not know is never taken over: a stranger may have planted it.
    if (text !== null && this.#record !== null) this.#found = { id, key, text };
  }

  save(draft: SessionDraft): Promise<void> | undefined {
    const found = this.#found;
    if (draft.isDestroyed && draft.isEmpty) this.#cookie.clear();
    if (found === undefined || draft.isRevoked) return this.#move(draft, found?.key);
    if (draft.isDue) return this.#update(found, draft);
  }

  /** Revokes what is under the old key, and begins anew under another, if there is anything to keep. */
  #move(draft: SessionDraft, oldKey: string | undefined): Promise<void> | undefined {
    // First, since it throws if the data is not JSON: then nothing is under way.
    const created = draft.isEmpty ? undefined : this.#create(draft);
    const revoked = oldKey === undefined
      ? undefined
      : attempt("revoke", () => this.#store.delete(oldKey));
    if (revoked === undefined) return created;
    return created === undefined ? revoked : Promise.all([revoked, created]).then(() => {});
  }

  #create(draft: SessionDraft): Promise<void> {
    const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
    const id = toBase64(bytes, { alphabet: "base64url", omitPadding: true });
    const record = encodeRecord(draft.record());
    const ttlMs = timeLeft(this.#policy, draft.startedAt);
    this.#cookie.set(id, draft.startedAt);
    return attempt("save", () => this.#store.replace(keyOf(id), record, { expected: null, ttlMs }))
      .then((written) => {
        if (!written) throw new Error("Cannot save the session: its new id is taken already");
      });
  }

  #update({ id, key, text }: Found, draft: SessionDraft): Promise<void> {
    if (this.#policy.persistent) this.#cookie.set(id, draft.startedAt);
    return this.#write(key, { draft, expected: text, record: draft.record() });
  }

  /** Writes the keys that were changed over what another request has written meanwhile. */
  async #write(
    key: string,
    first: { draft: SessionDraft; expected: string; record: SessionRecord },
  ): Promise<void> {
    const { draft } = first;
    const ttlMs = timeLeft(this.#policy, draft.startedAt);
    let { expected, record } = first;
    for (let attempts = 0; attempts < MOST_ATTEMPTS; attempts++) {
      const options = { expected, ttlMs };
      const text = encodeRecord(record);
      if (await attempt("save", () => this.#store.replace(key, text, options))) return;
      // Who wrote meanwhile has renewed it, too.
      if (!draft.isChanged) return;
      const other = await attempt("load", () => this.#store.load(key));
      const latest = other === null ? null : currentRecord(other, this.#policy);
      if (other === null || latest === null) return reportEnded();
      expected = other;
      record = draft.record(latest);
    }
    throw new Error(
      `Cannot save the session: other requests changed it ${MOST_ATTEMPTS} times meanwhile`,
    );
  }
}

/** Another request has logged out, or in: its decision stands. */
function reportEnded(): void {
  generalLog()?.info("A session was ended while a request changed it: the changes are dropped");
}

/** SHA-256: an id is 256 random bits, which nobody can find by trying. */
function keyOf(id: string): string {
  return nodeCrypto().hash("sha256", id, "base64url");
}

async function attempt<T>(action: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw new Error(`Cannot ${action} the session: the store failed`, { cause });
  }
}
