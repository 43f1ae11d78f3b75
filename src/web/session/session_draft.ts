import type { SessionPolicy } from "./settings.ts";
import { Session } from "./session.ts";
import type { SessionRecord } from "./session_record.ts";

/** The part of the idle time after which it begins anew: a write for each request would be many. */
const RENEWED_AFTER = 0.1;

/**
 * What every {@linkcode Session} is in truth: what came with the request, and what the handler made of
 * it.
 *
 * It knows which keys were changed, so that only these are written over what another request of the
 * same session may have written meanwhile.
 */
export class SessionDraft extends Session {
  // Private, so that who prints a session does not print what is in it.
  readonly #origin: SessionRecord | null;
  #startedAt: number;
  readonly #values: Map<string, unknown>;
  readonly #policy: SessionPolicy;
  readonly #touched = new Set<string>();
  /** The JSON of objects that were handed out, and that the handler may have changed inside. */
  readonly #lent = new Map<string, string>();
  #cleared = false;
  #revoked = false;
  #destroyed = false;
  #closed = false;

  constructor(origin: SessionRecord | null, policy: SessionPolicy) {
    super();
    this.#origin = origin;
    this.#startedAt = origin?.startedAt ?? policy.clock();
    this.#values = new Map(origin?.values);
    this.#policy = policy;
  }

  /** What came with the request; `null` if it came without a session. */
  get origin(): SessionRecord | null {
    return this.#origin;
  }

  override get startedAt(): number {
    return this.#startedAt;
  }

  override get isNew(): boolean {
    return this.#origin === null || this.#destroyed;
  }

  /** Whether the session that came with the request is to be given up. */
  get isRevoked(): boolean {
    return this.#revoked;
  }

  /** Whether `destroy()` was called. */
  get isDestroyed(): boolean {
    return this.#destroyed;
  }

  /** Whether nothing is in it. */
  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  /** Whether the handler changed it. */
  get isChanged(): boolean {
    return this.#cleared || this.#revoked || this.#changedKeys().length > 0;
  }

  /** Whether it has to be written: for a change, or because its idle time has to begin anew. */
  get isDue(): boolean {
    if (this.#origin === null) return !this.isEmpty;
    const { clock, idleTimeout } = this.#policy;
    return this.isChanged || clock() - this.#origin.renewedAt >= idleTimeout * RENEWED_AFTER;
  }

  override get(key: string): unknown {
    const value = this.#values.get(key);
    const lent = typeof value === "object" && value !== null && !this.#lent.has(key);
    if (lent) this.#lent.set(key, JSON.stringify(value));
    return value;
  }

  override has(key: string): boolean {
    return this.#values.has(key);
  }

  override set(key: string, value: unknown): void {
    this.#checkOpen();
    checkValue(key, value);
    const same = typeof value !== "object" && this.#values.get(key) === value;
    if (same) return;
    this.#values.set(key, value);
    this.#touched.add(key);
  }

  override delete(key: string): boolean {
    this.#checkOpen();
    const there = this.#values.delete(key);
    if (there) this.#touched.add(key);
    return there;
  }

  override clear(): void {
    this.#checkOpen();
    this.#forget();
  }

  override regenerate(): void {
    this.#checkOpen();
    this.#revoked = true;
    this.#startedAt = this.#policy.clock();
  }

  override destroy(): void {
    this.regenerate();
    this.#forget();
    this.#destroyed = true;
  }

  /** The head of the response is made: what is changed from now on could not be kept. */
  close(): void {
    this.#closed = true;
  }

  /**
   * What to write.
   *
   * @param latest What is there now, if it is no longer what came with the request.
   */
  record(latest?: SessionRecord): SessionRecord {
    const renewedAt = this.#policy.clock();
    const { startedAt } = this;
    if (latest === undefined) return { startedAt, renewedAt, values: this.#values };
    const values = new Map(this.#cleared ? [] : latest.values);
    for (const key of this.#changedKeys()) {
      if (this.#values.has(key)) values.set(key, this.#values.get(key));
      else values.delete(key);
    }
    return { startedAt, renewedAt, values };
  }

  #forget(): void {
    this.#cleared = true;
    this.#values.clear();
    this.#touched.clear();
    this.#lent.clear();
  }

  #changedKeys(): string[] {
    const lent = [...this.#lent].filter(([key, json]) =>
      !this.#touched.has(key) && JSON.stringify(this.#values.get(key)) !== json
    );
    return [...this.#touched, ...lent.map(([key]) => key)];
  }

  #checkOpen(): void {
    if (!this.#closed) return;
    throw new Error(
      "Cannot change the session: the response has begun; change it before flush(), finish() or " +
        "the upgrade to a WebSocket",
    );
  }
}

function checkValue(key: string, value: unknown): void {
  const type = typeof value;
  const fits = type === "string" || type === "boolean" || type === "object" ||
    (type === "number" && Number.isFinite(value));
  if (fits) return;
  throw new TypeError(
    `Cannot keep ${type === "number" ? String(value) : `a value of type ${type}`} in the session ` +
      `as ${JSON.stringify(key)}: JSON has no such value; to remove the key, use delete()`,
  );
}
