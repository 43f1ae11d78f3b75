import { newEpoch, type Position } from "../broker/position.ts";
import type { Command } from "./command.ts";
import type { Operation } from "./operation.ts";
import { placesOf, type Replica } from "./replica.ts";
import { hasShape, isRecord } from "./shape.ts";

/** What the leader answers: where something was appended, who is dead, or nothing. */
export type Answer =
  | (Position & { readonly duplicate: boolean })
  | { readonly dead: readonly string[] }
  | { readonly done: true };

/** Topics that are looked at in one sweep, so that a million of them block nobody. */
const SWEPT = 1_000;

const DONE: Answer = { done: true };

/** What the leader does with commands: makes operations of them, which all carry out. */
export class Leadership {
  readonly #replica: Replica;
  readonly #operate: (operation: Operation) => void;
  #topics: ReturnType<Replica["topics"]> | undefined;
  /** Presences that nobody was in at the last sweep. */
  #deserted = new Set<string>();

  /** @param operate Carries an operation out, here and with all others. */
  constructor(replica: Replica, operate: (operation: Operation) => void) {
    this.#replica = replica;
    this.#operate = operate;
  }

  /** Carries a command out. */
  execute(command: Command): Answer {
    switch (command.do) {
      case "append":
        return this.#append(command);
      case "begin":
        this.#begin(command.topic);
        return DONE;
      case "touch":
        if (this.#replica.topic(command.topic)) {
          this.#operate({ op: "touch", topic: command.topic });
        }
        return DONE;
      case "join":
        this.#join(command);
        return DONE;
      case "leave":
        this.#leave(command.topic, command);
        return DONE;
      case "gather":
        this.#gather(command.topic);
        return DONE;
      case "beat":
        this.#operate({ op: "beat", node: command.node });
        return { dead: this.#replica.dead(command.ms).filter((node) => node !== command.node) };
      case "bury":
        for (const { topic, record } of placesOf(this.#replica, command.node)) {
          this.#leave(topic, record);
        }
        return DONE;
    }
  }

  /**
   * Forgets topics that were silent for too long. Is to be called a few times a second.
   *
   * @param most How many topics are looked at.
   */
  sweep(most: number = SWEPT): void {
    const now = performance.now();
    for (let count = 0; count < most; count++) {
      const next = (this.#topics ??= this.#replica.topics()).next();
      if (next.done === true) {
        this.#topics = undefined;
        return;
      }
      const [topic, history] = next.value;
      if (history.isOver(now)) this.#operate({ op: "forget", topic });
      else history.trim(now);
    }
  }

  /** Forgets presences that nobody is in, now or at the last call. Is to be called now and then. */
  sweepPresences(): void {
    const deserted = new Set<string>();
    for (const [topic, presence] of this.#replica.presences()) {
      if (presence.size > 0) continue;
      if (this.#deserted.has(topic)) this.#operate({ op: "scatter", topic });
      else deserted.add(topic);
    }
    this.#deserted = deserted;
  }

  #append({ topic, payload, id, number }: Command & { do: "append" }): Answer {
    const double = this.#replica.double(topic, { id, number });
    if (double !== undefined) return { ...double, duplicate: true };
    const { epoch, offset: top } = this.#begin(topic);
    const offset = top + 1;
    this.#operate({ op: "append", topic, epoch, offset, payload, id, number });
    return { epoch, offset, duplicate: false };
  }

  /** Where a topic is, which begins if it has not. */
  #begin(topic: string): Position {
    const history = this.#replica.topic(topic);
    if (history !== undefined && !history.isOver(performance.now())) {
      return { epoch: history.epoch, offset: history.top };
    }
    // Two for each that begins: so they go faster than they come.
    this.sweep(2);
    const epoch = newEpoch();
    this.#operate({ op: "begin", topic, epoch });
    return { epoch, offset: 0 };
  }

  #gather(topic: string): string {
    const presence = this.#replica.presence(topic);
    if (presence !== undefined) return presence.epoch;
    const epoch = newEpoch();
    this.#operate({ op: "gather", topic, epoch });
    return epoch;
  }

  #join({ topic, node, id, info }: Command & { do: "join" }): void {
    const epoch = this.#gather(topic);
    if (this.#replica.presence(topic)?.has({ node, id, info }) === true) return;
    this.#operate({ op: "member", topic, epoch, node, id, info, gone: false });
  }

  #leave(topic: string, { node, id }: { readonly node: string; readonly id: string }): void {
    const presence = this.#replica.presence(topic);
    const record = presence?.find({ node, id });
    if (presence === undefined || record === undefined) return;
    const { epoch } = presence;
    this.#operate({ op: "member", topic, epoch, ...record, gone: true });
  }
}

/** Whether something that came is an answer. */
export function isAnswer(value: unknown): value is Answer {
  if (!isRecord(value)) return false;
  if (value.done === true) return true;
  if (Array.isArray(value.dead)) return value.dead.every((node) => typeof node === "string");
  return hasShape(value, { epoch: "string", offset: "number", duplicate: "boolean" });
}
