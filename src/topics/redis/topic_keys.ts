/** How keys and channels are called. */

/** The keys and channels of one topic. Its keys are in one slot of a cluster. */
export interface TopicKeys {
  /** Text: epoch, last offset, bytes kept, life of the server. */
  readonly state: string;
  /** A list of what is kept. */
  readonly log: string;
  /** What the key of a producer begins with. */
  readonly producer: string;
  /** The channel of the publications. */
  readonly live: string;
  /** A hash of who is there. */
  readonly members: string;
  /** Text: epoch and last offset of the presence. */
  readonly membersState: string;
  /** The channel of who comes and goes. */
  readonly changes: string;
}

/** Gives the keys and channels of everything; {@linkcode RedisBrokerOptions.prefix} stands before each. */
export class KeySpace {
  /** The channel of all plain topics. */
  readonly plain: string;
  /** A sorted set: the processes, by when they were heard of. */
  readonly nodes: string;
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.plain = `${prefix}plain`;
    this.nodes = `${prefix}nodes:{nodes}`;
  }

  /** A set: the topics in which a process has records. */
  topicsOf(node: string): string {
    return `${this.nodes}:${node}`;
  }

  /** Those of a topic of any name. */
  of(topic: string): TopicKeys {
    return this.ofTag(tagOf(topic));
  }

  /** Those of a topic whose tag is known. */
  ofTag(tag: string): TopicKeys {
    const name = (kind: string) => `${this.#prefix}${kind}:{${tag}}`;
    return {
      state: name("topic"),
      log: name("log"),
      producer: `${name("from")}:`,
      live: name("live"),
      members: name("presence"),
      membersState: name("presence-state"),
      changes: name("presence-live"),
    };
  }
}

/**
 * What stands between the braces of a topic's keys: its name. Braces would end the tag, and a tag that is
 * empty is none; text with half a surrogate pair cannot be sent, and would be the name of another topic.
 */
export function tagOf(topic: string): string {
  return topic === "" ? "%" : topic.replace(/[%{}]|\p{Surrogate}/gu, escape);
}

/** The name of a producer, which stands on a line. */
export function lineOf(name: string): string {
  return name.replace(/[%\n]|\p{Surrogate}/gu, escape);
}

function escape(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
