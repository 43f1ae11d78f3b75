import { Application, securityHeaders } from "@gustnado/gustnado";
import { IndexHandler } from "./index_handler.ts";
import type { MessageRateOptions } from "./message_rate.ts";
import { Room } from "./room.ts";
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

/** What can be changed about the chat. */
export interface ChatOptions {
  /** Messages that are kept for those who come later. Default 200. */
  readonly historyLength?: number;
  /** How fast one client may write. Default 8 at once, and 1.5 per second. */
  readonly messageRate?: MessageRateOptions;
}

/** The routes, the settings, and the one room. */
export class ChatApplication extends Application {
  /** Who is here, and what was said. */
  readonly room: Room;
  /** How fast one client may write. */
  readonly messageRate: MessageRateOptions;

  constructor(options: ChatOptions = {}) {
    super([
      ["/", IndexHandler],
      ["/room", RoomHandler, {}, "room"],
    ], {
      staticPath: `${import.meta.dirname}/static`,
      templatePath: `${import.meta.dirname}/templates`,
      uiModules,
      middleware: [securityHeaders({ contentSecurityPolicy: CONTENT_SECURITY_POLICY })],
      // A message has 2,000 characters at most; what is larger was not sent by the page.
      websocketMaxMessageSize: 16 * 1024,
      websocketMaxBufferedBytes: 1024 * 1024,
    });
    this.room = new Room(options.historyLength ?? 200);
    this.messageRate = options.messageRate ?? { burst: 8, perSecond: 1.5 };
  }
}
