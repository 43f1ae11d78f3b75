/**
 * Functions around every request of an application: security headers, CORS, rate limits, request
 * ids, host names, Basic authentication, bearer tokens, timeouts, and what is needed to write one of your own.
 *
 * Here are {@linkcode Middleware}, {@linkcode RequestContext}, {@linkcode securityHeaders},
 * {@linkcode cors}, {@linkcode rateLimit}, {@linkcode basicAuth}, {@linkcode bearerAuth},
 * {@linkcode InsufficientScopeError}, {@linkcode hostAllowList},
 * {@linkcode MemoryRateLimitStore}, {@linkcode RedisRateLimitStore}, {@linkcode requestId},
 * {@linkcode takeToken}, {@linkcode timeout}.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler } from "@gustnado/gustnado/web";
 * import { rateLimit, securityHeaders } from "@gustnado/gustnado/middleware";
 * import { assertEquals } from "@std/assert";
 *
 * class Main extends RequestHandler {
 *   override get() {
 *     this.write("Hello");
 *   }
 * }
 *
 * const app = new Application([["/", Main]], {
 *   middleware: [securityHeaders(), rateLimit({ limit: 1, windowMs: 60_000 })],
 * });
 * const [first, second] = await Promise.all(
 *   ["/", "/"].map((path) => app.fetch(new Request(`http://localhost${path}`))),
 * );
 * assertEquals([first?.status, second?.status], [200, 429]);
 * ```
 *
 * @module
 */
export type { Middleware, Next } from "./middleware.ts";
export { RequestContext } from "./request_context.ts";
export { basicAuth, type BasicAuthOptions, type BasicAuthVerifier } from "./basic_auth.ts";
export {
  bearerAuth,
  type BearerAuthOptions,
  type BearerAuthVerifier,
  InsufficientScopeError,
} from "./bearer_auth.ts";
export type { CspDirectives } from "./content_security_policy.ts";
export { cors, type CorsOptions } from "./cors.ts";
export { hostAllowList } from "./host_allow_list.ts";
export {
  MemoryRateLimitStore,
  type MemoryRateLimitStoreOptions,
} from "./memory_rate_limit_store.ts";
export type { AllowedOrigins, OriginPredicate } from "./origin_matcher.ts";
export { rateLimit, type RateLimitKey, type RateLimitOptions } from "./rate_limit.ts";
export { RedisRateLimitStore, type RedisRateLimitStoreOptions } from "./redis_rate_limit_store.ts";
export { requestId, type RequestIdOptions } from "./request_id.ts";
export {
  securityHeaders,
  type SecurityHeadersOptions,
  type StrictTransportSecurityOptions,
} from "./security_headers.ts";
export { timeout } from "./timeout.ts";
export {
  type RateLimitStore,
  takeToken,
  type TokenBucket,
  type TokenGrant,
} from "./token_bucket.ts";
export type { RedisCommands } from "../../redis/redis_commands.ts";
