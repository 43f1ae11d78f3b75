/**
 * A server of topics that says what a test tells it to say, in the subprotocol `gustnado.v1.json`.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import type { Route } from "../../src/web/routing/routing.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { poll } from "./poll.ts";
import { serve, type ServedApplication } from "./serve.ts";

/** A line of either side, as it was parsed. */
export type Line = Readonly<Record<string, unknown>>;

/** The server; its URL is `url`. */
export class ScriptedTopics implements AsyncDisposable {
  /** The connections that there have been, the newest last. */
  readonly connections: ScriptedConnection[] = [];
  readonly #server: ServedApplication;

  /** @param routes What else it serves. */
  constructor(routes: readonly Route[] = []) {
    const { connections } = this;
    class Topics extends WebSocketHandler {
      readonly #connection = new ScriptedConnection(this);
      override selectSubprotocol(offered: string[]): string | null {
        return offered.includes("gustnado.v1.json") ? "gustnado.v1.json" : null;
      }
      override checkOrigin(): boolean {
        return true;
      }
      override open(): void {
        connections.push(this.#connection);
      }
      override onMessage(message: string | Uint8Array): void {
        this.#connection.take(String(message));
      }
      override onClose(): void {
        this.#connection.closedWith = this.closeCode;
      }
    }
    this.#server = serve(new Application([["/topics", Topics], ...routes]));
  }

  /** The beginning of its URLs. */
  get origin(): string {
    return this.#server.origin;
  }

  /** Where its topics are. */
  get url(): string {
    return `${this.origin}/topics`;
  }

  /** Waits for a connection, the first unless told which. */
  async connection(number = 1): Promise<ScriptedConnection> {
    assert(await poll(() => this.connections.length >= number), `no connection ${number}`);
    const connection = this.connections[number - 1];
    if (connection === undefined) throw new Error(`There is no connection ${number}`);
    return connection;
  }

  /** Waits for a connection, and welcomes it. */
  async welcome(number = 1, welcome: Line = {}): Promise<ScriptedConnection> {
    const connection = await this.connection(number);
    await connection.expect("hello");
    connection.welcome(welcome);
    return connection;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

/** One connection of a client. */
export class ScriptedConnection {
  /** What the client sent and nobody has expected yet. */
  readonly lines: Line[] = [];
  /** How many lines each frame had. */
  readonly frames: number[] = [];
  /** The code that the client closed with. */
  closedWith: number | null | undefined;
  readonly #handler: WebSocketHandler;

  constructor(handler: WebSocketHandler) {
    this.#handler = handler;
  }

  /** Takes a frame apart. */
  take(frame: string): void {
    const lines = frame.split("\n");
    this.frames.push(lines.length);
    this.lines.push(...lines.map((line) => JSON.parse(line)));
  }

  /** The next line, which has to be of a type and may have to have certain members. */
  async expect(type: string, members: Line = {}): Promise<Line & { readonly id: number }> {
    assert(await poll(() => this.lines.length > 0), `no line came, expected ${type}`);
    const line = this.lines.shift() ?? {};
    const shown = Object.fromEntries(Object.keys(members).map((name) => [name, line[name]]));
    assertEquals({ type: line.type, ...shown }, { type, ...members });
    return { ...line, id: Number(line.id) };
  }

  /** Sends lines in one frame. */
  send(...lines: readonly Line[]): void {
    this.sendText(lines.map((line) => JSON.stringify(line)).join("\n"));
  }

  /** Sends a frame of any content. */
  sendText(frame: string | Uint8Array): void {
    this.#handler.writeMessage(frame);
  }

  /** Answers the greeting. */
  welcome(welcome: Line = {}): void {
    const usual = { session: "s", token: "t1", resumed: false, pingInterval: 25_000 };
    this.send({ type: "welcome", ...usual, ...welcome });
  }

  /** Closes it. */
  close(code: number, reason = ""): void {
    this.#handler.close(code, reason);
  }
}

/** What a target tells, from now on: the event and what is in it. */
export function heard(target: EventTarget, ...types: readonly string[]): unknown[][] {
  const events: unknown[][] = [];
  for (const type of types) {
    target.addEventListener(type, (event) => events.push([type, ...contentOf(event)]));
  }
  return events;
}

function contentOf(event: Event): unknown[] {
  if (event instanceof MessageEvent) {
    return event.lastEventId === "" ? [event.data] : [event.data, event.lastEventId];
  }
  return event instanceof CustomEvent && event.detail !== undefined ? [event.detail] : [];
}
