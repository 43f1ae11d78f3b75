/**
 * Topics across processes and machines by Redis, 6.2 or later: the setting `broker` of an application.
 *
 * Here are {@linkcode RedisBroker}, {@linkcode redisBroker}. The npm package `redis` is loaded when the
 * application starts.
 *
 * ## What is in Redis
 *
 * Every name begins with `prefix`, `gustnado:` by default. `{chat/1}` stands for the topic `chat/1`; the
 * keys of a topic are in one slot of a cluster. In names `%`, `{` and `}` are written `%25`, `%7B` and
 * `%7D`.
 *
 * | key | type | holds | until |
 * | --- | --- | --- | --- |
 * | `topic:{chat/1}` | string | epoch, last offset, bytes kept, run of the server | `ttl` after the last publication |
 * | `log:{chat/1}` | list | a record for each message: a line of offset, time, producer's number, producer; then the message | the same |
 * | `from:{chat/1}:ID` | string | the last number of a producer, and its offset | two minutes after it |
 * | `presence:{chat/1}` | hash | `["process","id"]`, and what others are told of it | somebody leaves |
 * | `presence-state:{chat/1}` | string | epoch and last offset of the presence | an hour after the last change |
 * | `nodes:{nodes}` | sorted set | the processes, by when they were heard of | a process is dead |
 * | `nodes:{nodes}:PROCESS` | set | the topics in which it is present | the same |
 *
 * A message begins with `t` for text, `j` for JSON or `b` for bytes as base64.
 *
 * | channel | carries |
 * | --- | --- |
 * | `live:{chat/1}` | what is appended: a line `epoch.offset`, then the message |
 * | `presence-live:{chat/1}` | who comes and goes: a line `epoch.offset`, a line `+["process","id"]` or `-[…]`, then what others are told |
 * | `plain` | messages of all plain topics: a line `["process","topic"]`, then the message |
 *
 * Plain topics share one channel: a broker is not told what a process has subscribers for, and a channel
 * for each would need a round trip to Redis before a subscription could count on its first message. So
 * each process is sent the plain messages of all, and leaves out what nobody there subscribes to.
 *
 * @example
 * ```ts
 * import { redisBroker } from "@gustnado/gustnado/redis";
 * import { assertEquals } from "@std/assert";
 *
 * const broker = redisBroker({ url: "rediss://user:password@redis.example.org" });
 * // In your application:
 * // new Application(routes, { topics: { "chat/*": { history: 500, presence: true } }, broker });
 * assertEquals(broker.status.state, "idle");
 * ```
 *
 * @module
 */
export { RedisBroker, redisBroker } from "./redis_broker.ts";
export type { RedisBrokerOptions } from "./redis_broker_options.ts";
