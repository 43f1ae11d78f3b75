/** Puts an application under load, and counts what becomes of it. */
import { checkOptions } from "../checks/option_check.ts";
import { sleep } from "../concurrent/coroutine/sleep.ts";
import { Arrivals, Deliveries } from "./deliveries.ts";
import { type Dialect, PlainDialect, TOPIC_PROTOCOL, TopicDialect } from "./dialect.ts";
import { Latencies, type LatencySummary } from "./latencies.ts";
import { LOAD_OPTIONS, type LoadOptions } from "./load_options.ts";
import { LoadSocket } from "./load_socket.ts";
import { pace, Poster, Sender } from "./publisher.ts";

/**
 * What became of a load.
 *
 * @category WebSockets and event streams
 */
export interface LoadReport {
  /** Whether every socket connected, and every message arrived everywhere, once and in order. */
  readonly ok: boolean;
  /** Sockets that were to receive. */
  readonly sockets: number;
  /** How many of them were ready when publishing began. */
  readonly connected: number;
  /** Messages that were sent. */
  readonly published: number;
  /** How many of these the server did not take. */
  readonly refused: number;
  /** Arrivals that were to be: of what was taken, at every socket. */
  readonly expected: number;
  /** Arrivals that were. */
  readonly delivered: number;
  /** Arrivals that were not. */
  readonly lost: number;
  /** Arrivals of what had arrived before. */
  readonly doubles: number;
  /** Arrivals after a later message. */
  readonly outOfOrder: number;
  /** How often the server said itself that something is lost. */
  readonly lostNotices: number;
  /** How often sockets came back after a loss. */
  readonly reconnects: number;
  /** Milliseconds until sockets were ready. */
  readonly connect: LatencySummary;
  /** Milliseconds from sending to arrival. */
  readonly delivery: LatencySummary;
}

/** Sockets that connect at the same time. */
const CONNECTING = 50;
const LOOK_EVERY = 20;
/** The longest wait for what is missing, however much still arrives. */
const LONGEST_SETTLE = 30_000;

/**
 * Puts an application under load: opens WebSockets, publishes at a rate, and counts what arrives.
 *
 * With a `topic` the sockets speak `gustnado.v1.json`. Without one, the server has to pass on to every
 * socket the text that it gets, in whatever it likes to wrap it, or with `echo` to send it back. Sockets
 * that are lost come back. It takes `seconds` and what connecting takes, and half a minute at most for
 * what is late.
 *
 * @param url A URL, `ws:` or `wss:`.
 * @returns What became of it.
 * @throws {TypeError} If an option is unknown or of the wrong type, or two exclude each other.
 *
 * @example
 * ```ts
 * import { Application, WebSocketHandler } from "@gustnado/gustnado";
 * import { load } from "@gustnado/gustnado/load";
 * import { assert } from "@std/assert";
 *
 * class Room extends WebSocketHandler {
 *   override open() {
 *     this.subscribe("room");
 *   }
 *   override onMessage(message: string | Uint8Array) {
 *     this.application.publish("room", message);
 *   }
 * }
 *
 * await using server = new Application([["/room", Room]]).listen(0, { handleSignals: false });
 * const options = { sockets: 5, rate: 50, seconds: 0.2 };
 * const report = await load(`ws://localhost:${server.port}/room`, options);
 * assert(report.ok);
 * ```
 *
 * @category WebSockets and event streams
 */
export async function load(url: string, options: LoadOptions = {}): Promise<LoadReport> {
  checkOptions(options, LOAD_OPTIONS);
  checkTogether(options);
  const stop = new AbortController();
  try {
    const run = new LoadRun(url, options, stop.signal);
    await run.connect();
    await run.publish();
    await run.settle();
    return run.report();
  } finally {
    stop.abort();
  }
}

function checkTogether({ topic, subprotocol, greeting, message, post, echo }: LoadOptions): void {
  if (topic === undefined && subprotocol === TOPIC_PROTOCOL) {
    throw new TypeError(`Cannot speak ${TOPIC_PROTOCOL} without a topic: give one`);
  }
  if (topic !== undefined && (subprotocol ?? TOPIC_PROTOCOL) !== TOPIC_PROTOCOL) {
    throw new TypeError(`Cannot follow a topic in another subprotocol than ${TOPIC_PROTOCOL}`);
  }
  if (topic !== undefined && (greeting !== undefined || message !== undefined && !post)) {
    throw new TypeError("Cannot use a greeting or a message with a topic: it has its own language");
  }
  if (echo && (topic !== undefined || post !== undefined)) {
    throw new TypeError("Cannot use echo with a topic or a POST: these go to every socket");
  }
}

class LoadRun {
  readonly #options: LoadOptions;
  readonly #deliveries = new Deliveries();
  readonly #connects = new Latencies();
  readonly #receivers: LoadSocket[];
  readonly #arrivals: Arrivals[];
  /** Who sends; in turns, if there are several. */
  readonly #senders: Sender[] = [];
  readonly #publisher: LoadSocket | undefined;
  readonly #poster: Poster | undefined;
  #lostNotices = 0;
  #connected = 0;

