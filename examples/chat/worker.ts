/**
 * The chat on Workers: a Durable Object hosts the room, its history and its sockets.
 *
 * ```sh
 * deno run -A src/build/mod.ts examples/chat/worker.ts --target workers
 * cd dist && wrangler secret put COOKIE_SECRET && wrangler deploy
 * ```
 */
import {
  durableObjectBroker,
  TopicObject,
  type TopicObjectSettings,
  topicSockets,
} from "@gustnado/gustnado/workers";
import { ChatApplication } from "./chat_application.ts";

/** What the configuration of the worker binds. */
interface Environment {
  /** Signs what visitors come back with. */
  readonly COOKIE_SECRET: string;
}

/** The room. It sleeps when nothing happens, and its sockets stay open. */
export class Topics extends TopicObject {
  override createApplication(own: TopicObjectSettings, environment: Environment): ChatApplication {
    return new ChatApplication({ cookieSecret: environment.COOKIE_SECRET, ...own });
  }
}

const app: ChatApplication = new ChatApplication({
  broker: durableObjectBroker(),
  middleware: [topicSockets()],
});
export default app;
