import { AgedMap } from "../../concurrent/collections/aged_map.ts";
import { logApplicationError } from "../../log.ts";
import { InboundStream } from "./inbound_stream.ts";
import { SentBatches } from "./sent_batches.ts";

/** What comes of the others. */
export interface LinkEvents {
  /** Something that another member posted. Returns whether it is understood. */
  item(from: string, item: unknown): boolean;
  /** Something of a member's is lost for good; what comes of it now is later. */
  lost(from: string): void;
}

/** What a message of the link begins with: others of the channel are none of ours. */
const MARK = "gustnado 1";
/** What is posted in one turn goes as one message, up to this. */
const MOST_ITEMS = 1_000;
const MOST_CHARACTERS = 256 * 1024;
/** Members that are remembered. Anybody can post to the channel under any number of names. */
const MOST_MEMBERS = 256;
/** Milliseconds after the last message in which each tick tells how far it was. */
const LIVELY = 2_000;
/** Milliseconds between the signs of life of a member that has nothing to say. */
const IDLE = 2_000;

/** A member, as this one sees it. */
interface Peer {
  readonly stream: InboundStream;
  readonly heardAt: number;
}

/**
 * Carries items to the other members on a `BroadcastChannel`: each gets those of another member in order,
 * once, and none left out without {@linkcode LinkEvents.lost}.
 *
 * The channel alone does not. On Deno all isolates of a process share one ring of 256 messages, and one
 * that is busy for longer misses the oldest without a word. So messages are numbered, the last ones kept,
 * and asked for again; what a turn of the loop posts is one message.
 */
export class BroadcastLink {
  readonly #name: string;
  readonly #self: string;
  readonly #events: LinkEvents;
  readonly #peers: AgedMap<string, Peer> = new AgedMap();
  readonly #sent = new SentBatches();
  #channel: BroadcastChannel;
  #items: string[] = [];
  #size = 0;
  #sentAt = -Infinity;
  #toldAt = -Infinity;
  #ignored = 0;
  #closed = false;

  /**
   * @param name The channel's.
   * @param self The name of this member, which no other has.
   */
  constructor(name: string, self: string, events: LinkEvents) {
    this.#name = name;
    this.#self = self;
    this.#events = events;
    this.#channel = this.#open();
  }

  /** Messages that were none of ours, or not understood. */
  get ignored(): number {
    return this.#ignored;
  }

