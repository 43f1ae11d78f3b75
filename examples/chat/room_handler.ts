import { WebSocketHandler } from "@gustnado/gustnado";
import type { ChatApplication } from "./chat_application.ts";
import { MessageRate } from "./message_rate.ts";
import {
  type ClientMessage,
  type Entry,
  parseClientMessage,
  type Person,
  type ServerMessage,
} from "./protocol.ts";

/** The topic that everybody in the room listens to. */
const ROOM = "room";
/** Messages that may be refused in a row before it is clear that nobody types them. */
const MAX_REFUSED = 50;
/** The code of a connection that does not keep to the rules (RFC 6455 §7.4.1). */
const POLICY_VIOLATION = 1008;

/** One visitor of the room. */
export class RoomHandler extends WebSocketHandler<ChatApplication> {
  #person: Person | undefined;
  #rate: MessageRate | undefined;
  #refused = 0;

  override open(): void {
    this.#rate = new MessageRate(this.application.messageRate, performance.now());
  }

  override onMessage(message: string | Uint8Array): void {
    const parsed = parseClientMessage(message);
    if (parsed === null) return this.close(POLICY_VIOLATION, "Malformed message");
    if (!this.#rate?.allows(performance.now())) return this.#refuse(parsed);
    this.#refused = 0;
    if (parsed.type === "say") this.#say(parsed.text);
    else this.#join(parsed.name);
  }

  override onClose(): void {
    if (this.#person !== undefined) this.#announce(this.application.room.leave(this.#person));
  }

  #join(name: string): void {
    if (this.#person !== undefined) return this.close(POLICY_VIOLATION, "Joined already");
    const { room } = this.application;
    const you = { id: crypto.randomUUID(), name, address: this.request.remoteIp };
    this.#person = you;
    const joined = room.join(you);
    this.#send({ type: "welcome", you, people: room.people, history: room.history });
    this.subscribe(ROOM);
    this.#announce(joined);
  }

  #say(text: string): void {
    if (this.#person === undefined) return this.close(POLICY_VIOLATION, "Not in the room");
    this.#announce(this.application.room.say(this.#person, text));
  }

  #refuse(message: ClientMessage): void {
    if (++this.#refused > MAX_REFUSED) return this.close(POLICY_VIOLATION, "Too many messages");
    const text = message.type === "say" ? message.text : "";
    this.#send({ type: "refused", reason: "That was a bit fast. Wait a moment.", text });
  }

  #announce(entry: Entry): void {
    const message: ServerMessage = { type: "entry", entry };
    this.application.publish(ROOM, message);
  }

  #send(message: ServerMessage): void {
    this.writeMessage(message);
  }
}
