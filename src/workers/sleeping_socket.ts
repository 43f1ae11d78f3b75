/** One socket of an object, awake or just woken. */
import {
  HibernatingSocket,
  type NativeSocket,
  type SocketObserver,
} from "../platform/workers/hibernating_socket.ts";
import type { KeptSocket, KeptSockets } from "./kept_sockets.ts";

/** A line of the subprotocol, as far as it is looked at. */
interface Line {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly topic?: unknown;
  readonly token?: unknown;
  readonly presence?: unknown;
  readonly resumed?: unknown;
}

/** What the server says that has to be kept. */
const OF_INTEREST = /^\{"type":"(?:welcome|token|subscribed)"/m;
/** What the client says that has to be kept. */
const ASKED = /"(?:un)?subscribe"/;
/** Where the numbers of repeated requests begin: clients count from 1. */
const FIRST_ID = 9_000_000_000_000_000;

/** Notes what has to be kept of a connection, and takes it up again when the object wakes. */
export class SleepingSocket implements SocketObserver {
  readonly socket: HibernatingSocket;
  readonly #id: string;
  readonly #kept: KeptSockets;
  /** The subscriptions that the client has asked for and that have not begun. */
  readonly #asked = new Map<unknown, { readonly topic: string; readonly presence: boolean }>();
  #revival: Revival | undefined;

  /** @param id What it is called in the database. */
  constructor(native: NativeSocket, id: string, kept: KeptSockets) {
    this.#id = id;
    this.#kept = kept;
    this.socket = new HibernatingSocket(native, this);
  }

  /** A message has come. */
  receive(message: string | ArrayBuffer): void {
    if (typeof message === "string" && ASKED.test(message)) this.#noteRequests(message);
    this.socket.receive(message);
  }

  /** The client has left. */
  end(code: number, reason: string): void {
    this.#kept.delete(this.#id);
    this.socket.end(code, reason);
  }

  #noteRequests(frame: string): void {
    for (const { type, id, topic, presence } of linesOf(frame)) {
      if (typeof topic !== "string") continue;
      if (type === "subscribe") this.#asked.set(id, { topic, presence: presence === true });
      else if (type === "unsubscribe") this.#kept.unsubscribe(this.#id, topic);
    }
  }

  /** Notes what the server says; while the socket is revived the client hears nothing of it. */
  isSent(frame: string): boolean {
    if (this.#revival !== undefined) {
      for (const line of linesOf(frame)) this.#revival.take(line);
      return false;
    }
    if (OF_INTEREST.test(frame)) { for (const line of linesOf(frame)) this.#note(line); }
    return true;
  }

  #note({ type, id, topic, token }: Line): void {
    if (typeof token === "string") this.#kept.setToken(this.#id, token);
    if (type !== "subscribed" || typeof topic !== "string") return;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    const presence = asked?.presence ?? false;
    this.#kept.subscribe(this.#id, { topic, presence, asked: asked !== undefined });
  }

  /**
   * Repeats what the connection has come to, before anything else comes in.
   *
   * @returns Whether it is as it was.
   */
  async revive({ token, subscriptions }: KeptSocket): Promise<boolean> {
    if (token === null) {
      this.socket.open();
      return true;
    }
    const asked = subscriptions.filter((each) => each.asked);
    const expected = subscriptions.filter((each) => !each.asked).map(({ topic }) => topic);
    this.#revival = new Revival(asked.length, expected);
    this.socket.open();
    const requests = asked.map(({ topic, presence }, index) => (
      { type: "subscribe", id: FIRST_ID + index, topic, presence }
    ));
    const lines = [{ type: "hello", token }, ...requests];
    this.socket.receive(lines.map((line) => JSON.stringify(line)).join("\n"));
    const isWhole = await this.#revival.done;
    this.#revival = undefined;
    return isWhole;
  }
}

/** Milliseconds that a revival may take: meanwhile nothing else comes in. */
const LONGEST = 5_000;

/** What the server answers to what is repeated. */
class Revival {
  /** Whether all is as it was. */
  readonly done: Promise<boolean>;
  readonly #settle: (isWhole: boolean) => void;
  /** Subscriptions of the handler's own. */
  readonly #expected: Set<string>;
  #missing: number;

  constructor(requests: number, expected: readonly string[]) {
    this.#missing = requests + 1;
    this.#expected = new Set(expected);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), LONGEST);
    this.#settle = (isWhole) => {
      clearTimeout(timer);
      resolve(isWhole);
    };
    this.done = promise;
  }

  take({ type, id, topic, resumed }: Line): void {
    if (type === "error") return this.#settle(false);
    if (type === "welcome" && resumed !== true) return this.#settle(false);
    if (type === "subscribed" && typeof topic === "string" && id === undefined) {
      this.#expected.delete(topic);
    } else if (type === "welcome" || type === "subscribed") this.#missing--;
    if (this.#missing === 0 && this.#expected.size === 0) this.#settle(true);
  }
}

/** The lines of a frame, of any content. What is no object of JSON is left out. */
function linesOf(frame: string): Line[] {
  return frame.split("\n").map(lineOf).filter((line) => line !== null);
}

function lineOf(text: string): Line | null {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === "object" && line !== null ? line : null;
  } catch {
    return null;
  }
}
