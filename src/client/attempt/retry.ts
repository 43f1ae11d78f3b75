/** Trying again. */
import { checkOptions } from "../../checks/option_check.ts";
import { withDefaults } from "../../checks/option_defaults.ts";
import { LONGEST_DELAY } from "../../platform/timer.ts";
import { parseHttpDate } from "../../http/fields/http_date.ts";
import { HTTPBodySizeError, type HTTPClientError, HTTPProtocolError } from "../client_error.ts";
import type { HTTPRequest } from "../http_request.ts";
import { RETRY_TYPES } from "../option_types.ts";
import { isRepeatable } from "./request_body.ts";

/**
 * How often and when a request is tried again. Every duration is in milliseconds.
 *
 * @category HTTP client
 */
export interface RetryOptions {
  /** Tries in all, the first included; 3 unless given. */
  readonly attempts?: number;
  /** The longest pause after the first try; 100 unless given. It doubles from try to try. */
  readonly minDelay?: number;
  /** The longest pause of all; 10,000 unless given. */
  readonly maxDelay?: number;
  /**
   * The longest `Retry-After` that is waited for; 60,000 unless given. When a server asks for more,
   * its answer is the result.
   */
  readonly maxRetryAfter?: number;
  /** Statuses to try again after; 408, 429, 502, 503 and 504 unless given. */
  readonly statuses?: readonly number[];
  /**
   * Tries methods again that are not idempotent, such as POST (RFC 9110 §9.2.2); false unless given.
   * What the request does may then be done twice.
   */
  readonly anyMethod?: boolean;
}

const IDEMPOTENT = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);
/** Further ones make no number that a pause could have. */
const MOST_DOUBLINGS = 50;
const DEFAULTS: Required<RetryOptions> = {
  attempts: 3,
  minDelay: 100,
  maxDelay: 10_000,
  maxRetryAfter: 60_000,
  statuses: [408, 429, 502, 503, 504],
  anyMethod: false,
};

/**
 * Checks an option `retry`.
 *
 * @throws {TypeError} If one of its options is unknown or ill-typed.
 * @throws {RangeError} If a number is out of its range.
 */
export function checkRetry(retry: number | RetryOptions): void {
  if (typeof retry === "object") checkOptions(retry, RETRY_TYPES, "option of retry");
}

/** Decides whether, and how long after, one request is tried again. */
export class RetryPolicy {
  readonly #options: Required<RetryOptions>;
  #allowed: boolean;

  /**
   * @param request What is tried.
   * @param retry Its option `retry`.
   */
  constructor(request: HTTPRequest, retry: number | RetryOptions) {
    const given = typeof retry === "number" ? { attempts: retry } : retry;
    this.#options = withDefaults<RetryOptions>(DEFAULTS, given);
    const { bodyProducer } = request.options;
    this.#allowed = (this.#options.anyMethod || IDEMPOTENT.has(request.method)) &&
      (bodyProducer !== undefined || isRepeatable(request.body));
  }

  /**
   * The pause before the next try, `null` when there is none.
   *
   * @param tries How often it was tried.
   * @param error What came of it.
   */
  delayAfter(tries: number, error: HTTPClientError): number | null {
    const { attempts, maxRetryAfter } = this.#options;
    if (!this.#allowed || tries >= attempts || !this.#isPassing(error)) return null;
    const asked = retryAfter(error.response?.headers.get("retry-after") ?? null);
    if (asked !== null && asked > maxRetryAfter) return null;
    return Math.max(asked ?? 0, this.#backoff(tries));
  }

  /** Whether the body of a response with this status is for the caller to stream. */
  isFinal(status: number): boolean {
    return !this.#options.statuses.includes(status);
  }

  /** The caller has got a part of the body: what comes after it cannot begin from the start. */
  stop(): void {
    this.#allowed = false;
  }

  #isPassing(error: HTTPClientError): boolean {
    if (error.response !== undefined) return !this.isFinal(error.code);
    return !(error instanceof HTTPProtocolError || error instanceof HTTPBodySizeError);
  }

  /** Anything up to the limit, so that clients that failed together do not come back together. */
  #backoff(tries: number): number {
    const { minDelay, maxDelay } = this.#options;
    return Math.random() * Math.min(maxDelay, minDelay * 2 ** Math.min(tries - 1, MOST_DOUBLINGS));
  }
}

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3), seconds or a date.
 *
 * @returns Milliseconds from now; `null` if it is neither.
 */
export function retryAfter(value: string | null, now: number = Date.now()): number | null {
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = parseHttpDate(value);
  return date === null ? null : Math.max(0, date - now);
}

/** Waits, 24 days at most, unless the signal aborts: then it rejects with its reason. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const giveUp = () => {
    clearTimeout(timer);
    reject(signal?.reason);
  };
  const timer = setTimeout(() => {
    signal?.removeEventListener("abort", giveUp);
    resolve();
  }, Math.min(ms, LONGEST_DELAY));
  signal?.addEventListener("abort", giveUp, { once: true });
  return promise;
}
