/** Which topics a client can name. */
import { checkTopic } from "../topic_name.ts";

/** What the topics begin with that the library keeps for itself: no client gets at them. */
export const INTERNAL_PREFIX = "\u0000session/";

/** Why a client cannot name a topic so; `null` if it can. */
export function problemOfTopic(topic: unknown): string | null {
  try {
    checkTopic(topic);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return topic.startsWith(INTERNAL_PREFIX) ? "Cannot use a topic of the library's own" : null;
}
