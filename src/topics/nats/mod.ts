/**
 * Topics over NATS, 2.9 or later, so that what is published reaches every process of an application.
 *
 * Here are {@linkcode natsBroker} and {@linkcode NatsBroker}, with {@linkcode NatsOptions} and
 * {@linkcode NatsTLSOptions}. Topics with history and presence need JetStream: `nats-server -js`.
 *
 * What is at the server, where the prefix is `gustnado`. A name in a subject has letters, digits, `_` and `-` as
 * they are, and `=` and two hexadecimal digits for every other byte of UTF-8:
 *
 * | subject                                | has                                                     |
 * | -------------------------------------- | ------------------------------------------------------- |
 * | `gustnado.plain.<process>.<topic>`     | plain topics                                            |
 * | `gustnado.log.<topic>`                 | topics with history, in the stream `gustnado-log`       |
 * | `gustnado.live.<topic>`                | what that stream sends on                               |
 * | `gustnado.presence.<topic>.<process>.<id>` | who is in a topic, in the stream `gustnado-presence` |
 * | `gustnado.nodes.<process>`             | that a process lives, in the same stream                |
 * | `gustnado.present.<topic>.<process>.<id>` | what that stream sends on                            |
 *
 * The stream `gustnado-log` keeps as many messages of a topic as the longest `history`, and one more, for
 * twice the longest `ttl`; a process takes away what a topic with less does not keep, and what is over
 * `maxBytes`. A newer version of the application lets the stream keep more, never less. An account of the server
 * needs the right to publish and subscribe to `gustnado.>`, `_INBOX.>` and `$JS.API.>`; whoever else may
 * publish to `gustnado.>` can write history.
 *
 * With `storage: "file"` all that was acknowledged outlives the end of a server, but not always that of
 * the machine, whose disk is written every two minutes unless `replicas` is 3.
 *
 * @example
 * ```ts
 * import { natsBroker } from "@gustnado/gustnado/nats";
 *
 * const settings = {
 *   topics: { "chat/*": { history: 500 } },
 *   broker: natsBroker({ servers: "127.0.0.1:4222" }),
 * };
 * console.log(settings.broker.name); // "NATS"
 * ```
 *
 * @module
 */
export { NatsBroker, natsBroker } from "./nats_broker.ts";
export type { NatsOptions, NatsTLSOptions } from "./nats_options.ts";
