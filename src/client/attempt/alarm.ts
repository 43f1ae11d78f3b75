/** The deadlines of all requests of a client, watched by one timer. */
import { LinkedList, type LinkedListNode } from "../../concurrent/collections/linked_list.ts";
import { LONGEST_DELAY, startBackgroundTimer } from "../../platform/timer.ts";

/** What has to end in time. */
export interface Alarm {
  /** When, on the clock of `performance.now()`. */
  readonly at: number;
  /** It has not. */
  ring(): void;
}

/** A started alarm: the handle by which it is stopped. */
export type AlarmHandle = LinkedListNode<Alarm>;

/**
 * Rings alarms that were not stopped in time.
 *
 * Starting and stopping a timer costs a fifth of a whole fetch, so there is one for all, and it is
 * not stopped when an alarm is: it finds out when it fires. It does not keep a process alive.
 */
export class AlarmClock {
  readonly #alarms = new LinkedList<Alarm>();
  #cancel: (() => void) | null = null;
  #firesAt = Infinity;
  #isClosed = false;
  /** One timer for each, where the runtime cannot share one. */
  #timers: Map<AlarmHandle, ReturnType<typeof setTimeout>> | null;

  /** @param options `shared` is false where nothing but the alarms keeps the process alive. */
  constructor({ shared }: { readonly shared: boolean }) {
    this.#timers = shared ? null : new Map();
  }

  /** Starts an alarm, to be stopped or to ring. */
  start(alarm: Alarm): AlarmHandle {
    if (this.#timers === null && alarm.at < this.#firesAt && !this.#schedule(alarm.at)) {
      this.#timers = new Map();
    }
    const handle = this.#alarms.push(alarm);
    if (this.#timers !== null) this.#await(handle, this.#timers);
    return handle;
  }

  /** Stops an alarm, if it still runs. */
  stop(handle: AlarmHandle): void {
    this.#alarms.remove(handle);
    if (this.#isClosed) this.#rest();
    if (this.#timers === null) return;
    clearTimeout(this.#timers.get(handle));
    this.#timers.delete(handle);
  }

  /** Stops the shared timer as soon as no alarm needs it. */
  close(): void {
    this.#isClosed = true;
    this.#rest();
  }

  /** A timer of its own; one that cannot count so far is started again. */
  #await(handle: AlarmHandle, timers: Map<AlarmHandle, ReturnType<typeof setTimeout>>): void {
    const delay = delayTo(handle.value.at);
    const end = () => delay < LONGEST_DELAY ? this.#ring(handle) : this.#await(handle, timers);
    timers.set(handle, setTimeout(end, delay));
  }

  #rest(): void {
    if (this.#alarms.size > 0) return;
    this.#cancel?.();
    this.#cancel = null;
    this.#firesAt = Infinity;
  }

  #schedule(at: number): boolean {
    this.#cancel?.();
    this.#cancel = startBackgroundTimer(() => this.#fire(), delayTo(at));
    this.#firesAt = this.#cancel === null ? Infinity : at;
    return this.#cancel !== null;
  }

  #fire(): void {
    this.#cancel = null;
    this.#firesAt = Infinity;
    const now = performance.now();
    let earliest = Infinity;
    const due: AlarmHandle[] = [];
    for (let handle = this.#alarms.first; handle !== undefined; handle = handle.next) {
      if (handle.value.at <= now) due.push(handle);
      else earliest = Math.min(earliest, handle.value.at);
    }
    // Before any rings: what that leads to may start and stop others.
    if (earliest < this.#firesAt) this.#schedule(earliest);
    for (const handle of due) this.#ring(handle);
  }

  #ring(handle: AlarmHandle): void {
    if (handle.list === undefined) return;
    this.stop(handle);
    handle.value.ring();
  }
}

function delayTo(at: number): number {
  return Math.min(Math.max(0, Math.ceil(at - performance.now())), LONGEST_DELAY);
}
