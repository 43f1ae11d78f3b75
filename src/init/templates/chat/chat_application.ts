/** The routes of the chat, and its settings. */
import { Application, securityHeaders, topicClientRoute, topicClientUrl } from "@gustnado/gustnado";
import { HomeHandler, RoomHandler } from "./pages.ts";
import { ChatTopics } from "./chat_topics.ts";

/** Nothing but the chat's own files, and no script or style in the page itself. */
const CONTENT_SECURITY_POLICY = {
  "default-src": ["'none'"],
  "script-src": ["'self'"],
  "style-src": ["'self'"],
  "img-src": ["'self'"],
  "connect-src": ["'self'"],
  "form-action": ["'self'"],
};

/** The chat. */
export class ChatApplication extends Application {
  /** @param options `debug` shows exceptions in the page. */
  constructor({ debug = false }: { debug?: boolean } = {}) {
    super([
      ["/", HomeHandler],
      ["/rooms/:room([a-z0-9-]{1,32})", RoomHandler, {}, "room"],
      ["/topics", ChatTopics],
      topicClientRoute(),
    ], {
      debug,
      middleware: [securityHeaders({ contentSecurityPolicy: CONTENT_SECURITY_POLICY })],
      staticPath: `${import.meta.dirname}/static`,
      templatePath: `${import.meta.dirname}/templates`,
      // Each room keeps its last messages for those who come later, and knows who is there.
      topics: { "chat/*": { history: 200, presence: true } },
      uiMethods: { topicClientUrl },
      // A page that comes back sends what waits in frames of 65,536 characters, of three bytes at most.
      websocketMaxMessageSize: 256 * 1024,
    });
  }
}
