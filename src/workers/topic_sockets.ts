/** Hands the sockets of topics to the object that hosts these. */
import { checkOptions } from "../checks/option_check.ts";
import { ownUpgrade } from "../platform/workers/hibernating_platform.ts";
import { SUBPROTOCOL } from "../topics/handlers/subprotocol.ts";
import type { Middleware } from "../web/middleware/middleware.ts";
import {
  TOPIC_OBJECT_OPTIONS,
  topicObjectOf,
  type TopicObjectOptions,
} from "./durable_object_broker.ts";

/**
 * Hands requests for WebSockets that offer `gustnado.v1.json` to the Durable Object that hosts the topics.
 * Middleware before it guards them; the routes and handlers are those of the application in the object.
 *
 * @throws {TypeError} If an option is unknown or ill-typed.
 *
 * @example
 * ```ts
 * import { Application } from "@gustnado/gustnado";
 * import { topicSockets } from "@gustnado/gustnado/workers";
 *
 * export default new Application([], { middleware: [topicSockets({ binding: "TOPICS" })] });
 * ```
 *
 * @category Workers
 */
export function topicSockets(options: TopicObjectOptions = {}): Middleware {
  checkOptions(options, TOPIC_OBJECT_OPTIONS);
  return async (request, next, context) => {
    if (!isTopicSocket(context.header("upgrade"), context.header("sec-websocket-protocol"))) {
      return await next();
    }
    const object = topicObjectOf(context.environment ?? {}, options);
    return ownUpgrade(await object.fetch(request));
  };
}

function isTopicSocket(upgrade: string | null, protocols: string | null): boolean {
  return upgrade?.toLowerCase() === "websocket" &&
    (protocols ?? "").split(",").some((protocol) => protocol.trim() === SUBPROTOCOL);
}
