import { logApplicationError } from "../../log.ts";
import type { BrokerContext } from "../broker/broker.ts";
import { BrokerError } from "../broker/broker_error.ts";
import { Handover } from "../memory/handover.ts";
import { BroadcastLink } from "./broadcast_link.ts";
import { Census } from "./census.ts";
import { type Command, isCommand } from "./command.ts";
import { Copies } from "./copies.ts";
import { LeaderLock, type LockManager } from "./leader_lock.ts";
import { type Answer, isAnswer, Leadership } from "./leadership.ts";
import { isOperation, type Operation } from "./operation.ts";
import { type PendingCommand, PendingCommands, type PendingLimits } from "./pending_commands.ts";
import type { Outcome, Replica } from "./replica.ts";
import { hasShape, isRecord } from "./shape.ts";
import { SyncedReplica } from "./synced_replica.ts";

/** Milliseconds between two looks at what is missing, what waits too long, and what is to be forgotten. */
const TICK = 250;
/** In so many ticks the leader tells that it leads, and how far it is. */
const TICKS_OF_LEAD = 8;
/** In so many it looks for presences that nobody is in. */
const TICKS_OF_SWEEP = 240;
/** Milliseconds after which what was not answered is sent again. */
const RETRY = 2_000;

/** Milliseconds within which one was heard of that may know more when the leader is gone. */
const VOTING = 5_000;
/** Isolates that may ask the leader. */
const MOST_ADMITTED = 1_024;

/** What an isolate is told. */
export interface IsolateEvents {
  /** An operation was carried out. */
  outcome(topic: string, outcome: Exclude<Outcome, null>): void;
  /** A plain message of another isolate. */
  plain(topic: string, payload: string): void;
  /** Operations may have been missed, of which there is no outcome. */
  interrupted(): void;
  /** Whether commands are answered now. */
  reachable(isReachable: boolean): void;
  /** Is called a few times a second. */
  tick(): void;
}

/** What an isolate is made of. */
export interface IsolateOptions extends PendingLimits {
  /** Of the channel and the lock. */
  readonly name: string;
  readonly node: string;
  readonly locks: LockManager;
  readonly limitsOf: BrokerContext["limitsOf"];
}

/**
 * One of the isolates of a process that keep the same topics. The one that holds the lock leads: it makes
 * operations of the commands of all, and everybody carries these out in the order of their numbers.
 */
export class Isolate {
  readonly #state: SyncedReplica;
  readonly #node: string;
  readonly #events: IsolateEvents;
  readonly #link: BroadcastLink;
  readonly #lock: LeaderLock;
  readonly #pending: PendingCommands;
  readonly #copies: Copies;
  readonly #census: Census;
  readonly #leadership: Leadership;
  readonly #handover: Handover<() => void> = new Handover((deliver) => deliver());
  /** To the leader: whose commands come without a gap. */
  readonly #ready = new Set<string>();
  readonly #patience: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #ticks = 0;
  #leader: string | null = null;
  #isCandidate = false;
  #leads = false;
  #isCopying = false;
  #sentAt = 0;
  #closed = false;

