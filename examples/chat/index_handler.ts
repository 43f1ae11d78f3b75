import { type Answer, RequestHandler } from "@gustnado/gustnado";
import type { ChatApplication } from "./chat_application.ts";

/** The page. */
export class IndexHandler extends RequestHandler<ChatApplication> {
  override get(): Answer {
    this.setHeader("Cache-Control", "no-cache");
    return this.render("index.html");
  }
}
