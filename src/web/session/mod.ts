/**
 * Sessions of handlers: in an encrypted cookie, in memory, in Redis or in Deno KV; and the sealed values
 * and cookies beneath, which a client can neither read nor change.
 *
 * Here are {@linkcode SessionMixin}, {@linkcode MemorySessionStore},
 * {@linkcode RedisSessionStore}, {@linkcode DenoKvSessionStore}, {@linkcode getSealedCookie},
 * {@linkcode openSealedBytes}, {@linkcode openSealedValue}, {@linkcode sealValue},
 * {@linkcode Session}, {@linkcode SessionStore}, {@linkcode setSealedCookie}.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler } from "@gustnado/gustnado/web";
 * import { SessionMixin } from "@gustnado/gustnado/session";
 * import { assertEquals } from "@std/assert";
 *
 * class Counter extends SessionMixin(RequestHandler) {
 *   override get() {
 *     const count = Number(this.session.get("count") ?? 0) + 1;
 *     this.session.set("count", count);
 *     this.write({ count });
 *   }
 * }
 *
 * const app = new Application([["/", Counter]], {
 *   cookieSecret: crypto.randomUUID() + crypto.randomUUID(),
 * });
 * const first = await app.fetch(new Request("http://localhost/"));
 * const cookie = first.headers.getSetCookie()[0]?.split(";")[0] ?? "";
 * const second = await app.fetch(new Request("http://localhost/", { headers: { cookie } }));
 * assertEquals(await second.json(), { count: 2 });
 * ```
 *
 * @module
 */
export type { RedisCommands } from "../../redis/redis_commands.ts";
export {
  DenoKvSessionStore,
  type DenoKvSessionStoreOptions,
  type KvDatabase,
  type KvEntry,
  type KvTransaction,
} from "./deno_kv_session_store.ts";
export { MemorySessionStore, type MemorySessionStoreOptions } from "./memory_session_store.ts";
export { RedisSessionStore, type RedisSessionStoreOptions } from "./redis_session_store.ts";
export type { Session, SessionKey } from "./session.ts";
export { type SessionMembers, SessionMixin } from "./session_mixin.ts";
export type { SessionCookieOptions, SessionOptions } from "./settings.ts";
export type { ReplaceOptions, SessionStore } from "./session_store.ts";
export {
  openSealedBytes,
  openSealedValue,
  type OpenSealedValueOptions,
  sealValue,
  type SealValueOptions,
} from "../signed/sealed_value.ts";
export { getSealedCookie, setSealedCookie } from "../signed/sealed_cookie.ts";
