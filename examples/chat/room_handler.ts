import { HTTPError, type PresenceMember, type Publishable, TopicHandler } from "@gustnado/gustnado";
import type { ChatApplication } from "./chat_application.ts";
import { MessageRate } from "./message_rate.ts";
import {
  cleanName,
  type Entry,
  MAX_NAME_LENGTH,
  parseSaying,
  type Person,
  ROOM,
  TYPING,
  type Welcome,
} from "./protocol.ts";

const TOPICS: readonly string[] = [ROOM, TYPING];
/** A page says that somebody types every two seconds. */
const TYPING_RATE = { burst: 5, perSecond: 1 };
/** Requests that may be refused in a row before it is clear that nobody types them. */
const MAX_REFUSED = 50;
/** Codes of connections that do not come back by themselves. */
const BAD_NAME = 4400;
const FLOOD = 4429;

/** One connection of a visitor, who says a name with it: `/room?name=Ada`. */
export class RoomHandler extends TopicHandler<ChatApplication> {
  #name = "";
  #sayingRate: MessageRate | undefined;
  #typingRate: MessageRate | undefined;
  #refused = 0;

  override prepare(): void {
    this.#name = cleanName(this.getQueryArgument("name", ""));
  }

  override open(): void {
    const { length } = this.#name;
    if (length === 0) return this.close(BAD_NAME, "Tell us what to call you.");
    if (length > MAX_NAME_LENGTH) {
      return this.close(BAD_NAME, `A name has ${MAX_NAME_LENGTH} characters at most.`);
    }
    const now = performance.now();
    this.#sayingRate = new MessageRate(this.application.messageRate, now);
    this.#typingRate = new MessageRate(TYPING_RATE, now);
    const welcome: Welcome = { you: this.#person };
    this.send(welcome);
  }

  override canSubscribe(topic: string): boolean {
    return TOPICS.includes(topic);
  }

  override canPublish(topic: string): boolean {
    return TOPICS.includes(topic);
  }

  override getPresence(): PresenceMember {
    const { id, name, address } = this.#person;
    return { id, info: { name, address } };
  }

  override onPublish(topic: string, data: Publishable): Person | Entry {
    return topic === TYPING ? this.#type() : this.#say(data);
  }

  /** Who it is: what the page says of that is the name alone. */
  get #person(): Person {
    return { id: this.session, name: this.#name, address: this.request.remoteIp };
  }

  #type(): Person {
    this.#count(this.#typingRate);
    return this.#person;
  }

  #say(data: Publishable): Entry {
    const saying = parseSaying(data);
    if (saying === null) throw new HTTPError(400, { reason: "That is not a message." });
    this.#count(this.#sayingRate);
    return { ...saying, person: this.#person, time: new Date().toISOString() };
  }

  #count(rate: MessageRate | undefined): void {
    if (rate?.allows(performance.now())) this.#refused = 0;
    else this.#refuse();
  }

  #refuse(): never {
    if (++this.#refused > MAX_REFUSED) this.close(FLOOD, "Too many messages");
    throw new HTTPError(429, { reason: "That was a bit fast. Wait a moment." });
  }
}
