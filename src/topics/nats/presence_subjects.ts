/** The subjects of presence. */
import type { PresenceRecord } from "../broker/broker.ts";
import { decodeToken, encodeToken } from "./subject_token.ts";

/** Whose place it is. */
export type PresenceKey = Pick<PresenceRecord, "node" | "id"> & { readonly topic: string };

/** The subjects of presence under one prefix: a record has one of its own. */
export class PresenceSubjects {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Those that the stream takes. */
  get all(): readonly string[] {
    return [`${this.#prefix}.presence.>`, this.nodes];
  }

  /** Changes are sent on from the first to the second. */
  get republish(): { readonly src: string; readonly dest: string } {
    return { src: `${this.#prefix}.presence.>`, dest: `${this.#prefix}.present.>` };
  }

  /** The processes that have records. */
  get nodes(): string {
    return `${this.#prefix}.nodes.*`;
  }

  /** A process that has records. */
  node(node: string): string {
    return `${this.#prefix}.nodes.${encodeToken(node, "process's name")}`;
  }

  /** A record. */
  record({ topic, node, id }: PresenceKey): string {
    const [room, process] = [
      encodeToken(topic, "topic's name"),
      encodeToken(node, "process's name"),
    ];
    return `${this.#prefix}.presence.${room}.${process}.${encodeToken(id, "member's id")}`;
  }

  /** The records of a topic. */
  topic(topic: string): string {
    return `${this.#prefix}.presence.${encodeToken(topic, "topic's name")}.*.*`;
  }

  /** The changes of a topic, as they are sent on. */
  changes(topic: string): string {
    return `${this.#prefix}.present.${encodeToken(topic, "topic's name")}.*.*`;
  }

  /** The records of a process. */
  recordsOf(node: string): string {
    return `${this.#prefix}.presence.*.${encodeToken(node, "process's name")}.*`;
  }

  /** What record a subject has, of either kind; `null` if it has none. */
  keyOf(subject: string): PresenceKey | null {
    const [topic, node, id] = subject.slice(this.#prefix.length).split(".").slice(2)
      .map(decodeToken);
    return topic == null || node == null || id == null ? null : { topic, node, id };
  }

  /** What process a subject has; `null` if it has none. */
  nodeOf(subject: string): string | null {
    return decodeToken(subject.split(".").at(-1) ?? "");
  }
}
