/** What happens in rooms. */
import { HTTPError, TopicHandler } from "@gustnado/gustnado";

const LONGEST_NAME = 30;
const LONGEST_TEXT = 2_000;

/** What is published to a room. */
export interface Said {
  /** The name of who said it. */
  readonly name: string;
  /** What was said. */
  readonly text: string;
  /** When, in milliseconds since 1970. */
  readonly time: number;
}

/** A person in the chat: follows rooms, and says something in them. */
export class ChatTopics extends TopicHandler {
  #name = "";

  /** The name comes with the URL. Log in users here, and check them, where names have to be true. */
  override prepare(): void {
    this.#name = this.getQueryArgument("name").replace(/\s+/g, " ");
    if (this.#name === "" || this.#name.length > LONGEST_NAME) {
      throw new HTTPError(400, { reason: `A name has 1 to ${LONGEST_NAME} characters` });
    }
  }

  override canSubscribe(topic: string): boolean {
    return isRoom(topic);
  }

  override canPublish(topic: string, data: unknown): boolean {
    if (!isRoom(topic)) return false;
    if (typeof data === "string" && data.length <= LONGEST_TEXT && data.trim() !== "") return true;
    throw new HTTPError(400, { reason: `A message has 1 to ${LONGEST_TEXT} characters` });
  }

  /** The name and the time are the server's: a client could forge them. */
  override onPublish(_topic: string, data: unknown): Said {
    return { name: this.#name, text: String(data).trim(), time: Date.now() };
  }

  override getPresence(): { id: string; info: { name: string } } {
    return { id: this.session, info: { name: this.#name } };
  }
}

function isRoom(topic: string): boolean {
  return /^chat\/[a-z0-9-]{1,32}$/.test(topic);
}
