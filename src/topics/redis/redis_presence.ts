/** Who is in a topic, in Redis. */
import { excerpt } from "../../http/excerpt.ts";
import type {
  BrokerContext,
  PresenceList,
  PresenceRecord,
  PresenceStore,
} from "../broker/broker.ts";
import { newEpoch } from "../broker/position.ts";
import { formatMember, membersOf, parseChange, parseMember } from "./envelope.ts";
import type { RedisConnection } from "./redis_connection.ts";
import { BEAT, BURY, ENLIST, JOIN, LEAVE, LIST, type Script, STRIKE, TOPICS } from "./scripts.ts";
import { type KeySpace, tagOf, type TopicKeys } from "./topic_keys.ts";

/** What a presence is made of. */
export interface RedisPresenceOptions {
  readonly connection: RedisConnection;
  readonly keys: KeySpace;
  /** Gives what the broker was opened with. Throws a {@linkcode BrokerError} before. */
  readonly context: () => BrokerContext;
  /** Called when a message is none. */
  readonly onIgnored: () => void;
}

/** Keeps a hash for each topic, and a set of topics for each process. */
export class RedisPresence implements PresenceStore {
  readonly #options: RedisPresenceOptions;
  readonly #seed = newEpoch().slice(0, 3);
  /** Whom this process has in which topic. */
  readonly #own = new Map<string, Set<string>>();
  /** Whether Redis was told of this process. */
  #isKnown = false;

  constructor(options: RedisPresenceOptions) {
    this.#options = options;
  }

  /** See {@linkcode PresenceStore.join}. */
  async join(topic: string, record: PresenceRecord): Promise<void> {
    const { node, id, info } = record;
    const purpose = `join the topic ${excerpt(topic)}`;
    if (node === this.#options.context().node) this.#add(topic, id);
    const field = formatMember(record);
    // Both are on their way at once, in this order: a process that dies between them can be buried.
    const [[isNew]] = await Promise.all([
      this.#ofNode(ENLIST, node, [tagOf(topic)], purpose),
      this.#ofTopic(JOIN, this.#options.keys.of(topic), [field, `${info}`], purpose),
    ]);
    if (node === this.#options.context().node) this.#meet(isNew);
  }

  /** See {@linkcode PresenceStore.leave}. */
  async leave(topic: string, record: Pick<PresenceRecord, "node" | "id">): Promise<void> {
    const { node, id } = record;
    const purpose = `leave the topic ${excerpt(topic)}`;
    const last = node === this.#options.context().node && this.#remove(topic, id);
    await Promise.all([
      this.#ofTopic(LEAVE, this.#options.keys.of(topic), [formatMember(record)], purpose),
      last ? this.#ofNode(STRIKE, node, [tagOf(topic), "0"], purpose) : undefined,
    ]);
  }

  /** See {@linkcode PresenceStore.list}. */
  async list(topic: string): Promise<PresenceList> {
    const purpose = `list who is in the topic ${excerpt(topic)}`;
    const answer = await this.#ofTopic(LIST, this.#options.keys.of(topic), [], purpose);
    const [epoch, offset, ...members] = answer.map(String);
    return {
      records: this.#parseMembers(members),
      position: { epoch: epoch ?? "", offset: Number(offset) },
    };
  }

  /** See {@linkcode PresenceStore.changes}. */
  changes(topic: string): Promise<void> {
    const { connection, context, keys, onIgnored } = this.#options;
    const deliver = (text: string) => {
      const change = parseChange(text);
      if (change === null) onIgnored();
      else context().events.presence(topic, change);
    };
    const purpose = `follow who is in the topic ${excerpt(topic)}`;
    return connection.channels.add(keys.of(topic).changes, deliver, purpose);
  }

  /** See {@linkcode PresenceStore.endChanges}. */
  endChanges(topic: string): void {
    const { connection, keys } = this.#options;
    connection.channels.remove(keys.of(topic).changes);
  }

  /**
   * See {@linkcode PresenceStore.beat}. Where Redis has forgotten this process, because it lost what it
   * had or others took it for dead, its records are gone: that is an interruption.
   */
  async beat(ms: number): Promise<readonly string[]> {
    const { context, keys } = this.#options;
    const args = [context().node, `${ms}`, keys.topicsOf("")];
    const [isNew, ...dead] = await this.#ask(BEAT, [keys.nodes], args, "tell that this one lives");
    this.#meet(isNew);
    return dead.map(String);
  }

  /** See {@linkcode PresenceStore.bury}. */
  async bury(node: string): Promise<void> {
    const purpose = `take the records of the process ${excerpt(node)} away`;
    for (const tag of await this.#ofNode(TOPICS, node, [], purpose)) {
      const topic = this.#options.keys.ofTag(String(tag));
      await this.#ofTopic(BURY, topic, [membersOf(node)], purpose);
      await this.#ofNode(STRIKE, node, [String(tag), "1"], purpose);
    }
  }

  /** Where it is new once more, what it had there is gone. */
  #meet(isNew: unknown): void {
    const isForgotten = this.#isKnown && isNew === 1;
    this.#isKnown = true;
    if (isForgotten) this.#options.context().events.interrupted();
  }

  #add(topic: string, id: string): void {
    const ids = this.#own.get(topic);
    if (ids === undefined) this.#own.set(topic, new Set([id]));
    else ids.add(id);
  }

  /** Whether it was the last of this process. */
  #remove(topic: string, id: string): boolean {
    const ids = this.#own.get(topic);
    if (!ids?.delete(id) || ids.size > 0) return false;
    return this.#own.delete(topic);
  }

  #parseMembers(fields: readonly string[]): PresenceRecord[] {
    const records: PresenceRecord[] = [];
    for (let index = 0; index < fields.length; index += 2) {
      const record = parseMember(fields[index] ?? "", fields[index + 1] ?? "");
      if (record === null) this.#options.onIgnored();
      else records.push(record);
    }
    return records;
  }

  #ofTopic(
    script: Script,
    { members, membersState, changes }: TopicKeys,
    args: readonly string[],
    purpose: string,
  ): Promise<unknown[]> {
    return this.#ask(script, [members, membersState], [this.#seed, changes, ...args], purpose);
  }

  #ofNode(
    script: Script,
    node: string,
    args: readonly string[],
    purpose: string,
  ): Promise<unknown[]> {
    const { keys } = this.#options;
    return this.#ask(script, [keys.nodes, keys.topicsOf(node)], [node, ...args], purpose);
  }

  async #ask(
    script: Script,
    keys: readonly string[],
    args: readonly string[],
    purpose: string,
  ): Promise<unknown[]> {
    const { questions } = this.#options.connection;
    const size = args.reduce((sum, arg) => sum + arg.length, 0);
    const answer = await questions.push({ script, keys, args, purpose, size });
    return Array.isArray(answer) ? answer : [];
  }
}
