/**
 * What an application has on Workers only.
 *
 * {@linkcode AssetHandler} serves the files of an asset binding. {@linkcode TopicObject} hosts topics in a
 * Durable Object that sleeps between messages; {@linkcode topicSockets} hands sockets to it, and
 * {@linkcode durableObjectBroker}, which makes a {@linkcode DurableObjectBroker}, what workers publish.
 *
 * @example
 * ```ts
 * import { Application } from "@gustnado/gustnado";
 * import { AssetHandler } from "@gustnado/gustnado/workers";
 *
 * export default new Application([["/static/(.*)", AssetHandler]]);
 * ```
 *
 * @module
 */
export { AssetHandler, type AssetOptions } from "./asset_handler.ts";
export type { DurableObjectNamespace, DurableObjectState, SqlStorage } from "./durable_object.ts";
export {
  DurableObjectBroker,
  durableObjectBroker,
  type TopicObjectOptions,
} from "./durable_object_broker.ts";
export { TopicObject, type TopicObjectSettings } from "./topic_object.ts";
export { topicSockets } from "./topic_sockets.ts";