  /**
   * Posts an item to all other members.
   *
   * @param item What can be JSON.
   */
  post(item: object): void {
    if (this.#closed) return;
    const text = JSON.stringify(item);
    this.#items.push(text);
    this.#size += text.length;
    if (this.#items.length >= MOST_ITEMS || this.#size >= MOST_CHARACTERS) this.flush();
    else if (this.#items.length === 1) queueMicrotask(() => this.flush());
  }

  /** Sends what was posted in this turn. */
  flush(): void {
    if (this.#items.length === 0 || this.#closed) return;
    // Text: a runtime takes longer to clone objects, and longest for bytes.
    const batch = `[${this.#items.join(",")}]`;
    this.#items = [];
    this.#size = 0;
    this.#sentAt = performance.now();
    this.#send("batch", this.#sent.add(batch, this.#sentAt), batch);
  }

  /** Tells how far it has got, and asks for what is missing: is to be called a few times a second. */
  tick(): void {
    const now = performance.now();
    this.#sent.sweep(now);
    if (now - this.#sentAt < LIVELY || now - this.#toldAt >= IDLE) {
      this.#toldAt = now;
      this.#send("reach", this.#sent.last);
    }
    for (const from of this.heard(Infinity)) this.#ask(from);
  }

  /** The members that were heard of within so many milliseconds. */
  heard(ms: number): string[] {
    const since = performance.now() - ms;
    return this.#peers.entries().filter(({ value }) => value.heardAt >= since).map(({ key }) =>
      key
    );
  }

  /** Whether something of a member's is missing that may still come. */
  misses(member: string): boolean {
    return (this.#peers.get(member)?.stream.missing ?? null) !== null;
  }

  /** Forgets a member that is gone. */
  forget(member: string): void {
    this.#peers.delete(member);
  }

  /** Sends what was posted, and closes the channel. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    closeChannel(this.#channel);
  }

  #open(): BroadcastChannel {
    const channel = new BroadcastChannel(this.#name);
    channel.onmessage = ({ data }) => this.#receive(data);
    channel.onmessageerror = () => void this.#ignored++;
    return channel;
  }

  #send(kind: string, ...rest: unknown[]): void {
    if (this.#closed) return;
    const message = [MARK, this.#self, kind, ...rest];
    try {
      this.#channel.postMessage(message);
    } catch {
      this.#reopen(message);
    }
  }

  /**
   * On Deno a channel that is opened in the turn in which the last other one was closed is deaf and dumb
   * from the next turn on. What it missed is asked for.
   */
  #reopen(message: unknown): void {
    const dumb = this.#channel;
    try {
      this.#channel = this.#open();
      this.#channel.postMessage(message);
    } catch (error) {
      logApplicationError("Exception in a message to the other isolates", error);
    }
    closeChannel(dumb);
  }

  #receive(data: unknown): void {
    if (this.#closed || this.#isOwn(data)) return;
    if (!this.#take(data)) this.#ignored++;
  }

  /** Two members in one isolate: its channel hands over what the other object of it posts. */
  #isOwn(data: unknown): boolean {
    return Array.isArray(data) && data[0] === MARK && data[1] === this.#self;
  }

  #take(data: unknown): boolean {
    if (!Array.isArray(data)) return false;
    const [mark, from, kind, first, second, third]: unknown[] = data;
    if (mark !== MARK || typeof from !== "string") return false;
    if (kind === "want" || kind === "again" || kind === "gone") {
      return typeof first === "string" && isNumber(second) &&
        (first !== this.#self || this.#takeOwn(from, kind, second, third));
    }
    if (!isNumber(first)) return false;
    if (kind === "reach") this.#reach(from, first);
    else if (kind === "batch" && typeof second === "string") this.#takeBatch(from, first, second);
    else return false;
    return true;
  }

  /** What is for this member alone. */
  #takeOwn(from: string, kind: string, number: number, batches: unknown): boolean {
    if (kind === "want") this.#sendAgain(from, number);
    else if (kind === "gone") this.#takeGone(from, number);
    else if (Array.isArray(batches) && batches.every((batch) => typeof batch === "string")) {
      batches.forEach((batch, index) => this.#takeBatch(from, number + index, batch));
      this.#ask(from);
    } else return false;
    return true;
  }

  #sendAgain(to: string, number: number): void {
    const batches = this.#sent.from(number);
    if (batches.length > 0) this.#send("again", to, number, batches);
    else if (number <= this.#sent.last) this.#send("gone", to, this.#sent.first);
  }

  #takeGone(from: string, number: number): void {
    const stream = this.#streamOf(from, number);
    const before = stream.missing;
    const batches = stream.skip(number);
    if (before !== null && before < number) this.#events.lost(from);
    this.#handOver(from, batches);
  }

  #reach(from: string, number: number): void {
    this.#streamOf(from, number + 1).reach(number);
    this.#ask(from);
  }

  #takeBatch(from: string, number: number, batch: string): void {
    const stream = this.#streamOf(from, number);
    const missed = stream.missing;
    this.#handOver(from, stream.receive(number, batch));
    // Asked for once where the gap begins; the ticks ask again.
    if (missed === null && stream.missing !== null) this.#ask(from);
  }

  #handOver(from: string, batches: readonly string[]): void {
    for (const batch of batches) {
      const items = parseList(batch);
      if (items === null) this.#ignored++;
      for (const item of items ?? []) {
        if (this.#closed) return;
        if (!this.#events.item(from, item)) this.#ignored++;
      }
    }
  }

  #ask(from: string): void {
    const missing = this.#peers.get(from)?.stream.missing ?? null;
    if (missing !== null) this.#send("want", from, missing);
  }

  /** Of one that is new here, what it sent before is not asked for. */
  #streamOf(from: string, next: number): InboundStream {
    const stream = this.#peers.get(from)?.stream ?? new InboundStream(next);
    this.#peers.set(from, { stream, heardAt: performance.now() });
    const { oldest } = this.#peers;
    if (oldest !== undefined && this.#peers.size > MOST_MEMBERS) this.#peers.delete(oldest.key);
    return stream;
  }
}

function closeChannel(channel: BroadcastChannel): void {
  channel.onmessage = null;
  channel.onmessageerror = null;
  try {
    channel.close();
  } catch {
    // It is deaf and dumb: there is nothing to close.
  }
}

function parseList(text: string): readonly unknown[] | null {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : null;
  } catch {
    return null;
  }
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