  constructor(url: string, options: LoadOptions, signal: AbortSignal) {
    this.#options = options;
    const { sockets = 100, headers = {}, connectTimeout = 20_000, post, echo = false } = options;
    const place = { url, headers, connectTimeout, signal, connects: this.#connects };
    const mark = `load${crypto.randomUUID().replaceAll("-", "")}`;
    this.#arrivals = Array.from({ length: sockets }, () => new Arrivals(this.#deliveries));
    this.#receivers = this.#arrivals.map((arrivals, index) => {
      const sender = () => this.#senders[echo ? index : 0];
      return new LoadSocket(place, this.#dialect(true), {
        heard: (text) => hear(text, sender(), arrivals),
        answered: (number) => void sender()?.refused.add(number),
        lost: () => this.#lostNotices++,
      });
    });
    if (echo) {
      this.#senders = this.#receivers.map((socket, index) =>
        new Sender(`${mark}x${index}`, (number, text) => socket.publish(number, text))
      );
      return;
    }
    const answered = (number: number, taken: boolean) => {
      if (!taken) this.#senders[0]?.refused.add(number);
    };
    if (post === undefined) {
      const hooks = { heard: () => {}, lost: () => {}, answered };
      const publisher = this.#publisher = new LoadSocket(place, this.#dialect(false), hooks);
      this.#senders = [new Sender(mark, (number, text) => publisher.publish(number, text))];
    } else {
      const template = options.message ?? '"$"';
      const poster = this.#poster = new Poster({ url: post, headers, template }, answered);
      this.#senders = [new Sender(mark, (number, text) => poster.publish(number, text))];
    }
  }

  #dialect(follows: boolean): Dialect {
    const { topic, subprotocol, greeting, message = "$" } = this.#options;
    if (topic !== undefined) return new TopicDialect(topic, follows);
    return new PlainDialect(subprotocol === undefined ? [] : [subprotocol], greeting, message);
  }

  /** Opens the sockets, some at a time. */
  async connect(): Promise<void> {
    const waiting = [...this.#receivers, ...this.#publisher === undefined ? [] : [this.#publisher]];
    const lane = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await next.start();
      }
    };
    await Promise.all(Array.from({ length: CONNECTING }, lane));
    this.#connected = this.#receivers.filter((socket) => socket.isReady).length;
  }

  async publish(): Promise<void> {
    if (this.#connected === 0 || this.#publisher?.isReady === false) return;
    const { rate = 10, seconds = 10 } = this.#options;
    let turn = 0;
    await pace(rate, seconds, () => this.#senders[turn++ % this.#senders.length]?.send());
    await this.#poster?.done;
  }

  /** Waits for what is late, as long as something arrives. */
  async settle(): Promise<void> {
    const { settle = 2_000 } = this.#options;
    const end = performance.now() + LONGEST_SETTLE;
    let { delivered } = this.#deliveries;
    let since = performance.now();
    while (this.#lost() > 0 && performance.now() < Math.min(end, since + settle)) {
      await sleep(LOOK_EVERY);
      if (delivered === this.#deliveries.delivered) continue;
      delivered = this.#deliveries.delivered;
      since = performance.now();
    }
  }

  report(): LoadReport {
    const { delivered, doubles, outOfOrder, latencies } = this.#deliveries;
    const [connected, lost] = [this.#connected, this.#lost()];
    const sockets = this.#receivers.length;
    const published = this.#senders.reduce((sum, { last }) => sum + last, 0);
    const refused = this.#senders.reduce((sum, sender) => sum + sender.refused.size, 0);
    const reconnects = [
      ...this.#receivers,
      ...this.#publisher === undefined ? [] : [this.#publisher],
    ]
      .reduce((sum, socket) => sum + socket.reconnects, 0);
    const flaws = lost + doubles + outOfOrder + refused + (sockets - connected);
    return {
      ok: flaws === 0 && published > 0,
      ...{ sockets, connected, published, refused, expected: delivered + lost, delivered, lost },
      ...{ doubles, outOfOrder, lostNotices: this.#lostNotices, reconnects },
      connect: this.#connects.summary(),
      delivery: latencies.summary(),
    };
  }

  /** What has not arrived, at those that were ready. */
  #lost(): number {
    return this.#arrivals.reduce((sum, arrivals, index) => {
      const sender = this.#senders[this.#options.echo ? index : 0];
      if (sender === undefined || !this.#receivers[index]?.isReady) return sum;
      return sum + arrivals.missing(sender.last, sender.refused);
    }, 0);
  }
}

/** Finds a message of the load in a text; there may be several in one. */
function hear(text: string, sender: Sender | undefined, arrivals: Arrivals): void {
  if (sender === undefined) return;
  const begin = `${sender.mark}.`;
  for (let at = text.indexOf(begin); at !== -1; at = text.indexOf(begin, at + begin.length)) {
    const digits = at + begin.length;
    const number = Number(text.slice(digits, text.indexOf(".", digits)));
    const age = sender.ageOf(number);
    if (age !== undefined) arrivals.add(number, age);
  }
}
