import type { RequestHandler } from "../request_handler.ts";
import type { CookieSecret } from "../signed/cookie_secret.ts";
import { openSealedValue, sealValue } from "../signed/sealed_value.ts";
import { SessionCookie } from "./session_cookie.ts";
import type { SessionDraft } from "./session_draft.ts";
import type { SessionKeeper } from "./session_keeper.ts";
import type { SessionPolicy } from "./settings.ts";
import { currentRecord, encodeRecord, type SessionRecord } from "./session_record.ts";

/** A session in its cookie, encrypted. Nothing is read before somebody looks at it. */
export class SealedSession implements SessionKeeper {
  readonly #handler: RequestHandler;
  readonly #policy: SessionPolicy;
  readonly #cookie: SessionCookie;

  constructor(handler: RequestHandler, policy: SessionPolicy) {
    this.#handler = handler;
    this.#policy = policy;
    this.#cookie = new SessionCookie(handler, policy);
  }

  get record(): SessionRecord | null {
    const { clock } = this.#policy;
    const text = openSealedValue(this.#secret, this.#name, this.#cookie.value, { clock });
    return text === null ? null : currentRecord(text, this.#policy);
  }

  save(draft: SessionDraft): undefined {
    if (draft.isEmpty && draft.isDestroyed) this.#cookie.clear();
    else if (draft.isDue) this.#write(draft);
  }

  #write(draft: SessionDraft): void {
    const { clock } = this.#policy;
    const { keyVersion } = this.#handler.settings;
    const sealed = sealValue(this.#secret, this.#name, encodeRecord(draft.record()), {
      keyVersion,
      clock,
    });
    this.#cookie.set(sealed, draft.startedAt);
  }

  get #secret(): CookieSecret {
    return this.#handler.requireSetting("cookieSecret", "sessions that are kept in cookies");
  }

  /** No other sealed cookie can have this name: a slash cannot stand in one. */
  get #name(): string {
    return `session/${this.#policy.cookieName}`;
  }
}
