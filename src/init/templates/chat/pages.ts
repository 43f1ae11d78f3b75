/** The pages of the chat. */
import { type Answer, RequestHandler } from "@gustnado/gustnado";

/** Leads to the room that everybody begins in. */
export class HomeHandler extends RequestHandler {
  override get(): void {
    this.redirect(this.reverseUrl("room", "lobby"));
  }
}

/** A room. What is said in it comes by the topic of its name. */
export class RoomHandler extends RequestHandler {
  override get(room: string): Answer {
    return this.render("room.html", { room });
  }
}
