/** The hub that handlers of topics speak to. */
import { exchangeOf, type RequestHandler } from "../../web/request_handler.ts";
import { TopicHub } from "../topic_hub.ts";
import { INTERNAL_PREFIX } from "./client_topic.ts";
import { SESSION_LIFE } from "./resume_token.ts";

/** Messages of a session that are remembered, twice: that they have begun, and their answers. */
const SESSION_HISTORY = 200;
/** Bytes of these. */
const SESSION_BYTES = 1024 * 1024;

const known = new WeakSet<TopicHub>();

/** The topics of a handler's application, those of its sessions among them. */
export function hubOf(handler: RequestHandler): TopicHub {
  const hub = TopicHub.of(exchangeOf(handler).parts);
  if (!known.has(hub)) {
    known.add(hub);
    const limits = { history: SESSION_HISTORY, maxBytes: SESSION_BYTES, ttl: SESSION_LIFE };
    hub.declare(`${INTERNAL_PREFIX}*`, limits);
  }
  return hub;
}
