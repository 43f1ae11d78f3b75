/** Somebody in a room of the chat, as the page is. */
import { TopicClient, type TopicSubscription } from "@gustnado/gustnado/browser";
import type { TestServer } from "@gustnado/gustnado/testing";
import type { Said } from "../chat_topics.ts";

/** Somebody in a room, until they are disposed. */
export class Person implements Disposable {
  readonly #client: TopicClient;
  readonly #topic: TopicSubscription;
  readonly #heard: string[] = [];

  /** Goes into a room. */
  constructor(name: string, room: string, chat: TestServer) {
    const url = `${chat.origin.replace("http", "ws")}/topics`;
    this.#client = new TopicClient(`${url}?${new URLSearchParams({ name })}`);
    this.#topic = this.#client.subscribe(`chat/${room}`, { last: 50, presence: true });
    this.#topic.addEventListener("message", ({ data }) => {
      const { name, text } = data as Said;
      this.#heard.push(`${name}: ${text}`);
    });
  }

  /** Says something; resolves when it was said. */
  async say(text: string): Promise<void> {
    await this.#client.publish(this.#topic.topic, text);
  }

  /** What was said, when there is so much of it. */
  async heard(count: number): Promise<readonly string[]> {
    while (this.#heard.length < count) await next(this.#topic, "message");
    return this.#heard;
  }

  /** The names of those who are there, when they are so many. */
  async people(count: number): Promise<readonly string[]> {
    while (this.#topic.members.size < count) await next(this.#topic, "members");
    return [...this.#topic.members.values()].map((info) => (info as { name: string }).name).sort();
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

function next(target: EventTarget, type: string): Promise<unknown> {
  return new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
}
