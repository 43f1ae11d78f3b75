import {
  Application,
  type ApplicationSettings,
  securityHeaders,
  topicClientRoute,
  topicClientUrl,
} from "@gustnado/gustnado";
import { IndexHandler } from "./index_handler.ts";
import type { MessageRateOptions } from "./message_rate.ts";
import { ROOM } from "./protocol.ts";
import { RoomHandler } from "./room_handler.ts";
import * as uiModules from "./ui_modules.ts";

/** Nothing but the application's own files, and no script or style in the page itself. */
const CONTENT_SECURITY_POLICY = {
  "default-src": ["'none'"],
  "script-src": ["'self'"],
  "style-src": ["'self'"],
  "img-src": ["'self'"],
  "connect-src": ["'self'"],
  "form-action": ["'none'"],
};

const DAY = 86_400_000;

/** What of the settings is up to where the chat runs. */
type PlaceSettings = Pick<
  ApplicationSettings,
  "broker" | "cookieSecret" | "middleware" | "platform"
>;

/**
 * What can be changed about the chat. Without a `broker` the room is in the memory of one process.
 * Processes that share a room have the same `cookieSecret`.
 */
export interface ChatOptions extends PlaceSettings {
  /** Messages that are kept for those who come later, or come back. Default 200. */
  readonly historyLength?: number;
  /** How fast one client may write. Default 8 at once, and 1.5 per second. */
  readonly messageRate?: MessageRateOptions;
}

/** The routes and the settings. */
export class ChatApplication extends Application {
  /** How fast one client may write. */
  readonly messageRate: MessageRateOptions;

  constructor({ historyLength = 200, messageRate, middleware = [], ...place }: ChatOptions = {}) {
    super([
      ["/", IndexHandler],
      ["/room", RoomHandler, {}, "room"],
      topicClientRoute(),
    ], {
      staticPath: `${import.meta.dirname}/static`,
      templatePath: `${import.meta.dirname}/templates`,
      uiModules,
      uiMethods: { topicClientUrl },
      middleware: [
        securityHeaders({ contentSecurityPolicy: CONTENT_SECURITY_POLICY }),
        ...middleware,
      ],
      topics: { [ROOM]: { history: historyLength, presence: true, ttl: DAY } },
      // A message has 2,000 characters at most, but whoever comes back sends several in one frame.
      websocketMaxMessageSize: 256 * 1024,
      websocketMaxBufferedBytes: 1024 * 1024,
      ...place,
    });
    this.messageRate = messageRate ?? { burst: 8, perSecond: 1.5 };
  }
}
