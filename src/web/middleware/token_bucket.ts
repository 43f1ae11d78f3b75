/** The arithmetic of a limited rate. */

/**
 * How a bucket fills. Every request takes a token out of it.
 *
 * @category Middleware
 */
export interface TokenBucket {
  /** Tokens that it holds when it is full: what may come at once. */
  readonly capacity: number;
  /** Milliseconds until there is one token more. */
  readonly refillMs: number;
}

/**
 * What came of the wish to take a token.
 *
 * @category Middleware
 */
export interface TokenGrant {
  /** Whether there was one. */
  readonly allowed: boolean;
  /** Milliseconds until the bucket is full again. */
  readonly fullAfterMs: number;
}

/**
 * Where the state of buckets is kept. A bucket that is full need not be kept at all.
 *
 * State is one time for each bucket: when it will be full again. {@linkcode takeToken} does the
 * arithmetic.
 *
 * @category Middleware
 */
export interface RateLimitStore {
  /**
   * Takes a token, if there is one.
   *
   * @param key Whose bucket.
   * @param bucket How it fills.
   */
  take(key: string, bucket: TokenBucket): TokenGrant | Promise<TokenGrant>;
}

/**
 * Takes a token out of a bucket (known as the generic cell rate algorithm).
 *
 * @param fullAfterMs Milliseconds until the bucket would be full; 0 or less if it is.
 * @param bucket How it fills.
 *
 * @example
 * ```ts
 * import { takeToken } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const bucket = { capacity: 2, refillMs: 1000 };
 * assertEquals(takeToken(0, bucket), { allowed: true, fullAfterMs: 1000 });
 * assertEquals(takeToken(1000, bucket), { allowed: true, fullAfterMs: 2000 });
 * assertEquals(takeToken(1500, bucket), { allowed: false, fullAfterMs: 1500 });
 * ```
 *
 * @category Middleware
 */
export function takeToken(fullAfterMs: number, { capacity, refillMs }: TokenBucket): TokenGrant {
  const before = Math.max(0, fullAfterMs);
  const after = before + refillMs;
  return after <= capacity * refillMs + ROUNDING
    ? { allowed: true, fullAfterMs: after }
    : { allowed: false, fullAfterMs: before };
}

/** Sums of fractions of a millisecond are a little off; a token must not be lost by that. */
const ROUNDING = 1e-3;

/** Whole tokens that are left. */
export function remainingTokens(grant: TokenGrant, { capacity, refillMs }: TokenBucket): number {
  const taken = (grant.fullAfterMs - ROUNDING) / refillMs;
  return Math.max(0, capacity - Math.ceil(taken));
}

/** Milliseconds until there is a token; 0 if there is one. */
export function nextTokenAfter(grant: TokenGrant, { capacity, refillMs }: TokenBucket): number {
  return Math.max(0, grant.fullAfterMs - (capacity - 1) * refillMs);
}
