import type { RequestHandler } from "../request_handler.ts";
import { SealedSession } from "./sealed_session.ts";
import type { Session } from "./session.ts";
import { SessionDraft } from "./session_draft.ts";
import type { SessionKeeper } from "./session_keeper.ts";
import { type SessionPolicy, sessionPolicy } from "./settings.ts";
import { StoredSession } from "./stored_session.ts";
import { served } from "../request/served_request.ts";

/** The session of a request: found where it is kept, opened when somebody looks at it. */
export class SessionSlot {
  readonly #handler: RequestHandler;
  #keeper: SessionKeeper | undefined;
  #draft: SessionDraft | undefined;
  #closed = false;

  constructor(handler: RequestHandler) {
    this.#handler = handler;
  }

  /** What handlers see. */
  get session(): Session {
    return this.#draft ??= this.#open();
  }

  /** Whether it can no longer be changed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The name of its cookie. */
  get cookieName(): string {
    return this.#policy.cookieName;
  }

  /** Fetches the session, where that takes time. */
  load(): Promise<void> | undefined {
    // One in a cookie is opened when somebody looks at it.
    return this.#policy.store === null ? undefined : this.#currentKeeper.load?.();
  }

  /**
   * Keeps the session, if somebody looked at it: the head of the response is about to be made.
   *
   * @returns A promise if the response has to wait.
   */
  save(): Promise<void> | undefined {
    this.#closed = true;
    const draft = this.#draft;
    if (draft === undefined) return undefined;
    draft.close();
    return this.#currentKeeper.save(draft);
  }

  #open(): SessionDraft {
    served(this.#handler.request).cookiesRead = true;
    const draft = new SessionDraft(this.#currentKeeper.record, this.#policy);
    if (this.#closed) draft.close();
    return draft;
  }

  get #currentKeeper(): SessionKeeper {
    return this.#keeper ??= keeperOf(this.#handler, this.#policy);
  }

  get #policy(): SessionPolicy {
    return sessionPolicy(this.#handler.settings.session);
  }
}

function keeperOf(handler: RequestHandler, policy: SessionPolicy): SessionKeeper {
  return policy.store === null
    ? new SealedSession(handler, policy)
    : new StoredSession(handler, policy, policy.store);
}