  /** Joins the others. */
  constructor({ name, node, locks, limitsOf, ...limits }: IsolateOptions, events: IsolateEvents) {
    this.#node = node;
    this.#events = events;
    this.#patience = limits.publishTimeout;
    this.#state = new SyncedReplica(limitsOf, {
      outcome: (operation, outcome) => this.#deliver(operation, outcome),
      synced: (anew) => this.#tellSynced(anew),
    });
    this.#pending = new PendingCommands(limits);
    this.#link = new BroadcastLink(name, node, {
      item: (from, item) => attempt(() => this.#take(from, item)) ?? true,
      lost: (from) => this.#lost(from),
    });
    this.#copies = new Copies((item) => this.#link.post(item), () => this.#state.capture());
    this.#census = new Census();
    this.#leadership = new Leadership(this.#state.replica, (operation) => this.#operate(operation));
    this.#lock = new LeaderLock(locks, `topics of ${name}`, {
      onLead: () => void this.#takeOver().catch(report),
      onError: report,
    });
    this.#timer = setInterval(() => attempt(() => this.#tick()), TICK);
    this.#link.post({ t: "hello" });
  }

  /** What is kept. */
  get replica(): Replica {
    return this.#state.replica;
  }

  /** Publications that wait. */
  get queued(): number {
    return this.#pending.appends;
  }

  /** Messages that were not understood. */
  get ignored(): number {
    return this.#link.ignored;
  }

  /** Whether this one leads. */
  get leads(): boolean {
    return this.#leads;
  }

  /**
   * Has the leader do something.
   *
   * @returns Its answer, when all operations before it were carried out here.
   * @throws {BrokerError} The promise rejects if there is no answer in time, or too much waits.
   */
  async run(command: Command): Promise<Answer> {
    if (this.#closed) throw closed();
    const answer = this.#leads ? this.#leadership.execute(command) : await this.#ask(command);
    // Where something was appended is known; anything else is looked up in what is kept here.
    if ("epoch" in answer || await this.#state.whenSynced(this.#patience)) return answer;
    if (this.#closed) throw closed();
    throw new BrokerError(
      `Cannot reach the topics: the isolate that leads gave no copy of them for ${this.#patience} ms`,
    );
  }

  /** Posts a plain message. */
  publish(topic: string, payload: string): void {
    this.#link.post({ t: "plain", topic, payload });
  }

  /** Leaves the others. */
  close(): void {
    if (this.#closed) return;
    this.#link.post({ t: "bye" });
    this.#end();
    this.#link.close();
    this.#lock.release();
  }

  #end(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#copies.cancel();
    this.#census.end();
    this.#pending.giveUp(closed());
    this.#state.close();
  }

  #ask(command: Command): Promise<Answer> {
    const { answer, ...pending } = this.#pending.add(command);
    if (this.#leader !== null) this.#send(pending);
    return answer;
  }

  #send({ number, command }: PendingCommand): void {
    this.#sentAt = performance.now();
    this.#link.post({ t: "do", number, command });
  }

  /** From the beginning: what the leader missed must not come after what it did not. */
  #sendAll(): void {
    if (this.#leader === null) return;
    this.#link.post({ t: "again", to: this.#leader });
    for (const pending of this.#pending) this.#send(pending);
    this.#sentAt = performance.now();
  }

  #tick(): void {
    const now = performance.now();
    this.#ticks++;
    this.#link.tick();
    this.#pending.expire(now);
    if (this.#leads) this.#tickAsLeader();
    else if (this.#leader === null) this.#link.post({ t: "hello" });
    else if (this.#pending.oldest !== undefined && now - this.#sentAt >= RETRY) this.#sendAll();
    this.#events.tick();
  }

  #tickAsLeader(): void {
    this.#leadership.sweep();
    if (this.#ticks % TICKS_OF_LEAD === 0) this.#tellLead();
    if (this.#ticks % TICKS_OF_SWEEP === 0) this.#leadership.sweepPresences();
  }

  #tellLead(): void {
    const { applied, lineage } = this.#state;
    this.#link.post({ t: "lead", applied, lineage });
  }

  /** Whatever came: anything may. */
  #take(from: string, item: unknown): boolean {
    if (!isRecord(item)) return false;
    const { t, to } = item;
    if (typeof to === "string" && to !== this.#node) return true;
    switch (t) {
      case "plain":
        return this.#takePlain(item);
      case "op":
        return this.#takeOperation(from, item);
      case "do":
        return this.#takeCommand(from, item);
      case "answer":
        return this.#takeAnswer(from, item);
      case "lead":
        return this.#takeLead(from, item);
      case "hello":
        if (this.#leads) this.#tellLead();
        return true;
      case "again":
        if (this.#leads) this.#admit(from);
        return true;
      case "lost":
        if (from === this.#leader) this.#sendAll();
        return true;
      case "bye":
        this.#takeBye(from);
        return true;
      case "census":
        this.#stand(from);
        return true;
      case "stand":
        return this.#census.take(from, item);
      case "copy":
        return !this.#state.isSynced || this.#copies.serve(from, item);
      case "page":
        return this.#copies.take(from, item);
      default:
        return false;
    }
  }

  /** Who was admitted before asks again. */
  #admit(from: string): void {
    if (this.#ready.size >= MOST_ADMITTED) this.#ready.clear();
    this.#ready.add(from);
  }

  #takePlain({ topic, payload }: Record<string, unknown>): boolean {
    if (typeof topic !== "string" || typeof payload !== "string") return false;
    this.#handover.push(() => this.#events.plain(topic, payload));
    return true;
  }

  #takeOperation(from: string, item: Record<string, unknown>): boolean {
    const { number, operation } = item;
    if (typeof number !== "number" || !isOperation(operation)) return false;
    if (from !== this.#leader || this.#leads) return true;
    if (!this.#state.take({ number, operation })) this.#copy();
    return true;
  }

  #operate(operation: Operation): void {
    this.#state.operate(operation, (numbered) => this.#link.post({ t: "op", ...numbered }));
  }

  #deliver(operation: Operation, outcome: Outcome): void {
    if (outcome === null || operation.op === "beat") return;
    this.#handover.push(() => this.#events.outcome(operation.topic, outcome));
  }

  #takeCommand(from: string, { number, command }: Record<string, unknown>): boolean {
    if (typeof number !== "number" || !isCommand(command)) return false;
    if (!this.#leads || !this.#ready.has(from)) return true;
    const answer = this.#leadership.execute(command);
    this.#link.post({ t: "answer", to: from, number, answer });
    return true;
  }

  #takeAnswer(from: string, { number, answer }: Record<string, unknown>): boolean {
    if (typeof number !== "number" || !isAnswer(answer)) return false;
    if (from === this.#leader) this.#pending.settle(number, answer);
    return true;
  }

  #takeLead(from: string, item: Record<string, unknown>): boolean {
    if (!hasShape(item, { applied: "number", lineage: "string" })) return false;
    // The lock is here: whoever says so is mistaken.
    if (this.#leads || this.#isCandidate) return from === this.#leader;
    const isNew = this.#leader !== from;
    if (isNew) this.#copies.cancel();
    this.#leader = from;
    const { applied, lineage, isSynced } = this.#state;
    if (!isSynced || item.applied !== applied || item.lineage !== lineage) this.#copy();
    else this.#events.reachable(true);
    if (isNew) this.#sendAll();
    return true;
  }

  #takeBye(from: string): void {
    this.#link.forget(from);
    this.#ready.delete(from);
    if (from !== this.#leader) return;
    this.#leader = null;
    this.#copies.cancel();
    this.#events.reachable(false);
  }

  #lost(from: string): void {
    if (this.#leads) {
      this.#ready.delete(from);
      this.#link.post({ t: "lost", to: from });
    } else if (from === this.#leader) this.#copy();
  }

  /** Begins to copy what the leader keeps, unless that is under way. */
  #copy(): void {
    if (this.#isCopying) return;
    this.#isCopying = true;
    this.#state.lose();
    this.#copyLeader().catch(report);
  }

  async #copyLeader(): Promise<void> {
    while (this.#leader !== null && this.#follows() && !this.#state.isSynced) {
      const leader = this.#leader;
      this.#state.lose();
      const copy = await this.#copies.fetch(leader).catch(() => null);
      if (copy !== null && leader === this.#leader && this.#follows()) this.#state.restore(copy);
    }
    this.#isCopying = false;
  }

  #follows(): boolean {
    return !this.#closed && !this.#isCandidate;
  }

  #tellSynced(anew: boolean): void {
    this.#events.reachable(true);
    if (anew) this.#handover.push(() => this.#events.interrupted());
  }

  /** Leads from now on, with the most that any of the others has. */
  async #takeOver(): Promise<void> {
    this.#isCandidate = true;
    const voters = this.#link.heard(VOTING).filter((member) => member !== this.#leader);
    if (voters.length > 0 || this.#leader !== null) await this.#adopt(voters);
    if (this.#closed) return;
    // To go on without all of it would give offsets again that subscribers have had.
    if (!this.#isWhole()) this.#state.begin();
    this.#leader = null;
    this.#leads = true;
    this.#tellLead();
    for (const { number, command } of this.#pending) {
      attempt(() => this.#pending.settle(number, this.#leadership.execute(command)));
    }
    this.#events.reachable(true);
  }

  /** Whether everything is here that the leader has done, as far as can be known. */
  #isWhole(): boolean {
    return this.#state.isSynced && (this.#leader === null || !this.#link.misses(this.#leader));
  }

  /** What the one who led did last may still be on its way, here or to another. */
  async #adopt(voters: readonly string[]): Promise<void> {
    this.#link.post({ t: "census" });
    const best = await this.#census.count(voters);
    if (this.#closed || best === null) return;
    if (this.#isWhole() && best.applied <= this.#state.applied) return;
    const copy = await this.#copies.fetch(best.from).catch(() => null);
    if (copy === null || this.#closed) return;
    // What the last leader did is in the copy, or lost.
    this.#leader = null;
    this.#state.lose();
    this.#state.restore(copy);
  }

  #stand(to: string): void {
    this.#link.post({ t: "stand", to, applied: this.#isWhole() ? this.#state.applied : -1 });
  }
}

function closed(): BrokerError {
  return new BrokerError('Cannot reach the topics: the broker "BroadcastChannel" is closed');
}

/** Does something that must not end the process. */
function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    report(error);
    return undefined;
  }
}

function report(error: unknown): void {
  logApplicationError("Exception in the broker of the isolates", error);
}
